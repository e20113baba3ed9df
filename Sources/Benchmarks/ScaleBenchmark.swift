import Foundation
import Host
import Primitives
import Reasoning
import Reinforcement
import RunStore
import Scheduling
import WeightTransfer
import Wire
import ZeroMQ

/// A coordinator with many workers in virtual time: its state machine, ledger, wire coding and database are the real ones,
/// the workers' computing and the network are simulated.
///
/// The coordinator's work is measured in processor time of this process; the workers' work is not counted.
package struct ScaleBenchmark {
    package struct Plan {
        package var workers = 1000
        /// Problems and samples of an assignment; a worker has one at a time.
        package var problems = 2
        package var samples = 5
        /// Results a second of all workers together.
        package var resultsPerSecond = 1000.0
        package var results = 20_000
        /// Mean tokens of a trace.
        package var tokens = 64
        /// Seconds between a worker's pings.
        package var ping = 1.0

        package init() {}
    }

    /// Processor seconds of the coordinator by kind of work.
    enum Part: String, CaseIterable {
        case decoding, deciding, encoding, recording
    }

    let plan: Plan
    private let database: RunDatabase
    private let folder: URL
    private var state: SchedulerState
    private var fleet: SimulatedFleet
    private var spent: [Part: Double] = [:]
    /// Seconds that reading the clock takes.
    private let clockCost = ProcessorTime.cost
    private var now = Duration.zero
    private var step = 0
    private var results = 0
    private var messages = 0
    private var isOpen = false
    private var waits: [String: Int] = [:]
    private var longestWait = Duration.zero

    package init(_ plan: Plan) throws {
        self.plan = plan
        folder = FileManager.default.temporaryDirectory.appending(path: "ponder-scale-\(UUID().uuidString)")
        database = try RunDatabase.open(RunDirectory.prepare(at: folder))
        fleet = SimulatedFleet(plan)
        let digest = String(repeating: "0", count: 64)
        var configuration = SchedulerState.Configuration(
            stamp: SimulatedFleet.stamp,
            digests: Digests(model: digest, tokenizer: digest, configuration: digest),
            documents: RunDocuments(model: [], tokenizer: [], configuration: []), weights: .port(5556),
            vocabulary: SimulatedFleet.vocabulary, endTokens: [SimulatedFleet.endToken],
            lengthLimits: [.training: 2 * plan.tokens + 1])
        configuration.timing = WorkerTiming(
            ping: .seconds(plan.ping), silence: .seconds(8 * plan.ping), gone: .seconds(300),
            grace: .seconds(10))
        configuration.silence = .seconds(8 * plan.ping)
        configuration.workerLimit = plan.workers
        state = SchedulerState(configuration, now: .zero)
    }

    /// Runs until the requested number of results is used.
    ///
    /// - Throws: `ScaleFailure` when the state contradicts itself, has no named wait, or makes no progress.
    package mutating func run() throws -> ScaleReport {
        defer {
            try? database.close()
            try? FileManager.default.removeItem(at: folder)
        }
        try tell(.published(PolicyVersion(0)))
        var (nextTick, nextRecord) = (Duration.zero, Duration.zero)
        // All workers join first; joining is not counted.
        while results < plan.results {
            if !isOpen, fleet.isComplete {
                spent = [:]
                messages = 0
                try openRound()
            }
            if let arrival = fleet.next(before: nextTick) {
                now = arrival.time
                try receive(arrival)
            } else {
                now = nextTick
                nextTick += .milliseconds(100)
                try tell(.tick)
                try watchTheWait()
                if now >= nextRecord {
                    let start = ProcessorTime.now
                    let report = state.report(now: now)
                    nextRecord = now + report.pause
                    try database.record(.report, report, time: 0)
                    try database.record(report.workers, time: 0)
                    spend(.recording, since: start)
                }
            }
            guard now < .seconds(86_400) else { throw ScaleFailure("no progress in a simulated day: \(state.waiting.wait)") }
        }
        if let flaw = state.inconsistency { throw ScaleFailure(flaw) }
        return report
    }

    private mutating func openRound() throws {
        isOpen = true
        let round = RoundID(step: step, purpose: .training)
        let assignments = (0..<2 * plan.workers).map { index in
            Assignment(
                id: AssignmentID(round: round, index: index),
                problems: (0..<plan.problems).map { place in
                    let number = index * plan.problems + place
                    return AssignedProblem(
                        index: number,
                        problem: Problem(
                            id: "sums/\(number)", question: "\(number)+\(step)=?",
                            expected: "\(number + step)", difficulty: 2))
                }, samples: plan.samples, seed: 7)
        }
        try tell(.open(assignments))
    }

    private mutating func receive(_ arrival: SimulatedFleet.Arrival) throws {
        messages += 1
        let start = ProcessorTime.now
        let envelope = try MessageCoder.decodeWorkerMessage(arrival.frames)
        spend(.decoding, since: start)
        try tell(.received(envelope, from: arrival.peer))
    }

    private mutating func tell(_ event: SchedulerState.Event) throws {
        let start = ProcessorTime.now
        let actions = state.handle(event, now: now)
        spend(.deciding, since: start)
        for action in actions {
            switch action {
            case .send(let envelope, let peer):
                let start = ProcessorTime.now
                let frames = try MessageCoder.encode(envelope)
                spend(.encoding, since: start)
                try fleet.deliver(frames, to: peer, now: now)
            case .examine(let result, let assignment, let worker, _):
                // Scoring and audits are the examiner's, on a thread of its own; the verifier benchmark measures their cost.
                results += 1
                let groups = SimulatedFleet.groups(result, assignment, by: worker)
                try tell(.examined(result.attempt, .accepted(groups)))
            case .complete(_, let groups): try learn(groups)
            case .fail(let failure): throw ScaleFailure("\(failure)")
            case .answerStatus, .cancel, .record, .over: break
            }
        }
    }

    /// Records a step as a run does, publishes the next policy and opens the next round.
    private mutating func learn(_ groups: [TraceGroup]) throws {
        step += 1
        var metrics = StepMetrics(step: step, incarnation: 1, time: 0)
        metrics.elapsed = now.seconds
        metrics.groups = groups.count
        metrics.traces = groups.count * plan.samples
        let start = ProcessorTime.now
        try database.record(metrics, groups: groups, traceLimit: 256)
        spend(.recording, since: start)
        try tell(.published(PolicyVersion(step)))
        try openRound()
    }

    private mutating func watchTheWait() throws {
        let waiting = state.waiting
        if isOpen, waiting.wait == .nothing { throw ScaleFailure("a wait has no name at \(now.seconds) s") }
        longestWait = max(longestWait, now - waiting.since)
        let words = waiting.wait.description.split(separator: " ").filter { $0.allSatisfy(\.isLetter) }
        waits[words.prefix(3).joined(separator: " "), default: 0] += 1
    }

    private mutating func spend(_ part: Part, since start: Double) {
        spent[part, default: 0] += ProcessorTime.now - start - clockCost
    }

    private var report: ScaleReport {
        let total = spent.values.reduce(0, +)
        let perThousand = 1000 / Double(results)
        return ScaleReport(
            workers: plan.workers, tracesInFlight: plan.workers * plan.problems * plan.samples,
            results: results, messages: messages, virtualSeconds: now.seconds,
            resultsPerSecond: plan.resultsPerSecond, cpuSecondsPer1000Results: total * perThousand,
            cpuSecondsPer1000ResultsByPart: Dictionary(
                uniqueKeysWithValues: Part.allCases.map { ($0.rawValue, spent[$0, default: 0] * perThousand) }
            ),
            shareOfACore: total / Double(results) * plan.resultsPerSecond,
            statusBytes: (try? JSONEncoder().encode(state.report(now: now)).count) ?? 0,
            peakMemoryBytes: PeakMemory.bytes(), waits: waits, longestWaitSeconds: longestWait.seconds)
    }
}

struct ScaleFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

extension ProcessorTime {
    /// Seconds between two consecutive readings of the clock.
    fileprivate static var cost: Double {
        let looks = 20_000
        let start = now
        for _ in 0..<looks { _ = now }
        return (now - start) / Double(looks)
    }
}

/// The object that `ponder benchmark scale` prints.
package struct ScaleReport: Sendable, Encodable {
    package let workers: Int
    package let tracesInFlight: Int
    package let results: Int
    /// Messages that the coordinator received.
    package let messages: Int
    package let virtualSeconds: Double
    package let resultsPerSecond: Double
    package let cpuSecondsPer1000Results: Double
    package let cpuSecondsPer1000ResultsByPart: [String: Double]
    /// Share of a core, 0 to 1, that the coordinator uses at `resultsPerSecond`.
    package let shareOfACore: Double
    /// Bytes of the answer to `ponder status --json`.
    package let statusBytes: Int
    /// Peak memory in bytes of the whole process, simulated workers included.
    package let peakMemoryBytes: Int
    /// Kinds of waits, counted by samples 0.1 s apart.
    package let waits: [String: Int]
    package let longestWaitSeconds: Double
}
