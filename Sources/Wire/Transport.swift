package import Scheduling

/// What a coordinator's transport reports.
package enum CoordinatorTransportEvent: Sendable, Hashable {
    case message(PeerID, Envelope<WorkerMessage>)
    /// Bytes that are no message; `WireError.Code.protocolVersion` tells another version.
    case malformed(PeerID, WireError)
    /// The peer is gone; few transports know.
    case disconnected(PeerID)
    /// The peer's key has been taken off the list: it has been told, and nothing of it is heard any more.
    case revoked(PeerID)
}

/// The coordinator's end of the control port.
///
/// Messages to one peer arrive in order or not at all; nothing is promised beyond that, and the state machines expect
/// loss. Implementations encode with `MessageCoder` and hand every decoding failure on as an event.
package protocol CoordinatorTransport: Sendable {
    /// Ends after `close`. One reader.
    var events: AsyncStream<CoordinatorTransportEvent> { get }

    /// Queues the message and returns at once; a peer that is gone, or whose queue is full, loses it.
    ///
    /// - Throws: `WireError` when the message is larger than the wire allows.
    func send(_ message: Envelope<CoordinatorMessage>, to peer: PeerID) throws

    /// Sends what is queued within a bound of the transport's own, then ends `events`; harmless when called again.
    func close() async
}

/// What a worker's transport reports.
package enum WorkerTransportEvent: Sendable, Hashable {
    case message(Envelope<CoordinatorMessage>)
    case malformed(WireError)
    case disconnected
    /// The other side refuses this worker's key or mechanism and always will; the reason names the remedy.
    case shutOut(reason: String)
}

/// The worker's end of the control port.
package protocol WorkerTransport: Sendable {
    /// Ends after `close`. One reader; goes on over `reconnect`.
    var events: AsyncStream<WorkerTransportEvent> { get }

    /// Queues the message and returns at once; it may be lost.
    ///
    /// - Throws: `WireError` when the message is larger than the wire allows.
    func send(_ message: Envelope<WorkerMessage>) throws

    /// Drops the connection and everything queued on it, and dials again.
    func reconnect() async

    /// Sends what is queued within a bound of the transport's own, then ends `events`; harmless when called again.
    func close() async
}
