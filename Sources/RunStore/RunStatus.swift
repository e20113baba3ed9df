package import Foundation
import Reinforcement
package import Scheduling
import Settings

/// The answer of `status`: the coordinator's report with the run's figures.
package struct RunStatus: Sendable, Codable {
    /// Version of the format: 1 has the report's keys in camelCase, 2 in snake_case; 3 adds `time`, `seconds_left`,
    /// `training_accuracy`, `thought`, `events` and `aha`.
    package private(set) var schema = 3
    /// The run's phase: `starting`, `running`, `done`, `interrupted` or `failed`; `killed` when the records
    /// say `running` and no process holds the run's lock.
    package var phase: String
    /// Path of the run's folder on its own machine.
    package var folder: String
    /// Number of steps done; `steps` is the number in the whole run.
    package private(set) var step = 0
    package var steps: Int
    /// Step of the newest checkpoint, from which a resume goes on; nil when there is none.
    package private(set) var savedStep: Int?
    /// Recorded steps that a resume would cut and do again.
    package private(set) var unsavedSteps: Int?
    /// Seconds since the report was made; nil unless the status comes from a folder.
    package var age: Double?
    /// Time of the run's last sign of life, in seconds since 1970; nil when it gave none.
    package var time: Double?
    /// Time that the rest of the steps should take, in seconds; evaluations are not counted.
    package private(set) var secondsLeft: Double?
    package var last: StepMetrics?
    /// Share of right answers in training, 0 to 1, of some steps from the first to the last.
    package private(set) var trainingAccuracy: [Int: Double]?
    /// Share of held-out problems answered right, 0 to 1, by policy version: sampled at temperature 1, with
    /// the likeliest token at each position, and asked directly.
    package var heldoutAccuracy: [Int: Double] = [:]
    package var heldoutGreedy: [Int: Double] = [:]
    package var directAccuracy: [Int: Double] = [:]
    /// The problem with the disk; nil when there is none.
    package var trouble: String?
    /// Since when the run has been open to anyone, without keys; nil when it never was.
    package var insecure: String?
    /// A response of the last step.
    package var thought: Thought?
    /// The newest events, oldest first.
    package var events: [Event]?
    /// Where training accuracy took off; nil when it did not, or not yet.
    package var aha: AhaMoment?
    package var report: CoordinatorReport?
    package var result: RunResult?

    package init(phase: String, folder: String, steps: Int) {
        self.phase = phase
        self.folder = folder
        self.steps = steps
    }

    package mutating func saved(_ step: Int?) {
        savedStep = step
        countUnsaved()
    }

    private mutating func countUnsaved() { unsavedSteps = max(0, step - (savedStep ?? 0)) }

    /// Joins what is wrong with checkpoints and what is wrong with records.
    package mutating func trouble(saving: String?, records: String?) {
        let texts = [saving, records].compactMap { $0 }.filter { !$0.isEmpty }
        trouble = texts.isEmpty ? nil : texts.joined(separator: "; ")
    }

    package mutating func add(_ metrics: StepMetrics) {
        last = metrics
        step = metrics.step
        time = metrics.time
        secondsLeft = metrics.elapsed / Double(max(1, step)) * Double(max(0, steps - step))
        add(curve: [step: metrics.accuracy])
        countUnsaved()
    }

    /// Adds points to the curve of training; when these become too many, every second one goes.
    package mutating func add(curve: [Int: Double]) {
        var points = (trainingAccuracy ?? [:]).merging(curve) { $1 }
        if points.count > 2 * Self.curvePoints {
            let sorted = points.keys.sorted()
            for index in stride(from: 1, to: sorted.count - 1, by: 2) { points[sorted[index]] = nil }
        }
        trainingAccuracy = points
    }

    /// Points of a curve that a terminal has room for.
    package static let curvePoints = 40
    /// Events that a screen has room for.
    package static let eventLimit = 6

    package mutating func add(_ record: EvaluationRecord) {
        let (version, accuracy) = (record.version.rawValue, record.accuracy)
        switch record.purpose {
        case .direct: directAccuracy[version] = accuracy
        case .greedy: heldoutGreedy[version] = accuracy
        case .evaluation, .training: heldoutAccuracy[version] = accuracy
        }
    }
}

extension RunStatus {
    /// Reads the status from a run's folder, live or finished; changes nothing in it.
    ///
    /// - Throws: `RunDatabaseError`, `ConfigurationError`, `FileError`.
    package init(of run: RunDirectory, now: Date = Date()) throws {
        self.init(phase: "starting", folder: run.root.path, steps: 0)
        let isHeld = try RunLock.holder(of: run) != nil
        let isRecorded = FileManager.default.fileExists(atPath: run.database.path)
        let database = isRecorded ? try RunDatabase.openReadOnly(run) : nil
        let summary = try database?.summary(events: Self.eventLimit)
        steps = try summary?.fact(.steps, as: Int.self) ?? run.configuration().steps
        if let database, let summary {
            try take(summary, now)
            add(curve: try database.accuracyCurve(points: Self.curvePoints))
            thought = try database.newestTrace().map(Thought.init)
        }
        saved(try CheckpointStore(run: run, keep: 1).list().first?.step)
        if phase == "running" || phase == "starting", !isHeld { phase = "killed" }
    }

    private mutating func take(_ summary: RunSummary, _ now: Date) throws {
        if let last = summary.last { add(last) }
        events = summary.events.map(Event.init)
        time = [RunFact.phase, .report].compactMap { summary.facts[$0]?.time }.max() ?? time
        for record in summary.evaluations { add(record) }
        aha = summary.aha
        report = try summary.fact(.report, as: CoordinatorReport.self)
        age = summary.facts[.report].map { max(0, now.timeIntervalSince1970 - $0.time) }
        phase = try summary.fact(.phase, as: String.self) ?? "starting"
        insecure = try summary.fact(.insecure, as: String.self)
        trouble(saving: try summary.fact(.trouble, as: String.self), records: nil)
        if phase == "done" { result = try summary.fact(.result, as: RunResult.self) }
    }

    /// One line of JSON with sorted keys.
    package func line() throws -> String { try RecordCoding.text(self) }

    /// Reads a line written by `line`.
    ///
    /// - Throws: `DecodingError`.
    package init(json: Data) throws { self = try RecordCoding.decode(RunStatus.self, from: json) }
}
