import ZeroMQ

/// A bare DEALER for one test: sends messages that Ponder's transports would not.
///
/// It never reads; queued messages are sent until it is released.
package final class RawPeer {
    private var socket: Socket?

    package init(to endpoint: String) throws {
        let socket = try Socket(.dealer, in: Context())
        try socket.set(.linger, .seconds(5))
        try socket.connect(endpoint)
        self.socket = socket
    }

    package func send(_ frames: [[UInt8]]) throws { try socket?.send(frames.map { .bytes($0) }) }

    /// Waits, some seconds at most, until there is room in the queue.
    package func sendWhenReady(_ frames: [[UInt8]]) throws {
        guard let socket else { return }
        let poller = Poller()
        poller.add(socket, .writable)
        _ = try poller.wait(timeout: .seconds(10))
        try send(frames)
    }

    /// Breaks the connection.
    package func drop() { socket = nil }
}
