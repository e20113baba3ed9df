import CZeroMQ
import Synchronization

/// The events of one socket's connections, read through a socket of its own.
///
/// Lives on the thread of the socket it watches.
package final class Monitor {
    /// Poll this one for reading; nothing else.
    package let socket: Socket
    private let watched: Socket

    // Names of inproc endpoints must differ within a context.
    private static let serial = Atomic<UInt64>(0)

    /// Starts watching; the events of later binds and connects arrive, in order.
    package init(_ watched: Socket) throws(ZeroMQError) {
        let number = Self.serial.wrappingAdd(1, ordering: .relaxed).newValue
        let endpoint = "inproc://monitor-\(number)"
        guard zmq_socket_monitor(watched.handle, endpoint, ZMQ_EVENT_ALL) == 0 else {
            throw .last("monitor", endpoint: endpoint)
        }
        self.watched = watched
        do {
            socket = try Socket(.pair, in: watched.context)
            try socket.connect(endpoint)
        } catch {
            zmq_socket_monitor(watched.handle, nil, 0)
            throw error
        }
    }

    deinit { zmq_socket_monitor(watched.handle, nil, 0) }

    /// The next event; nil when none is waiting.
    package func next() throws(ZeroMQError) -> MonitorEvent? {
        while let reception = try socket.receive(limits: ReceptionLimits(parts: 2, bytes: 4096)) {
            if case .message(let parts) = reception, let event = MonitorEvent(parts: parts) { return event }
        }
        return nil
    }
}
