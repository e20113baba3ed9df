package import Messaging
import RunStore

extension Checkup {
    /// Whether a coordinator at an endpoint accepts the key and answers with its run's status.
    ///
    /// - Throws: `EndpointError` for text that is no endpoint.
    package static func coordinator(_ text: String, keys: ClientKeys?) async throws -> Check {
        let endpoint = try Endpoint(text)
        return await Check("coordinator") {
            let status = try await StatusRequest.ask(endpoint, keys: keys)
            return
                "\(endpoint) answers: \(status.phase), step \(status.step) of \(status.steps), \(status.folder)"
        }
    }
}
