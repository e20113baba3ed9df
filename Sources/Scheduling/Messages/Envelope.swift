/// The run, and the incarnation of its coordinator, that a message belongs to.
///
///     RunStamp(run: "2026-11-24-bills-7f3a", incarnation: 2)
package struct RunStamp: Sendable, Hashable, Codable {
    package let run: String
    /// Rises by one each time a coordinator opens the run folder, from 1; 0 means none.
    package let incarnation: UInt64

    package init(run: String, incarnation: UInt64) {
        self.run = run
        self.incarnation = incarnation
    }

    /// What a worker says before it was ever welcomed.
    package static let unknown = RunStamp(run: "", incarnation: 0)
}

/// A message and the run it belongs to.
package struct Envelope<Message: Sendable & Hashable>: Sendable, Hashable {
    package let stamp: RunStamp
    package let message: Message

    package init(stamp: RunStamp, message: Message) {
        self.stamp = stamp
        self.message = message
    }
}
