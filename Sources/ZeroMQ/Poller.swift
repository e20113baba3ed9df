import CZeroMQ
import Glibc
import Primitives

/// Waits for sockets and file descriptors together.
///
/// It is level-triggered: a socket stays ready until its messages are read.
package final class Poller {
    /// Events to wait for, or events that are there.
    package struct Events: OptionSet, Sendable, Hashable {
        package let rawValue: Int16

        package init(rawValue: Int16) { self.rawValue = rawValue }

        package static let readable = Events(rawValue: Int16(ZMQ_POLLIN))
        package static let writable = Events(rawValue: Int16(ZMQ_POLLOUT))
    }

    private var items: [zmq_pollitem_t] = []
    // Retained, so that no polled socket is closed.
    private var sockets: [Socket?] = []

    package init() {}

    /// Adds a socket and returns its index in the result of `wait`.
    @discardableResult
    package func add(_ socket: Socket, _ events: Events) -> Int {
        items.append(zmq_pollitem_t(socket: socket.handle, fd: 0, events: events.rawValue, revents: 0))
        sockets.append(socket)
        return items.count - 1
    }

    /// Adds a file descriptor and returns its index in the result of `wait`.
    @discardableResult
    package func add(fileDescriptor: Int32, _ events: Events) -> Int {
        items.append(zmq_pollitem_t(socket: nil, fd: fileDescriptor, events: events.rawValue, revents: 0))
        sockets.append(nil)
        return items.count - 1
    }

    /// Removes everything that was added.
    package func removeAll() {
        items.removeAll(keepingCapacity: true)
        sockets.removeAll(keepingCapacity: true)
    }

    /// Waits for an event, at most for `timeout`.
    ///
    /// - Parameter timeout: zero returns at once.
    /// - Returns: the events of each added socket or descriptor, in the order of adding; all empty when the time is over
    ///   or a signal arrived.
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
