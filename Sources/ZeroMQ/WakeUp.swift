import CZeroMQ
import Glibc

/// Ends a poll from another thread: an eventfd that is polled beside sockets.
package final class WakeUp: Sendable {
    let descriptor: Int32

    /// - Throws: `ZeroMQError` with `.tooManyFiles` when no file descriptor is left.
    package init() throws(ZeroMQError) {
        descriptor = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        guard descriptor >= 0 else {
            throw ZeroMQError(ZeroMQError.Code(rawValue: errno), operation: "make an eventfd")
        }
    }

    deinit { close(descriptor) }

    /// Makes the descriptor readable until `clear`.
    ///
    /// Any thread may call it.
    package func signal() {
        // This fails only when the counter is full, and then the descriptor is readable.
        _ = eventfd_write(descriptor, 1)
    }

    /// Clears all signals so far.
    ///
    /// Look for work after this call, not before it.
    package func clear() {
        var count: eventfd_t = 0
        _ = eventfd_read(descriptor, &count)
    }
}

extension Poller {
    /// Adds a wake-up and returns its index in the result of `wait`.
    @discardableResult
    package func add(_ wakeUp: WakeUp) -> Int {
        add(fileDescriptor: wakeUp.descriptor, .readable)
    }
}
