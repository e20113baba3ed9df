import CZeroMQ
package import Primitives

/// One part (frame) of a message to send.
package enum Part: Sendable {
    /// Bytes that are copied, for headers and parts below about 64 KiB.
    case bytes([UInt8])
    /// A range of a buffer that is sent without a copy.
    case shared(SharedBuffer, Range<Int>)

    package var count: Int {
        switch self {
        case .bytes(let bytes): bytes.count
        case .shared(_, let range): range.count
        }
    }

    /// Makes libzmq's message in place.
    func initialize(_ message: UnsafeMutablePointer<zmq_msg_t>) throws(ZeroMQError) {
        switch self {
        case .bytes(let bytes):
            guard zmq_msg_init_size(message, bytes.count) == 0 else {
                throw .last("make a message of \(bytes.count) bytes")
            }
            bytes.withUnsafeBytes { source in
                if let target = zmq_msg_data(message), let start = source.baseAddress {
                    target.copyMemory(from: start, byteCount: source.count)
                }
            }
        case .shared(let buffer, let range):
            // The message owns a reference to the buffer. libzmq calls the free callback, which releases it,
            // exactly once, also when the message is closed unsent.
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
}
