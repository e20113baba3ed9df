import RunStore
import Scheduling

/// The run's current figures, for `status`.
package actor StatusBoard {
    private var status: RunStatus

    package init(steps: Int, folder: String) {
        status = RunStatus(phase: "running", folder: folder, steps: steps)
    }

    func add(_ metrics: StepMetrics) { status.add(metrics) }

    func add(_ record: EvaluationRecord) { status.add(record) }

    func trouble(_ text: String?) { status.trouble = text }

    func insecure(_ text: String?) { status.insecure = text }

    /// The answer to a status request as JSON; empty when it cannot be encoded, which the client then
    /// reports.
    func text(_ report: CoordinatorReport) -> [UInt8] {
        status.report = report
        return (try? status.line()).map { Array($0.utf8) } ?? []
    }
}
