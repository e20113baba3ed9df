import Host
import Wire
import ZeroMQ

/// The options of every socket of a run; `SocketOption` says what each one prevents.
package struct SocketPlan: Sendable, Hashable {
    /// Messages that may wait for one peer, in each direction.
    package var highWater: Int32 = 256
    /// The largest part, bytes.
    package var largestPart = WireProtocol.largestFrame
    /// How long a closed socket still tries to deliver.
    package var linger: Duration = .seconds(1)
    /// The longest handshake of a connection.
    package var handshake: Duration = .seconds(5)
    /// Unacknowledged data older than this breaks the connection.
    package var retransmission: Duration = .seconds(10)
    /// The pause before the first try to connect again.
    package var firstPause: Duration = .milliseconds(100)
    /// The pause doubles up to this, so a restarted coordinator is found within it.
    package var longestPause: Duration = .seconds(2)

    package init() {}

    /// A ROUTER that reports what it cannot deliver, and demands keys where `security` says so.
    func router(in context: Context, _ security: PortSecurity = .local) throws(ZeroMQError) -> Socket {
        let socket = try Socket(.router, in: context)
        try configure(socket)
        try socket.requireKeys(security)
        try socket.set(.routerMandatory, true)
        try socket.set(.routerHandover, false)
        return socket
    }

    func dealer(in context: Context, _ keys: ClientKeys? = nil) throws(ZeroMQError) -> Socket {
        let socket = try Socket(.dealer, in: context)
        try configure(socket)
        try keys?.apply(to: socket)
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
    /// Binds where `security` allows it, and returns the endpoint with its port number.
    ///
    /// - Throws: `EndpointError`; `ZeroMQError` with `.addressInUse` when another socket listens there.
    func bind(to endpoint: Endpoint, _ security: PortSecurity = .local) throws -> Endpoint {
        let endpoint = try endpoint.onThisMachine().checkedForBinding(security)
        try set(.ipv6, endpoint.isIPv6)
        if case .ipc(let path) = endpoint, case .listening = PortProbe.unix(path: path, patience: .zero) {
            // libzmq would take the path away from its owner and tell neither side.
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
