import ZeroMQ

/// What a `SocketLoop` does with its sockets; made, used and let go on the loop's thread alone.
protocol SocketRole: AnyObject, SendableMetatype {
    associatedtype Command: Sendable

    /// Adds the sockets to wait for.
    func prepare(_ poller: Poller)

    /// How long the loop may wait when nothing happens.
    var patience: Duration { get }

    /// Carries out one command.
    func execute(_ command: Command)

    /// Reads what has arrived, a bounded number of messages, and looks after deadlines.
    ///
    /// - Throws: `ZeroMQError`, which ends the loop.
    func turn() throws

    /// Answers everyone who still waits: the loop has ended, by `SocketLoop.stop` or the error.
    func ended(_ error: (any Error)?)
}
