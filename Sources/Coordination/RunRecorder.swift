import Foundation
import Reinforcement
package import RunStore
package import Scheduling
package import Torch

/// Writes the run's records, on a thread of its own: a slow or full disk holds nobody up.
///
/// A failure is an alarm, never an end: what could not be written is tried again with the next record.
package actor RunRecorder {
    private let executor: ThreadExecutor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let run: RunDirectory
    private let journal: Journal
    private let traceLimit: Int
    private var database: RunDatabase?
    private var metrics: MetricsFile?
    /// Steps not in `metrics.jsonl` yet.
    private var owedLines: [StepMetrics] = []
    /// Recordings not in the database yet; each may be repeated.
    private var owed: [@Sendable (RunDatabase) throws -> Void] = []
    /// What is wrong with the records, for `status`; nil when all is well.
    package private(set) var trouble: String?
    private var lastAlarm: ContinuousClock.Instant?

    /// Steps that wait for room on the disk; older ones are given up.
    private static let owedLimit = 1024

    package init(
        _ run: RunDirectory, journal: Journal, traceLimit: Int,
        executor: ThreadExecutor = ThreadExecutor(name: "ponder-records")
    ) {
        self.run = run
        self.journal = journal
        self.traceLimit = traceLimit
        self.executor = executor
    }

    /// Opens the records and cuts them to the step that the run goes on from.
    ///
    /// - Returns: what earlier lives recorded up to that step.
    /// - Throws: `RunDatabaseError`, `FileError`: a run whose records cannot be opened at its start is not begun.
    package func open(at step: Int, event: EventRecord?) throws -> (
        steps: [StepMetrics], evaluations: [EvaluationRecord], setAside: [CoordinatorReport.SetAside]
    ) {
        let database = try RunDatabase.open(run)
        self.database = database
        if let event { try database.cut(after: step, event: event) }
        metrics = try MetricsFile.open(run, cutAfter: step).file
        return (try database.steps(0...max(0, step)), try database.evaluations(), setAside(in: database))
    }

    /// What earlier lives gave up, as the last report of them says.
    private func setAside(in database: RunDatabase) -> [CoordinatorReport.SetAside] {
        do {
            let report = try database.summary(events: 0)?.fact(.report, as: CoordinatorReport.self)
            return report?.setAside ?? []
        } catch {
            journal.alarm(
                "reportUnreadable", "what was set aside before is forgotten, and is tried again: \(error)")
            return []
        }
    }

    /// Keeps for ever that the run is, or once was, open to anyone.
    ///
    /// - Returns: what was said the first time; nil for a run that never was.
    /// - Throws: `RunDatabaseError`.
    package func keepInsecure(_ text: String?) throws -> String? {
        guard let database else { return text }
        if let known = try database.summary(events: 0)?.fact(.insecure, as: String.self) { return known }
        if let text { try database.record(.insecure, text, time: Date().timeIntervalSince1970) }
        return text
    }

    package func record(_ step: StepMetrics, groups: [GroupRecord]) {
        owedLines = (owedLines + [step]).suffix(Self.owedLimit)
        add { [traceLimit] in try $0.record(step, groups: groups, traceLimit: traceLimit) }
        flush()
    }

    package func record(_ evaluation: EvaluationRecord, groups: [GroupRecord]) {
        add { [traceLimit] in try $0.record(evaluation, groups: groups, traceLimit: traceLimit) }
        flush()
    }

    package func record<Value: Encodable & Sendable>(_ fact: RunFact, _ value: Value) {
        let time = Date().timeIntervalSince1970
        add { try $0.record(fact, value, time: time) }
        flush()
    }

    /// Records who works and what is waited for, and the events so far.
    package func record(_ report: CoordinatorReport) {
        let time = Date().timeIntervalSince1970
        // Of no use when they are old, so not owed.
        attempt {
            try $0.record(.report, report, time: time)
            try $0.record(report.workers, time: time)
        }
        flush()
    }

    package func close() {
        flush()
        do {
            try database?.close()
        } catch {
            journal.say("the run's records were not closed well: \(error)")
        }
        database = nil
        metrics = nil
    }

    private func add(_ recording: @escaping @Sendable (RunDatabase) throws -> Void) {
        owed = (owed + [recording]).suffix(Self.owedLimit)
    }

    private func flush() {
        var isFine = true
        while isFine, let next = owed.first {
            isFine = attempt(next)
            if isFine { owed.removeFirst() }
        }
        while isFine, let next = owedLines.first, let metrics {
            do {
                try metrics.append(next)
                owedLines.removeFirst()
            } catch {
                isFine = false
                complain(error)
            }
        }
        let events = journal.take()
        if isFine, !events.isEmpty { isFine = attempt { try $0.record(events) } }
        if !isFine { journal.putBack(events) }
        if isFine, trouble != nil {
            trouble = nil
            journal.alarm("recordsAgain", "the run's records are written again; nothing is missing")
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
