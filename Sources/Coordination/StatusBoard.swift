import Foundation
import Reinforcement
package import RunStore
package import Scheduling

/// What `status` answers: the dispatcher's report with the run's figures beside it.
package struct RunStatus: Sendable, Codable {
    /// `starting`, `running`, `done`, `interrupted`, `failed`; `killed` when it says that it runs and nobody does.
    package var phase: String
    /// Folder of the run on its own machine.
    package var folder: String
    package var step: Int
    package var steps: Int
    /// Seconds since the report was made; only of a run that is read from its folder.
    package var age: Double?
    package var last: StepMetrics?
    package var heldoutAccuracy: [Int: Double]
    package var directAccuracy: [Int: Double]
    /// What is wrong with the disk; nil when all is well.
    package var trouble: String?
    /// Since when the run was open to anyone, without keys; nil when it never was.
    package var insecure: String?
    package var report: CoordinatorReport?
    package var result: RunResult?

    private enum CodingKeys: String, CodingKey {
        case phase, folder, step, steps, age, last, trouble, insecure, report, result
        case heldoutAccuracy = "heldout_accuracy"
        case directAccuracy = "direct_accuracy"
    }

    package init(phase: String, folder: String, steps: Int) {
        self.phase = phase
        self.folder = folder
        self.steps = steps
        step = 0
        heldoutAccuracy = [:]
        directAccuracy = [:]
    }

    package mutating func add(_ record: EvaluationRecord) {
        if record.purpose == .direct {
            directAccuracy[record.version.rawValue] = record.accuracy
        } else {
            heldoutAccuracy[record.version.rawValue] = record.accuracy
        }
    }
}

/// The run's figures as they stand, for whoever asks.
package actor StatusBoard {
    private var status: RunStatus

    package init(steps: Int, folder: String) {
        status = RunStatus(phase: "running", folder: folder, steps: steps)
    }

    func add(_ metrics: StepMetrics) {
        status.last = metrics
        status.step = metrics.step
    }

    func add(_ record: EvaluationRecord) { status.add(record) }

    func trouble(_ text: String?) { status.trouble = text }

    func insecure(_ text: String?) { status.insecure = text }

    /// The answer as JSON bytes.
    func text(_ report: CoordinatorReport) -> [UInt8] {
        var status = status
        status.report = report
        // Numbers that JSON has no word for are left out with the step that has them.
        if let bytes = try? JSONEncoder().encode(status) { return [UInt8](bytes) }
        status.last = nil
        return (try? JSONEncoder().encode(status)).map { [UInt8]($0) } ?? []
    }
}
