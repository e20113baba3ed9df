import Foundation
package import Messaging
package import RunStore
import Scheduling
import Wire

/// The coordinator answered, but refused this request.
package struct StatusRefused: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String
}

/// Nobody answered, and why.
package struct StatusUnanswered: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String
}

/// Asks a coordinator for its status, which it tells every authorized peer.
package enum StatusRequest {
    /// - Parameter patience: time for an answer; finding out why there is none takes about a second more.
    /// - Throws: `StatusUnanswered`, `StatusRefused`, `EndpointError`, `ZeroMQError`.
    package static func ask(
        _ endpoint: Endpoint, keys: ClientKeys? = nil, patience: Duration = .seconds(3)
    ) async throws -> RunStatus {
        var plan = SocketPlan()
        // Nobody waits for a request that was not delivered.
        plan.linger = .zero
        let transport = try await ZeroMQWorkerTransport(connecting: endpoint, keys: keys, plan: plan)
        let answer = await withTaskGroup(of: Result<RunStatus, StatusRefused>?.self) { group in
            group.addTask {
                for await event in transport.events {
                    if let answer = Self.answer(event) { return answer }
                }
                return nil
            }
            group.addTask {
                // Repeated in case a message was lost.
                let end = ContinuousClock.now + patience
                while ContinuousClock.now < end, !Task.isCancelled {
                    try? transport.send(Envelope(stamp: .unknown, message: .statusRequest))
                    try? await Task.sleep(for: min(.seconds(1), end - .now))
                }
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        if let answer {
            await transport.close()
            return try answer.get()
        }
        let reason = await transport.diagnosis()
        await transport.close()
        throw StatusUnanswered(description: "no answer from \(endpoint): \(reason)")
    }

    private static func answer(_ event: WorkerTransportEvent) -> Result<RunStatus, StatusRefused>? {
        switch event {
        case .shutOut(let reason):
            return .failure(StatusRefused(description: reason))
        case .message(let envelope):
            switch envelope.message {
            case .refused(let refusal):
                return .failure(StatusRefused(description: "refused by the coordinator: \(refusal)"))
            case .status(let bytes):
                return Result { try RunStatus(json: Data(bytes)) }.mapError {
                    StatusRefused(
                        description: "the coordinator answers with no status that this Ponder reads: \($0)")
                }
            default:
                return nil
            }
        case .malformed, .disconnected:
            return nil
        }
    }
}
