import CZeroMQ

/// One received part (frame) of a message, in libzmq's memory.
///
/// Immutable once received, so any thread may read it. The last owner frees it.
package final class Message: @unchecked Sendable {
    // Safe: only `receive` writes it, before another owner exists.
    private let storage: UnsafeMutablePointer<zmq_msg_t>

    init() {
        storage = .allocate(capacity: 1)
        storage.initialize(to: zmq_msg_t())
        zmq_msg_init(storage)
    }

    deinit {
        zmq_msg_close(storage)
        storage.deallocate()
    }

    /// Receives one part; false when no part waits.
    func receive(from socket: UnsafeMutableRawPointer) throws(ZeroMQError) -> Bool {
        while zmq_msg_recv(storage, socket, ZMQ_DONTWAIT) < 0 {
            let error = ZeroMQError.last("receive")
            if error.code == .again { return false }
            guard error.code == .interrupted else { throw error }
        }
        return true
    }

    /// Whether another part of the same message follows.
    var isFollowed: Bool { zmq_msg_more(storage) != 0 }

    package var count: Int { zmq_msg_size(storage) }

    /// Lends the bytes; the pointer must not outlive the call.
    package func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(start: zmq_msg_data(storage), count: count))
    }

    /// A copy of the bytes.
    package var bytes: [UInt8] { withUnsafeBytes { [UInt8]($0) } }

    /// The address of the sender, "127.0.0.1"; nil on ipc and inproc.
    ///
    /// Read it from a payload part: libzmq 4.3.4 may lose the properties of the routing id part.
    package var peerAddress: String? { property("Peer-Address") }

    /// The user id that the ZAP handler gave the sender, nil without authentication.
    ///
    /// Read it from a payload part.
    package var userID: String? { property("User-Id") }

    private func property(_ name: String) -> String? {
        zmq_msg_gets(storage, name).map { String(cString: $0) }
    }
}
