package import Messaging
import Primitives
import RunStore
import ZeroMQ

extension Checkup {
    /// Longest wait for a handshake, and for an answer.
    private static let patience = Duration.seconds(3)

    /// Whether a coordinator at an endpoint accepts the key and answers with its run's status.
    ///
    /// - Throws: `EndpointError` for text that is no endpoint.
    package static func coordinator(_ text: String, keys: ClientKeys?) async throws -> Check {
        let endpoint = try Endpoint(text)
        return await Check("coordinator") {
            try shakeHands(endpoint, keys)
            guard let status = try await StatusRequest.ask(endpoint, keys: keys, patience: patience) else {
                throw CheckFailure(
                    "\(endpoint) speaks ZeroMQ, but does not answer a status request: is it a coordinator's --bind, of this version of Ponder?"
                )
            }
            return
                "\(endpoint) answers: \(status.phase), step \(status.step) of \(status.steps), \(status.folder)"
        }
    }

    private static func shakeHands(_ endpoint: Endpoint, _ keys: ClientKeys?) throws {
        let socket = try Socket(.dealer, in: Context())
        try keys?.apply(to: socket)
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
                case .handshakeSucceeded: return
                case .handshakeFailed(let failure):
                    throw CheckFailure("\(endpoint): \(failure)")
                default: continue
                }
            }
        }
        throw CheckFailure(
            "nobody answers at \(endpoint) within \(patience.components.seconds) s; is the coordinator running, and is this its --bind?"
        )
    }
}
