import CZeroMQ
package import Primitives

/// One part (frame) of a message to send.
package enum Part: Sendable {
    /// Copied into libzmq: right for headers and anything below some 64 KiB.
    case bytes([UInt8])
    /// Sent out of the shared buffer without a copy.
    case shared(SharedBuffer, Range<Int>)
    /// A received part passed on, copied: for routing ids.
    case received(Message)

    package var count: Int {
        switch self {
        case .bytes(let bytes): bytes.count
        case .shared(_, let range): range.count
        case .received(let message): message.count
        }
    }

    /// Builds libzmq's message in place.
    func initialize(_ message: UnsafeMutablePointer<zmq_msg_t>) throws(ZeroMQError) {
        switch self {
        case .bytes(let bytes):
            try Self.allocate(bytes.count, message)
            bytes.withUnsafeBytes { Self.copy($0, into: message) }
        case .received(let received):
            try Self.allocate(received.count, message)
            received.withUnsafeBytes { Self.copy($0, into: message) }
        case .shared(let buffer, let range):
            // The message's reference: given back by the free callback, which libzmq calls exactly once,
            // also when the message is closed unsent.
            let reference = Unmanaged.passRetained(buffer).toOpaque()
            let status = zmq_msg_init_data(
                message, buffer.address(of: range), range.count,
                { _, reference in
                    guard let reference else { return }
                    Unmanaged<SharedBuffer>.fromOpaque(reference).release()
                },
                reference
            )
            guard status == 0 else {
                let error = ZeroMQError.last("make a message of \(range.count) shared bytes")
                Unmanaged<SharedBuffer>.fromOpaque(reference).release()
                throw error
            }
        }
    }

    private static func allocate(_ count: Int, _ message: UnsafeMutablePointer<zmq_msg_t>) throws(ZeroMQError)
    {
        guard zmq_msg_init_size(message, count) == 0 else { throw .last("make a message of \(count) bytes") }
    }

    private static func copy(_ source: UnsafeRawBufferPointer, into message: UnsafeMutablePointer<zmq_msg_t>)
    {
        if let target = zmq_msg_data(message), let start = source.baseAddress {
            target.copyMemory(from: start, byteCount: source.count)
        }
    }
}
