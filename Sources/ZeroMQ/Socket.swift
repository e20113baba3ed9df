import CZeroMQ

/// A libzmq socket.
///
/// Not `Sendable`: the compiler keeps it on the thread (or actor) that made it, as libzmq demands. No call waits;
/// waiting is `Poller`'s. It is closed once, by `deinit`, and retains its context (see `Context` for the order).
package final class Socket {
    package enum Kind: Sendable {
        case router, dealer, pair, request, reply, push, pull, publish, subscribe, stream

        var code: Int32 {
            switch self {
            case .router: ZMQ_ROUTER
            case .dealer: ZMQ_DEALER
            case .pair: ZMQ_PAIR
            case .request: ZMQ_REQ
            case .reply: ZMQ_REP
            case .push: ZMQ_PUSH
            case .pull: ZMQ_PULL
            case .publish: ZMQ_PUB
            case .subscribe: ZMQ_SUB
            case .stream: ZMQ_STREAM
            }
        }
    }

    package let context: Context
    package let kind: Kind
    let handle: UnsafeMutableRawPointer

    /// Largest part a new socket takes in, bytes; `SocketOption.maximumPartBytes` changes it.
    package static let largestPart: Int64 = 64 << 20

    /// Opens a socket that lingers for no time and takes in no part beyond `largestPart`, unless set otherwise later.
    ///
    /// - Throws: `ZeroMQError`: `.tooManyFiles` when descriptors or the context's sockets are used up, `.terminated`
    ///   after the context's shutdown.
    package init(_ kind: Kind, in context: Context) throws(ZeroMQError) {
        guard let handle = zmq_socket(context.handle, kind.code) else { throw .last("open a \(kind) socket") }
        self.context = context
        self.kind = kind
        self.handle = handle
        // libzmq's default is to linger for ever, which would make ending the context hang.
        try set(.linger, .zero)
        // By default it would allocate whatever length the first bytes of a stranger spell.
        try set(.maximumPartBytes, Self.largestPart)
    }

    deinit { zmq_close(handle) }

    // MARK: Endpoints

    /// Binds, and returns the endpoint with a wildcard port filled in.
    ///
    /// - Throws: `ZeroMQError`: `.addressInUse`, `.addressNotAvailable`, `.accessDenied`, `.invalidArgument`, …
    @discardableResult
    package func bind(_ endpoint: String) throws(ZeroMQError) -> String {
        guard zmq_bind(handle, endpoint) == 0 else { throw .last("bind", endpoint: endpoint) }
        return try get(.lastEndpoint)
    }

    /// Starts connecting; libzmq goes on trying in the background.
    package func connect(_ endpoint: String) throws(ZeroMQError) {
        guard zmq_connect(handle, endpoint) == 0 else { throw .last("connect", endpoint: endpoint) }
    }

    package func unbind(_ endpoint: String) throws(ZeroMQError) {
        guard zmq_unbind(handle, endpoint) == 0 else { throw .last("unbind", endpoint: endpoint) }
    }

    package func disconnect(_ endpoint: String) throws(ZeroMQError) {
        guard zmq_disconnect(handle, endpoint) == 0 else { throw .last("disconnect", endpoint: endpoint) }
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
    /// - Throws: `ZeroMQError` with `.invalidArgument` when libzmq keeps the option write only, or answers with what
    ///   is no `Value`.
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
