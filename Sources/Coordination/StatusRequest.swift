import Foundation
package import Messaging
import Reinforcement
import Wire

/// Asks a coordinator for its status, as anyone may.
package enum StatusRequest {
    /// - Returns: nil when nobody answers within `patience`.
    /// - Throws: `EndpointError`, `ZeroMQError`.
    package static func ask(_ endpoint: Endpoint, patience: Duration = .seconds(3)) async throws -> RunStatus?
    {
        let transport = try await ZeroMQWorkerTransport(connecting: endpoint)
        let answer = await withTaskGroup(of: RunStatus?.self) { group in
            group.addTask {
                for await event in transport.events {
                    guard case .message(let envelope) = event, case .status(let bytes) = envelope.message
                    else { continue }
                    if let status = try? JSONDecoder().decode(RunStatus.self, from: Data(bytes)) {
                        return status
                    }
                }
                return nil
            }
            group.addTask {
                // Asked again in case a message was lost on the way.
                let end = ContinuousClock.now + patience
                while ContinuousClock.now < end, !Task.isCancelled {
                    try? transport.send(Envelope(stamp: .unknown, message: .statusRequest))
                    try? await Task.sleep(for: .seconds(1))
                }
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        await transport.close()
        return answer
    }
}
