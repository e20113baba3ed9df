import CZeroMQ

/// One received part (frame) of a message, read where libzmq put it.
///
/// Immutable once received, so any thread may read it, and the last owner frees it.
package final class Message: @unchecked Sendable {
    // Safe: written only by `receive`, before anyone else can see it.
    private let storage: UnsafeMutablePointer<zmq_msg_t>

    /// An empty message to receive into.
    init() {
        storage = .allocate(capacity: 1)
        storage.initialize(to: zmq_msg_t())
        zmq_msg_init(storage)
    }

    deinit {
        zmq_msg_close(storage)
        storage.deallocate()
    }

    /// Receives one part; false when none is waiting.
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

    /// Where the message came from, "127.0.0.1"; nil on ipc and inproc.
    ///
    /// Ask a payload part: the routing id part loses its properties when libzmq fetched it while polling.
    package var peerAddress: String? { property("Peer-Address") }

    /// The user id the ZAP handler gave the peer; nil without authentication.
    package var userID: String? { property("User-Id") }

    private func property(_ name: String) -> String? {
        zmq_msg_gets(storage, name).map { String(cString: $0) }
    }
}
