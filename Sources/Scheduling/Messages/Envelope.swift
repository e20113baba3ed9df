/// The run of a message and the incarnation of its coordinator.
///
///     RunStamp(run: "2026-11-24-bills-7f3a", incarnation: 2)
package struct RunStamp: Sendable, Hashable, Codable {
    package let run: String
    /// Increases by one each time a coordinator opens the run folder, from 1; 0 when there is no coordinator
    /// yet.
    package let incarnation: UInt64

    package init(run: String, incarnation: UInt64) {
        self.run = run
        self.incarnation = incarnation
    }

    /// The stamp of a worker's messages before its first welcome.
    package static let unknown = RunStamp(run: "", incarnation: 0)
}

/// A message with the run that it belongs to.
package struct Envelope<Message: Sendable & Hashable>: Sendable, Hashable {
    package let stamp: RunStamp
    package let message: Message

    package init(stamp: RunStamp, message: Message) {
        self.stamp = stamp
        self.message = message
    }
}
