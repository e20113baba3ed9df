import Foundation
package import Reinforcement

/// The step at which accuracy took off, with the trace that shows it: an event of kind `aha`.
package struct AhaMoment: Sendable, Hashable, Codable {
    /// The kind of its event.
    package static let kind = "aha"

    package let step: Int
    /// Mean training accuracy of the run's first five steps, and of the last five up to `step`, 0 to 1.
    package let before: Double
    package let after: Double
    /// A recorded trace of the step that is right after a thought; nil when none was recorded.
    package let trace: SampleID?

    /// - Parameter groups: the recorded groups of the step.
    ///
    /// The trace is of the problem that the fewest samples of the step got right, where a thought made the difference
    /// between right and wrong; of several it has the longest thought.
    package init(_ takeOff: TakeOff, shownBy groups: some Sequence<TraceGroup>) {
        step = takeOff.step
        before = takeOff.before
        after = takeOff.after
        let shown = groups.lazy.flatMap { group -> [(right: Int, scored: ScoredTrace)] in
            let right = group.traces.filter(\.isRight)
            return right.filter { $0.thought?.isEmpty == false }.map { (right.count, $0) }
        }
        trace =
            shown.min {
                ($0.right, -($0.scored.thought?.count ?? 0)) < ($1.right, -($1.scored.thought?.count ?? 0))
            }?.scored.trace.id
    }

    /// How accuracy changed, in one line.
    package var message: String {
        let shares = [before, after].map { String(format: "%.1f %%", 100 * $0) }
        return "accuracy took off at step \(step): \(shares[0]) in steps 1 to \(TakeOffDetector.window), "
            + "\(shares[1]) now"
    }
}

extension EventRecord {
    /// The event with the moment as its detail.
    package func telling(_ aha: AhaMoment) throws -> EventRecord {
        var event = self
        event.detail = try RecordCoding.text(aha)
        return event
    }
}
