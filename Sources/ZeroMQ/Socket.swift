import CZeroMQ

/// A libzmq socket.
///
/// Not `Sendable`: libzmq demands that one thread uses a socket. No call waits; `Poller` waits. `deinit` closes the
/// socket, which retains its context until then.
package final class Socket {
    package enum Kind: Sendable {
        case router, dealer, pair, reply, push, pull

        var code: Int32 {
            switch self {
            case .router: ZMQ_ROUTER
            case .dealer: ZMQ_DEALER
            case .pair: ZMQ_PAIR
            case .reply: ZMQ_REP
            case .push: ZMQ_PUSH
            case .pull: ZMQ_PULL
            }
        }
    }

    package let context: Context
    package let kind: Kind
    let handle: UnsafeMutableRawPointer

    /// The largest part that a new socket receives, bytes; `SocketOption.maximumPartBytes` changes it.
    package static let largestPart: Int64 = 64 << 20

    /// Opens a socket with a linger of zero and parts of at most `largestPart` bytes.
    ///
    /// - Throws: `ZeroMQError`: `.tooManyFiles` when no descriptor or no socket of the context is left.
    package init(_ kind: Kind, in context: Context) throws(ZeroMQError) {
        guard let handle = zmq_socket(context.handle, kind.code) else { throw .last("open a \(kind) socket") }
        self.context = context
        self.kind = kind
        self.handle = handle
        // With libzmq's default, an unlimited linger, the end of the context would hang.
        try set(.linger, .zero)
        // Without a limit, libzmq would allocate any length that the first bytes of a peer name.
        try set(.maximumPartBytes, Self.largestPart)
    }

    deinit { zmq_close(handle) }

    // MARK: Endpoints

    /// Binds, and returns the endpoint with its port number in place of a wildcard.
    ///
    /// - Throws: `ZeroMQError`: `.addressInUse`, `.addressNotAvailable`, `.accessDenied`, `.invalidArgument`, …
    @discardableResult
    package func bind(_ endpoint: String) throws(ZeroMQError) -> String {
        guard zmq_bind(handle, endpoint) == 0 else { throw .last("bind", endpoint: endpoint) }
        return try get(.lastEndpoint)
    }

    /// Starts to connect; libzmq tries in the background until it succeeds.
    package func connect(_ endpoint: String) throws(ZeroMQError) {
        guard zmq_connect(handle, endpoint) == 0 else { throw .last("connect", endpoint: endpoint) }
    }

    // MARK: Options

    package func set<Value>(_ option: SocketOption<Value>, _ value: Value) throws(ZeroMQError) {
        let bytes = value.optionBytes
        guard zmq_setsockopt(handle, option.code, bytes, bytes.count) == 0 else {
            throw .last("set \(option.name)")
        }
    }

    /// Reads an option back.
    ///
    /// - Throws: `ZeroMQError` with `.invalidArgument` when the option is write-only, or its bytes are not a `Value`.
    package func get<Value>(_ option: SocketOption<Value>) throws(ZeroMQError) -> Value {
        var bytes = [UInt8](repeating: 0, count: Value.optionCapacity)
        var count = bytes.count
        guard zmq_getsockopt(handle, option.code, &bytes, &count) == 0 else {
            throw .last("get \(option.name)")
        }
        guard let value = Value(optionBytes: [UInt8](bytes.prefix(count))) else {
            throw ZeroMQError(.invalidArgument, operation: "get \(option.name)")
        }
        return value
    }
}
