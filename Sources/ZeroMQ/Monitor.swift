import CZeroMQ
import Synchronization

/// Reports the events of one socket's connections.
///
/// Must be used on the thread of that socket.
package final class Monitor {
    /// The socket to poll for reading.
    package let socket: Socket
    private let watched: Socket

    // The names of inproc endpoints must differ within a context.
    private static let serial = Atomic<UInt64>(0)

    /// Starts to report the events of later binds and connects, in order.
    package init(_ watched: Socket) throws(ZeroMQError) {
        let number = Self.serial.wrappingAdd(1, ordering: .relaxed).newValue
        let endpoint = "inproc://monitor-\(number)"
        guard zmq_socket_monitor(watched.handle, endpoint, MonitorEvent.all) == 0 else {
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

    /// The next event, nil when no event waits.
    package func next() throws(ZeroMQError) -> MonitorEvent? {
        while let reception = try socket.receive(limits: ReceptionLimits(parts: 2, bytes: 4096)) {
            if case .message(let parts) = reception, let event = MonitorEvent(parts: parts) { return event }
        }
        return nil
    }
}
