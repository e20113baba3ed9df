import CZeroMQ

/// A libzmq context: I/O threads and the sockets they serve.
///
/// Order of closing, here and nowhere else: every `Socket` retains its context, so `zmq_ctx_term` runs only after
/// the last socket has been closed. It then waits for what the sockets still linger on, and a socket's linger is
/// always a finite time (0 unless set), so ending never hangs.
///
/// A context may be used from any thread; the sockets made with it may not.
package final class Context: @unchecked Sendable {
    // Safe: libzmq's contexts are thread-safe, and the pointer never changes.
    let handle: UnsafeMutableRawPointer

    /// Makes a context with its I/O threads.
    ///
    /// - Parameters:
    ///   - ioThreads: threads that move bytes; one serves about a gigabyte a second.
    ///   - maximumSockets: sockets that may be open at a time.
    /// - Throws: `ZeroMQError` with `.tooManyFiles` when no file descriptor is left.
    package init(ioThreads: Int32 = 1, maximumSockets: Int32 = 64) throws(ZeroMQError) {
        guard let handle = zmq_ctx_new() else { throw .last("make a context") }
        guard
            zmq_ctx_set(handle, ZMQ_IO_THREADS, ioThreads) == 0,
            zmq_ctx_set(handle, ZMQ_MAX_SOCKETS, maximumSockets) == 0
        else {
            let error = ZeroMQError.last("configure a context")
            zmq_ctx_term(handle)
            throw error
        }
        self.handle = handle
    }

    deinit {
        // EINTR is the only failure of a valid context, and means "call again".
        while zmq_ctx_term(handle) != 0, ZeroMQError.last("end a context").code == .interrupted {}
    }

    /// Makes every call on the context's sockets fail with `.terminated` at once, from any thread.
    package func shutdown() {
        zmq_ctx_shutdown(handle)
    }

    /// libzmq's version, for example "4.3.4".
    package static var libraryVersion: String {
        var (major, minor, patch): (Int32, Int32, Int32) = (0, 0, 0)
        zmq_version(&major, &minor, &patch)
        return "\(major).\(minor).\(patch)"
    }

    /// Whether this libzmq was built with CURVE.
    package static var hasCurve: Bool { zmq_has("curve") == 1 }
}
