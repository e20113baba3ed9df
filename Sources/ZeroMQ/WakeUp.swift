import CZeroMQ
import Glibc

/// Ends a poll from another thread: an eventfd that the poll waits for beside its sockets.
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

    /// Makes the descriptor readable until `clear`; any thread may call it, any number of times.
    package func signal() {
        // It fails only when the counter is full, and then the descriptor is readable anyway.
        _ = eventfd_write(descriptor, 1)
    }

    /// Takes back all signals so far; look for work after this, not before.
    package func clear() {
        var count: eventfd_t = 0
        _ = eventfd_read(descriptor, &count)
    }
}

extension Poller {
    /// Adds a wake-up and returns its place in what `wait` answers.
    @discardableResult
    package func add(_ wakeUp: WakeUp) -> Int {
        add(fileDescriptor: wakeUp.descriptor, .readable)
    }
}
