import Messaging
import ZeroMQ

extension Checkup {
    /// Longest wait for an answer.
    private static let patience = Duration.seconds(3)

    /// Whether something at an endpoint shakes hands as ZeroMQ does, and accepts the key.
    ///
    /// - Throws: `EndpointError` for text that is no endpoint.
    static func coordinator(_ text: String, keys: ClientKeys?) throws -> Check {
        let endpoint = try Endpoint(text)
        return Check("coordinator") {
            let socket = try Socket(.dealer, in: Context())
            try keys?.arm(socket)
            let monitor = try Monitor(socket)
            try socket.connect(endpoint.text)
            let clock = ContinuousClock()
            let deadline = clock.now + patience
            let poller = Poller()
            poller.add(monitor.socket, .readable)
            while clock.now < deadline {
                _ = try poller.wait(timeout: deadline - clock.now)
                while let event = try monitor.next() {
                    switch event.kind {
                    case .handshakeSucceeded:
                        return "\(endpoint) speaks ZeroMQ" + (keys == nil ? "" : " and accepts this key")
                    case .handshakeFailed(let failure):
                        throw CommandFailure(.unreachable, "\(endpoint): \(failure)")
                    default: continue
                    }
                }
            }
            throw CommandFailure(
                .unreachable,
                "nobody answers at \(endpoint) within \(Int(patience.inSeconds)) s; is the coordinator running, and is this its --bind?"
            )
        }
    }
}
