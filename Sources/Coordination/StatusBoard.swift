import Foundation
import Reinforcement
import RunStore
import Scheduling

/// The run's current figures, for `status`.
package actor StatusBoard {
    private var status: RunStatus
    private let journal: Journal

    package init(steps: Int, folder: String, journal: Journal) {
        self.journal = journal
        status = RunStatus(phase: "running", folder: folder, steps: steps)
    }

    func add(_ metrics: StepMetrics) { status.add(metrics) }

    /// Adds what was recorded before this start.
    func add(curve: [Int: Double]) { status.add(curve: curve) }

    func show(_ groups: [TraceGroup], step: Int) { status.thought = RunStatus.Thought(groups, step: step) }

    func add(_ record: EvaluationRecord) { status.add(record) }

    func add(_ aha: AhaMoment) { status.aha = aha }

    private var savingTrouble: String?
    private var recordTrouble: String?

    func saved(_ step: Int?) { status.saved(step) }

    func trouble(saving text: String?) {
        savingTrouble = text
        status.trouble(saving: savingTrouble, records: recordTrouble)
    }

    func trouble(records text: String?) {
        recordTrouble = text
        status.trouble(saving: savingTrouble, records: recordTrouble)
    }

    func insecure(_ text: String?) { status.insecure = text }

    /// The answer to a status request as JSON; empty when it cannot be encoded, which the client then
    /// reports.
    func text(_ report: CoordinatorReport) -> [UInt8] {
        status.report = report
        status.time = Date().timeIntervalSince1970
        status.events = journal.recent.map(RunStatus.Event.init)
        return (try? status.line()).map { Array($0.utf8) } ?? []
    }
}
