/// Which run, and which life of its coordinator, a message belongs to.
///
///     RunStamp(run: "2026-11-24-bills-7f3a", epoch: 2)
package struct RunStamp: Sendable, Hashable, Codable {
    package let run: String
    /// Rises by one each time a coordinator opens the run folder; 0 is no epoch.
    package let epoch: UInt64

    package init(run: String, epoch: UInt64) {
        self.run = run
        self.epoch = epoch
    }

    /// What a worker says before it was ever welcomed.
    package static let unknown = RunStamp(run: "", epoch: 0)
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
