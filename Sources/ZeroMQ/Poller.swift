import CZeroMQ
import Glibc
import Primitives

/// Waits for sockets and file descriptors together.
///
/// Level-triggered: what is ready stays ready until it is read. Not `Sendable`, as its sockets are not.
package final class Poller {
    /// What to wait for, or what is ready.
    package struct Events: OptionSet, Sendable, Hashable {
        package let rawValue: Int16

        package init(rawValue: Int16) { self.rawValue = rawValue }

        package static let readable = Events(rawValue: Int16(ZMQ_POLLIN))
        package static let writable = Events(rawValue: Int16(ZMQ_POLLOUT))
        /// File descriptors only.
        package static let failed = Events(rawValue: Int16(ZMQ_POLLERR))
    }

    private var items: [zmq_pollitem_t] = []
    // Retained, so that a polled socket is never a closed one.
    private var sockets: [Socket?] = []

    package init() {}

    /// Adds a socket and returns its place in what `wait` answers.
    @discardableResult
    package func add(_ socket: Socket, _ events: Events) -> Int {
        items.append(zmq_pollitem_t(socket: socket.handle, fd: 0, events: events.rawValue, revents: 0))
        sockets.append(socket)
        return items.count - 1
    }

    /// Adds a file descriptor and returns its place in what `wait` answers.
    @discardableResult
    package func add(fileDescriptor: Int32, _ events: Events) -> Int {
        items.append(zmq_pollitem_t(socket: nil, fd: fileDescriptor, events: events.rawValue, revents: 0))
        sockets.append(nil)
        return items.count - 1
    }

    /// Forgets everything that was added.
    package func removeAll() {
        items.removeAll(keepingCapacity: true)
        sockets.removeAll(keepingCapacity: true)
    }

    /// Waits until something is ready or the time is over.
    ///
    /// - Parameter timeout: zero looks and returns; there is no way to wait for ever.
    /// - Returns: what is ready, one entry for each thing added, in order of adding; all empty when the time is over
    ///   or a signal came.
    /// - Throws: `ZeroMQError`: `.terminated` after the context's shutdown.
    package func wait(timeout: Duration) throws(ZeroMQError) -> [Events] {
        let limit = Int(clamping: min(timeout.milliseconds, Int64(Int32.max)))
        let ready = zmq_poll(&items, Int32(items.count), limit)
        if ready < 0 {
            let error = ZeroMQError.last("poll \(items.count) sockets")
            guard error.code == .interrupted else { throw error }
            return items.map { _ in [] }
        }
        return items.map { Events(rawValue: $0.revents) }
    }
}
