package import Scheduling

/// An event of a coordinator's transport.
package enum CoordinatorTransportEvent: Sendable, Hashable {
    case message(PeerID, Envelope<WorkerMessage>)
    /// Bytes that are no message; `WireError.Code.protocolVersion` means another protocol version.
    case malformed(PeerID, WireError)
    /// The peer is gone; only a few transports report this.
    case disconnected(PeerID)
    /// The peer's key was taken off the list; the peer has been told, and its messages are now ignored.
    case revoked(PeerID)
}

/// The coordinator's end of the control port.
///
/// Messages to one peer arrive in order or not at all. Nothing else is promised, and the state machines
/// expect loss. Implementations encode with `MessageCoder` and report every decoding failure as an event.
package protocol CoordinatorTransport: Sendable {
    /// The events, for one reader; the stream ends after `close`.
    var events: AsyncStream<CoordinatorTransportEvent> { get }

    /// Queues the message and returns at once; a peer that is gone, or whose queue is full, loses it.
    ///
    /// - Throws: `WireError` when the message is larger than the wire allows.
    func send(_ message: Envelope<CoordinatorMessage>, to peer: PeerID) throws

    /// Sends what is queued within a time limit of its own, then ends `events`; may be called again.
    func close() async
}

/// An event of a worker's transport.
package enum WorkerTransportEvent: Sendable, Hashable {
    case message(Envelope<CoordinatorMessage>)
    case malformed(WireError)
    case disconnected
    /// The other side refuses this worker's key or mechanism and always will; the reason names the remedy.
    case shutOut(reason: String)
}

/// The worker's end of the control port.
package protocol WorkerTransport: Sendable {
    /// The events, for one reader; the stream continues after `reconnect` and ends after `close`.
    var events: AsyncStream<WorkerTransportEvent> { get }

    /// Where the coordinator is dialed, for people to read.
    var address: String { get }

    /// Why the coordinator does not answer, and what to check, in one sentence; takes a second or two at most.
    func diagnosis() async -> String

    /// Queues the message and returns at once; it may be lost.
    ///
    /// - Throws: `WireError` when the message is larger than the wire allows.
    func send(_ message: Envelope<WorkerMessage>) throws

    /// Drops the connection and everything queued on it, and dials again.
    func reconnect() async

    /// Sends what is queued within a time limit of its own, then ends `events`; may be called again.
    func close() async
}
