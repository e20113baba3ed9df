import Wire
import ZeroMQ

/// How every socket of a run is set up; what each option prevents is said at `SocketOption`.
package struct SocketPlan: Sendable, Hashable {
    /// Messages that may wait for one peer, each way.
    package var highWater: Int32 = 256
    /// Largest part, bytes.
    package var largestPart = WireProtocol.largestFrame
    /// How long a closing socket still tries to deliver.
    package var linger: Duration = .seconds(1)
    /// Until when a connection must have shaken hands.
    package var handshake: Duration = .seconds(5)
    /// Unacknowledged data older than this breaks the connection.
    package var retransmission: Duration = .seconds(10)
    /// Before the first try to connect again.
    package var firstPause: Duration = .milliseconds(100)
    /// The pause doubles up to this: a restarted coordinator is found within it, and a lost SYN costs nothing.
    package var longestPause: Duration = .seconds(2)

    package init() {}

    /// A ROUTER that reports what it cannot deliver, and asks for keys where there are some.
    func router(in context: Context, _ security: PortSecurity = .local) throws(ZeroMQError) -> Socket {
        let socket = try Socket(.router, in: context)
        try configure(socket)
        try socket.arm(security)
        try socket.set(.routerMandatory, true)
        try socket.set(.routerHandover, false)
        return socket
    }

    func dealer(in context: Context, _ keys: ClientKeys? = nil) throws(ZeroMQError) -> Socket {
        let socket = try Socket(.dealer, in: context)
        try configure(socket)
        try keys?.arm(socket)
        return socket
    }

    // ZMTP heartbeats stay off: with a full receive queue they abort the process (libzmq#3937).
    private func configure(_ socket: Socket) throws(ZeroMQError) {
        try socket.set(.sendHighWater, highWater)
        try socket.set(.receiveHighWater, highWater)
        try socket.set(.maximumPartBytes, Int64(largestPart))
        try socket.set(.linger, linger)
        try socket.set(.handshakeTimeout, handshake)
        try socket.set(.tcpMaximumRetransmission, retransmission)
        try socket.set(.reconnectInterval, firstPause)
        try socket.set(.reconnectIntervalMaximum, longestPause)
    }
}

extension Socket {
    /// Binds where `security` allows it, and returns the endpoint with its port.
    ///
    /// - Throws: `EndpointError`, `ZeroMQError` with `.addressInUse` when somebody listens there.
    func bind(to endpoint: Endpoint, _ security: PortSecurity = .local) throws -> Endpoint {
        let endpoint = try endpoint.checkedForBinding(security)
        try set(.ipv6, endpoint.isIPv6)
        if case .ipc(let path) = endpoint, UnixSocket.isListening(path) {
            // libzmq would take the path away from whoever holds it, without a word to either.
            throw ZeroMQError(.addressInUse, operation: "bind", endpoint: endpoint.text)
        }
        return try Endpoint(bind(endpoint.text))
    }

    func connect(to endpoint: Endpoint) throws(ZeroMQError) {
        try set(.ipv6, endpoint.isIPv6)
        try connect(endpoint.text)
    }
}

extension Endpoint {
    fileprivate var isIPv6: Bool {
        if case .tcp(let host, _) = self { host.hasPrefix("[") } else { false }
    }
}
