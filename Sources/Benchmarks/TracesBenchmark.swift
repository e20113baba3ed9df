import Foundation
import Host
import Primitives
import Reasoning
import Reinforcement
package import RunStore
import Settings

/// A run's records with many traces: how fast they are written, how large they are, and how fast filters find some of them.
package struct TracesBenchmark {
    package struct Plan {
        package var traces = 100_000
        /// Traces of a step, in groups of 8.
        package var perStep = 256
        /// Terms of the longest thought; a term has about 10 characters.
        package var terms = 24
        /// Traces of a step whose tokens are kept.
        package var tokens = 8
        package var search = true
        /// Times that each filter is asked.
        package var repeats = 3

        package init() {}
    }

    private let plan: Plan
    private let run: RunDirectory
    private var random = SplitMix64(state: 7)
    /// Characters of all responses.
    private var characters = 0

    /// - Parameter folder: an empty folder that is made a run's.
    package init(_ plan: Plan, at folder: URL) throws {
        self.plan = plan
        run = try RunDirectory.prepare(at: folder)
        try run.start(RunConfiguration(), identity: RunIdentity(created: Date()))
    }

    package mutating func measure() throws -> TracesReport {
        let steps = max(1, plan.traces / plan.perStep)
        let database = try RunDatabase.open(run, search: plan.search)
        var recording = 0.0
        for step in 1...steps {
            let groups = (0..<plan.perStep / 8).map { group(step: step, problem: $0) }
            let metrics = StepMetrics(step: step, incarnation: 1, time: Double(step))
            let start = ProcessorTime.now
            try database.record(metrics, groups: groups, traceLimit: .max, tokenLimit: plan.tokens)
            recording += ProcessorTime.now - start
        }
        let sizes = try database.sizes()
        try database.close()
        let traces = Double(steps * plan.perStep)
        let tokenBytes = Double(sizes.tokens)
        let indexBytes = Double(sizes.textIndex)
        return TracesReport(
            traces: Int(traces), steps: steps, charactersPerTrace: Double(characters) / traces,
            recordingMicrosecondsPerTrace: 1e6 * recording / traces,
            bytesPerTrace: Double(sizes.file) / traces, bytesPerStep: Double(sizes.file) / Double(steps),
            textIndexBytesPerTrace: indexBytes / traces, tokenBytesPerTrace: tokenBytes / traces,
            otherBytesPerTrace: (Double(sizes.file) - Double(characters) - indexBytes - tokenBytes) / traces,
            filters: try filters(steps))
    }

    /// A problem comes again about every twenty steps; answers get better, thoughts longer.
    private mutating func group(step: Int, problem: Int) -> TraceGroup {
        let number = Int(random.next() % 5000)
        let asked = Problem(
            id: "sums/\(number)", question: "\(number)+\(step)=?", expected: "\(number + step)", difficulty: 2
        )
        let round = RoundID(step: step - 1, purpose: .training)
        let traces = (0..<8).map { sample in
            let response = response()
            characters += response.utf8.count
            let length = max(1, response.utf8.count / 2)
            let isRight = random.next() % 2 == 0
            return ScoredTrace(
                trace: Trace(
                    id: SampleID(round: round, problem: problem, sample: sample),
                    tokens: (0..<length).map { Int32($0 * 37 % 50_000) },
                    logProbabilities: Array(repeating: -0.5, count: length), version: round.version,
                    finish: .end),
                response: response, form: nil, thought: nil,
                reward: Reward(
                    format: 0.2, accuracy: isRight ? 1 : 0, verdict: isRight ? .correct : .wrong))
        }
        return TraceGroup(
            problem: AssignedProblem(index: problem, problem: asked), prompt: [], traces: traces,
            worker: "worker-\(problem % 4 + 1)")
    }

    private static let words = [
        "so", "then", "wait", "no", "first", "the", "sum", "is", "check", "again", "carry", "because",
    ]

    private mutating func response() -> String {
        let terms = 1 + Int(random.next() % UInt64(plan.terms))
        let parts = (0..<terms).map { _ -> String in
            let (left, right) = (Int(random.next() % 99), Int(random.next() % 9))
            let word = Self.words[Int(random.next() % UInt64(Self.words.count))]
            return random.next() % 2 == 0 ? "\(left)*\(right)=\(left * right)" : word
        }
        return "<think>\(parts.joined(separator: " "))</think>\(random.next() % 999)"
    }

    private func filters(_ steps: Int) throws -> [TracesReport.Filter] {
        let kinds: [(String, (inout TraceFilter) -> Void)] = [
            ("newest", { _ in }), ("oldest", { $0.order = .oldest }),
            ("best", { $0.order = .best }), ("worst", { $0.order = .worst }),
            ("longest", { $0.order = .longest }),
            ("one step", { $0.versions = steps / 2...steps / 2 }),
            (
                "steps, wrong, longest",
                {
                    $0.versions = steps / 4...steps / 2; $0.verdict = .wrong; $0.order = .longest
                }
            ),
            ("no such verdict", { $0.verdict = .undecided }),
            (
                "no such verdict, best",
                {
                    $0.verdict = .undecided; $0.order = .best
                }
            ),
            ("no such reward", { $0.rewards = 5...6 }), ("no such length", { $0.tokens = 100_000...200_000 }),
            ("problem", { $0.problemID = "sums/77" }),
            (
                "problem, wrong, longest",
                {
                    $0.problemID = "sums/77"; $0.verdict = .wrong; $0.order = .longest
                }
            ),
            ("worker", { $0.worker = "worker-2" }),
            (
                "worker, longest",
                {
                    $0.worker = "worker-2"; $0.order = .longest
                }
            ),
            (
                "worker, worst",
                {
                    $0.worker = "worker-2"; $0.order = .worst
                }
            ),
            (
                "no such worker, best",
                {
                    $0.worker = "nobody"; $0.order = .best
                }
            ),
            ("tokens kept", { $0.hasTokens = true }),
            (
                "tokens kept, best",
                {
                    $0.hasTokens = true; $0.order = .best
                }
            ),
            ("word", { $0.containing = "wait" }), ("words", { $0.containing = "wait no" }),
            (
                "word, wrong",
                {
                    $0.containing = "wait"; $0.verdict = .wrong
                }
            ),
            (
                "word, longest",
                {
                    $0.containing = "wait"; $0.order = .longest
                }
            ),
            (
                "words, worst",
                {
                    $0.containing = "check again"; $0.order = .worst
                }
            ),
            ("calculation", { $0.containing = "98*7=686" }),
            ("beginning of a word", { $0.containing = "bec*" }),
            ("no such word", { $0.containing = "zebra" }),
            (
                "word, no such verdict",
                {
                    $0.containing = "wait"; $0.verdict = .undecided
                }
            ),
        ]
        return try kinds.map { name, change in
            var filter = TraceFilter()
            filter.limit = 10
            change(&filter)
            var times: [Double] = []
            var found = 0
            for _ in 0..<plan.repeats {
                let start = ContinuousClock.now
                found = try RunDatabase.openReadOnly(run).traces(filter).count
                times.append((ContinuousClock.now - start).seconds)
            }
            return TracesReport.Filter(name: name, found: found, milliseconds: 1000 * times.median)
        }
    }
}

/// The object that `ponder benchmark traces` prints.
package struct TracesReport: Sendable, Encodable {
    package let traces: Int
    package let steps: Int
    package let charactersPerTrace: Double
    /// Processor time.
    package let recordingMicrosecondsPerTrace: Double
    /// Of `run.sqlite`, everything in it counted.
    package let bytesPerTrace: Double
    package let bytesPerStep: Double
    package let textIndexBytesPerTrace: Double
    /// Mean over all traces, those without tokens too.
    package let tokenBytesPerTrace: Double
    /// Beyond the text, its index and the tokens.
    package let otherBytesPerTrace: Double
    package let filters: [Filter]

    package struct Filter: Sendable, Encodable {
        package let name: String
        /// Number of traces that it found, at most 10.
        package let found: Int
        /// Median wall time, opening the records included.
        package let milliseconds: Double
    }
}
