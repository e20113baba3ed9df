import CZeroMQ

/// A libzmq context: an I/O thread, which moves about a gigabyte a second, and the sockets that it serves.
///
/// Every `Socket` retains its context, so `zmq_ctx_term` runs after the last socket is closed. It then waits until the
/// sockets have sent their queues or their linger is over. The linger is always finite, so it never hangs.
///
/// A context may be used from any thread. Its sockets may not.
package final class Context: @unchecked Sendable {
    // Safe: libzmq's contexts are thread-safe, and the pointer never changes.
    let handle: UnsafeMutableRawPointer

    /// - Parameter maximumSockets: sockets that may be open at a time.
    /// - Throws: `ZeroMQError` with `.tooManyFiles` when no file descriptor is left.
    package init(maximumSockets: Int32 = 64) throws(ZeroMQError) {
        guard let handle = zmq_ctx_new() else { throw .last("make a context") }
        guard zmq_ctx_set(handle, ZMQ_MAX_SOCKETS, maximumSockets) == 0 else {
            let error = ZeroMQError.last("configure a context")
            zmq_ctx_term(handle)
            throw error
        }
        self.handle = handle
    }

    deinit {
        // A valid context fails only with EINTR, after which the call must be repeated.
        while zmq_ctx_term(handle) != 0, ZeroMQError.last("end a context").code == .interrupted {}
    }

    /// The version of libzmq, for example "4.3.4".
    package static var libraryVersion: String {
        var (major, minor, patch): (Int32, Int32, Int32) = (0, 0, 0)
        zmq_version(&major, &minor, &patch)
        return "\(major).\(minor).\(patch)"
    }

    /// Whether this libzmq was built with CURVE.
    package static var hasCurve: Bool { zmq_has("curve") == 1 }
}
