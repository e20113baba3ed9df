import CZeroMQ

/// What happened to a connection of a socket.
package struct MonitorEvent: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        case connected
        case connectDelayed
        /// The pause before the next try.
        case connectRetried(Duration)
        case listening
        case bindFailed(ZeroMQError.Code)
        case accepted
        case acceptFailed(ZeroMQError.Code)
        case closed
        case closeFailed(ZeroMQError.Code)
        case disconnected
        case handshakeSucceeded
        case handshakeFailed(HandshakeFailure)
        /// No event follows.
        case stopped
        case unknown(UInt16)
    }

    package let kind: Kind
    /// The endpoint the event is about, as libzmq prints it.
    package let endpoint: String
    /// libzmq's number: the file descriptor of an accepted or disconnected connection.
    package let value: UInt32

    package init(kind: Kind, endpoint: String, value: UInt32 = 0) {
        self.kind = kind
        self.endpoint = endpoint
        self.value = value
    }

    /// Reads libzmq's two parts: number and value, endpoint; nil when they are none.
    init?(parts: [Message]) {
        guard parts.count == 2, parts[0].count == 6 else { return nil }
        let (number, value) = parts[0].withUnsafeBytes {
            ($0.loadUnaligned(as: UInt16.self), $0.loadUnaligned(fromByteOffset: 2, as: UInt32.self))
        }
        self.init(
            kind: Kind(number: number, value: value),
            endpoint: String(decoding: parts[1].bytes, as: UTF8.self), value: value)
    }
}

/// Why a handshake failed.
package enum HandshakeFailure: Sendable, Hashable {
    /// The peer closed the connection or answered nonsense; a wrong server key looks like this too.
    case noDetail(ZeroMQError.Code)
    /// The peers do not speak the same protocol or mechanism; libzmq's number. A connecting socket gives up for good.
    case `protocol`(UInt32)
    /// The ZAP handler refused, for example 400. A connecting socket gives up for good.
    case refused(UInt32)
}

extension HandshakeFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noDetail(let code):
            "the handshake broke off (error \(code.rawValue)): a wrong server key, or no Ponder at this endpoint"
        case .protocol(let number):
            Self.protocolReason(number)
        case .refused(let status):
            "the peer refused this key (status \(status)): ask for it to be allowed"
        }
    }

    private static func protocolReason(_ number: UInt32) -> String {
        switch Int32(bitPattern: number) {
        case ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH:
            "one side uses keys and the other none"
        case ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC:
            "the peer could not be decrypted: a wrong key"
        default:
            "the peer does not speak this protocol (0x\(String(number, radix: 16)))"
        }
    }
}

extension MonitorEvent.Kind {
    init(number: UInt16, value: UInt32) {
        let code = ZeroMQError.Code(rawValue: Int32(bitPattern: value))
        self =
            switch Int32(number) {
            case ZMQ_EVENT_CONNECTED: .connected
            case ZMQ_EVENT_CONNECT_DELAYED: .connectDelayed
            case ZMQ_EVENT_CONNECT_RETRIED: .connectRetried(.milliseconds(value))
            case ZMQ_EVENT_LISTENING: .listening
            case ZMQ_EVENT_BIND_FAILED: .bindFailed(code)
            case ZMQ_EVENT_ACCEPTED: .accepted
            case ZMQ_EVENT_ACCEPT_FAILED: .acceptFailed(code)
            case ZMQ_EVENT_CLOSED: .closed
            case ZMQ_EVENT_CLOSE_FAILED: .closeFailed(code)
            case ZMQ_EVENT_DISCONNECTED: .disconnected
            case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: .handshakeSucceeded
            case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL: .handshakeFailed(.noDetail(code))
            case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL: .handshakeFailed(.protocol(value))
            case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: .handshakeFailed(.refused(value))
            case ZMQ_EVENT_MONITOR_STOPPED: .stopped
            default: .unknown(number)
            }
    }
}

extension HandshakeFailure {
    /// Whether one side uses keys and the other none.
    package var isMechanismMismatch: Bool {
        guard case .protocol(let number) = self else { return false }
        return Int32(bitPattern: number) == ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH
    }
}
