import Foundation
package import Reinforcement
package import RunStore
package import Scheduling
package import Settings
package import Torch

/// Writes the run's records on its own thread, so that training does not wait for a slow or full disk.
///
/// A failure raises an alarm and never ends the run; a failed write is repeated with the next record.
package actor RunRecorder {
    private let executor: ThreadExecutor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let run: RunDirectory
    private let journal: Journal
    private let settings: RecordSettings
    private let advantage: GroupAdvantage
    /// The run's configuration as canonical JSON, kept with what each step learned from; nil when that is not kept.
    private let configuration: String?
    private var database: RunDatabase?
    /// nil once a take-off was found, or when there is no telling.
    private var detector: TakeOffDetector?
    private var outlets: [Outlet] = []
    /// Recordings that are not in the database yet; each can be repeated.
    private var owed: [@Sendable (RunDatabase) throws -> Void] = []
    /// The problem with the records, for `status`; nil when there is none.
    package private(set) var trouble: String?
    private var lastAlarm: ContinuousClock.Instant?

    /// A file of figures, with the lines that are not in it yet.
    private struct Outlet {
        let sink: any MetricsSink
        var owed: [any MetricsLine]
    }

    /// Maximum number of steps that wait for room on the disk; the oldest are dropped beyond it.
    private static let owedLimit = 1024

    /// - Parameter advantage: what the run learns with, kept beside the tokens of traces.
    package init(
        _ run: RunDirectory, journal: Journal, settings: RecordSettings, advantage: GroupAdvantage = .mean,
        configuration: String? = nil,
        executor: ThreadExecutor = ThreadExecutor(name: "ponder-records")
    ) {
        self.run = run
        self.journal = journal
        self.settings = settings
        self.advantage = advantage
        self.configuration = settings.replay ? configuration : nil
        self.executor = executor
    }

    /// Opens the records and removes those after the step from which the run continues.
    ///
    /// - Parameter countsTokens: whether to read every step for it.
    /// - Returns: what was recorded up to that step, before this start.
    /// - Throws: `RunDatabaseError`, `FileError`; the run does not start in this case.
    package func open(at step: Int, event: EventRecord?, countsTokens: Bool = true) throws -> Opened {
        let database = try RunDatabase.open(run, search: settings.search)
        self.database = database
        let cut = try event.map { try database.cut(after: step, event: $0) }
        outlets = [try outlet(MetricsFile.open(run, cutAfter: step).file, database, step)]
        addTensorBoard(database, step)
        flush()
        let aha = try database.aha() ?? recall(database)
        return Opened(
            last: try database.lastStep(), tokens: try countsTokens ? database.tokens() : 0,
            evaluations: try database.evaluations(),
            curve: try database.accuracyCurve(points: RunStatus.curvePoints), aha: aha,
            setAside: setAside(in: database), cut: cut ?? 0)
    }

    /// Goes on to look for a take-off where the records end.
    ///
    /// - Returns: the take-off of a run that an earlier version recorded without looking for it.
    private func recall(_ database: RunDatabase) throws -> AhaMoment? {
        detector = try database.takeOffDetector()
        guard let takeOff = detector?.takeOff else { return nil }
        detector = nil
        let aha = AhaMoment(takeOff, shownBy: [])
        try database.record([journal.event(AhaMoment.kind, aha.message, step: aha.step).telling(aha)])
        return aha
    }

    private func outlet(_ sink: any MetricsSink, _ database: RunDatabase, _ step: Int) throws -> Outlet {
        // A process that was killed may have recorded more than it wrote into this file.
        Outlet(sink: sink, owed: try database.metricsLines(after: sink.last, upTo: step))
    }

    private func addTensorBoard(_ database: RunDatabase, _ step: Int) {
        guard settings.tensorboard else { return }
        do {
            outlets.append(try outlet(TensorBoardFile(run, cutAfter: step), database, step))
        } catch {
            journal.alarm(
                "tensorboardFailed",
                "ALARM: \(error); this start writes no files for TensorBoard, the next one adds what is missing"
            )
        }
    }

    /// What was recorded before this start.
    package struct Opened: Sendable {
        package let last: StepMetrics?
        /// Response tokens of all recorded steps; 0 when they were not to be counted.
        package let tokens: Int
        package let evaluations: [EvaluationRecord]
        /// Share of right answers in training, by step, of some steps.
        package let curve: [Int: Double]
        /// Where accuracy took off; nil when it did not, or not yet.
        package let aha: AhaMoment?
        package let setAside: [CoordinatorReport.SetAside]
        /// Recorded steps after the checkpoint, which were deleted.
        package let cut: Int
    }

    /// Assignments that were set aside before this start, according to the last report.
    private func setAside(in database: RunDatabase) -> [CoordinatorReport.SetAside] {
        do {
            let report = try database.fact(.report, as: CoordinatorReport.self)
            return report?.setAside ?? []
        } catch {
            journal.alarm(
                "reportUnreadable",
                "the last report cannot be read, so assignments that were set aside are tried again: \(error)"
            )
            return []
        }
    }

    /// Records that the run is open to anyone; this fact is never removed.
    ///
    /// - Returns: the first such fact; nil for a run that was never open to anyone.
    /// - Throws: `RunDatabaseError`.
    package func keepInsecure(_ text: String?) throws -> String? {
        guard let database else { return text }
        if let known = try database.fact(.insecure, as: String.self) { return known }
        if let text { try database.record(.insecure, text, time: Date().timeIntervalSince1970) }
        return text
    }

    /// - Returns: where accuracy took off, when that is this step.
    @discardableResult
    package func record(_ step: StepMetrics, groups: [TraceGroup]) -> AhaMoment? {
        add(step)
        let (settings, advantage, configuration) = (settings, advantage, configuration)
        let takeOff = detector?.add(step: step.step, accuracy: step.accuracy, format: step.format)
        let aha = takeOff.map {
            AhaMoment($0, shownBy: RunDatabase.kept(groups, traceLimit: settings.traces))
        }
        let event = aha.map { journal.event(AhaMoment.kind, $0.message, step: $0.step) }
        if aha != nil { detector = nil }
        add { database in
            let told = try aha.flatMap { try event?.telling($0) }
            try database.record(
                step, groups: groups, traceLimit: settings.traces, tokenLimit: settings.tokens,
                advantage: advantage, event: told, replayedWith: configuration)
        }
        flush()
        if step.step % Self.pruningInterval == 0 { prune() }
        return aha
    }

    package func record(_ heldOut: HeldOutMetrics) {
        add(heldOut)
        flush()
    }

    package func record(_ evaluation: EvaluationRecord, groups: [TraceGroup]) {
        let settings = settings
        add { try $0.record(evaluation, groups: groups, traceLimit: settings.traces) }
        flush()
    }

    package func record<Value: Encodable & Sendable>(_ fact: RunFact, _ value: Value) {
        let time = Date().timeIntervalSince1970
        add { try $0.record(fact, value, time: time) }
        flush()
    }

    /// Records the workers, the current wait, and the events so far.
    package func record(_ report: CoordinatorReport) {
        let time = Date().timeIntervalSince1970
        // Not repeated, because the next report replaces it.
        attempt {
            try $0.record(.report, report, time: time)
            try $0.record(report.workers, time: time)
        }
        flush()
    }

    /// Steps between two looks at the limits of the records.
    private static let pruningInterval = 20

    /// Deletes what the limits of the records no longer allow.
    private func prune() {
        guard trouble == nil else { return }
        let settings = settings
        attempt { try $0.prune(settings, now: Date().timeIntervalSince1970) }
        guard settings.metricsMegabytes > 0 else { return }
        for outlet in outlets {
            do {
                try outlet.sink.trim(to: settings.metricsMegabytes << 20)
            } catch {
                complain(error)
            }
        }
    }

    package func close() {
        flush()
        prune()
        do {
            try database?.close()
        } catch {
            journal.say("the run's records were not closed well: \(error)")
        }
        database = nil
        outlets = []
    }

    private func add(_ recording: @escaping @Sendable (RunDatabase) throws -> Void) {
        owed = (owed + [recording]).suffix(Self.owedLimit)
    }

    private func add(_ line: any MetricsLine) {
        for index in outlets.indices {
            outlets[index].owed = (outlets[index].owed + [line]).suffix(Self.owedLimit)
        }
    }

    private func flush() {
        var isFine = true
        while isFine, let next = owed.first {
            isFine = attempt(next)
            if isFine { owed.removeFirst() }
        }
        // A file never has a step that the database has not; otherwise no file waits for another one.
        let areWritten = isFine && outlets.indices.map(write).allSatisfy { $0 }
        let events = journal.take()
        if isFine, !events.isEmpty { isFine = attempt { try $0.record(events) } }
        if !isFine { journal.putBack(events) }
        if isFine, areWritten, trouble != nil {
            trouble = nil
            journal.alarm("recordsAgain", "the run's records are written again; nothing is missing")
        }
    }

    /// Writes the lines that a file is owed; returns false when some remain.
    private func write(_ index: Int) -> Bool {
        var written = 0
        defer { outlets[index].owed.removeFirst(written) }
        do {
            for line in outlets[index].owed {
                try outlets[index].sink.append(line)
                written += 1
            }
            return true
        } catch {
            complain(error)
            return false
        }
    }

    @discardableResult
    private func attempt(_ body: (RunDatabase) throws -> Void) -> Bool {
        guard let database else { return true }
        do {
            try body(database)
            return true
        } catch {
            complain(error)
            return false
        }
    }

    private func complain(_ error: any Error) {
        let message = "\(error)"
        trouble = message
        let now = ContinuousClock.now
        if let lastAlarm, now - lastAlarm < .seconds(10) { return }
        lastAlarm = now
        journal.alarm("recordsFailed", "ALARM: \(message); training goes on and the records are retried")
    }
}
