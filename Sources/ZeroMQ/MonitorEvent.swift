import CZeroMQ

/// A change of one connection of a socket.
package struct MonitorEvent: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        case connected
        case accepted
        case disconnected
        case handshakeSucceeded
        case handshakeFailed(HandshakeFailure)
    }

    package let kind: Kind
    /// The file descriptor of an accepted or disconnected connection.
    package let value: UInt32

    /// The events that have a kind.
    static let all =
        ZMQ_EVENT_CONNECTED | ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED
        | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL
        | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH

    /// Reads the two parts of libzmq's message: number and value, endpoint.
    ///
    /// Nil for another message.
    init?(parts: [Message]) {
        guard parts.count == 2, parts[0].count == 6 else { return nil }
        let (number, value) = parts[0].withUnsafeBytes {
            ($0.loadUnaligned(as: UInt16.self), $0.loadUnaligned(fromByteOffset: 2, as: UInt32.self))
        }
        self.value = value
        switch Int32(number) {
        case ZMQ_EVENT_CONNECTED: kind = .connected
        case ZMQ_EVENT_ACCEPTED: kind = .accepted
        case ZMQ_EVENT_DISCONNECTED: kind = .disconnected
        case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: kind = .handshakeSucceeded
        case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
            kind = .handshakeFailed(.noDetail(.init(rawValue: Int32(bitPattern: value))))
        case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL: kind = .handshakeFailed(.protocol(value))
        case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: kind = .handshakeFailed(.refused(value))
        default: return nil
        }
    }
}

/// Why a handshake failed.
package enum HandshakeFailure: Sendable, Hashable {
    /// The peer closed the connection or sent garbage; a wrong server key looks the same.
    case noDetail(ZeroMQError.Code)
    /// The peers do not share a protocol or mechanism; the value is libzmq's number. A connecting socket gives up.
    case `protocol`(UInt32)
    /// The ZAP handler refused with this status, for example 400. A connecting socket gives up.
    case refused(UInt32)
}

extension HandshakeFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noDetail(let code):
            "the handshake broke off (error \(code.rawValue)): a wrong server key, or another program than Ponder at this endpoint"
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

extension HandshakeFailure {
    /// Whether one side uses keys and the other none.
    package var isMechanismMismatch: Bool {
        guard case .protocol(let number) = self else { return false }
        return Int32(bitPattern: number) == ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH
    }
}
