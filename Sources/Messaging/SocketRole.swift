import ZeroMQ

/// The work of one `SocketLoop`; made, used and released on the loop's thread only.
protocol SocketRole: AnyObject, SendableMetatype {
    associatedtype Command: Sendable
    /// What other threads may use of the role, for example the endpoint that it has bound.
    associatedtype Shared: Sendable

    var shared: Shared { get }

    /// Adds the sockets to wait for.
    func prepare(_ poller: Poller)

    /// How long the loop may wait when nothing happens.
    var maximumWait: Duration { get }

    /// Carries out one command.
    func execute(_ command: Command)

    /// Reads a bounded number of messages and checks the deadlines.
    ///
    /// - Throws: `ZeroMQError`, which ends the loop.
    func turn() throws

    /// Answers every caller that still waits, because the loop has ended.
    ///
    /// - Parameters:
    ///   - error: what `turn` threw, nil after `SocketLoop.stop`.
    ///   - commands: commands that were accepted and will not be carried out; empty after `SocketLoop.stop`.
    func ended(_ error: (any Error)?, unexecuted commands: [Command])
}

extension SocketRole where Shared == Void {
    var shared: Void { () }
}

extension SocketRole where Command == Never {
    func execute(_ command: Never) {}
}
