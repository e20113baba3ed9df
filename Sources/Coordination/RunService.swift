import Foundation
package import Messaging
import RunStore

/// Runs a session over ZeroMQ: with workers of its own (`train`), or for whoever connects (`coordinator`).
package enum RunService {
    /// - Parameters:
    ///   - control: where workers connect.
    ///   - weights: where they pull weights; nil for the endpoint beside `control`.
    ///   - security: who may use both.
    ///   - localWorkers: processes to start; 0 for a coordinator that waits for others.
    ///   - log: one line a call, for a person.
    ///   - bound: told where workers may connect, once they can.
    ///   - beat: called several times a second while workers are answered.
    /// - Returns: the object to print.
    /// - Throws: `Coordinator.Interrupted`, `RunFailure`, `EndpointError`, `ZeroMQError`, and what `Coordinator.run` does.
    package static func run(
        _ session: RunSession, control: Endpoint, weights: Endpoint? = nil, security: PortSecurity = .local,
        localWorkers: Int, log: @escaping @Sendable (String) -> Void, bound: (Endpoint) -> Void = { _ in },
        beat: @escaping @Sendable () -> Void = {}
    ) async throws -> RunResult {
        let controlPort: ZeroMQCoordinatorTransport
        let weightServer: WeightServer
        do {
            (controlPort, weightServer) = try await bind(
                control, weights, security: security, peers: max(64, localWorkers + 8))
        } catch {
            session.abandon()
            throw error
        }
        let coordinator = try Coordinator(
            session,
            ports: Coordinator.Ports(
                control: controlPort, weights: weightServer,
                weightsAddress: weightServer.endpoint.weightsAddress,
                insecure: openness(
                    security, [controlPort.endpoint, weightServer.endpoint], epoch: session.lock.epoch)),
            log: log)
        let watch = SignalWatch(fastExit: 5) {
            log("ending after this step; once more to end at once")
            Task { await coordinator.interrupt() }
        }
        defer { withExtendedLifetime(watch) {} }
        await coordinator.onBeat(beat)
        bound(controlPort.endpoint)
        guard localWorkers > 0 else { return try await coordinator.run() }

        let workers = LocalWorkers(
            LocalWorkers.Plan(
                count: localWorkers, endpoint: controlPort.endpoint.text,
                verifier: session.configuration.verifier.command),
            run: session.directory,
            note: { await coordinator.note($0, $1) }, failed: { await coordinator.fail($0) })
        await coordinator.onAccepted { await workers.accepted($0) }
        await coordinator.onLeaving { await workers.expectEnd() }
        await workers.start()
        do {
            let result = try await coordinator.run()
            await workers.stop()
            return result
        } catch {
            await workers.stop()
            throw error
        }
    }

    private static func bind(
        _ control: Endpoint, _ weights: Endpoint?, security: PortSecurity, peers: Int
    ) async throws -> (ZeroMQCoordinatorTransport, WeightServer) {
        let controlPort = try await ZeroMQCoordinatorTransport(
            binding: control, security: security, peers: peers)
        do {
            let server = try await WeightServer(
                binding: try weights ?? neighbour(control), security: security)
            return (controlPort, server)
        } catch {
            await controlPort.close()
            throw error
        }
    }

    /// What is to be said for ever of ports that others reach without keys.
    private static func openness(
        _ security: PortSecurity, _ endpoints: [Endpoint], epoch: UInt64, now: Date = Date()
    ) -> String? {
        let open = endpoints.filter { !$0.isLocal }
        guard case .open = security, !open.isEmpty else { return nil }
        return "\(open.map(\.text).joined(separator: " and ")) open to anyone, without keys, since "
            + "\(now.formatted(.iso8601)) (epoch \(epoch))"
    }

    /// A port of the system's choice has no neighbour that is surely free.
    private static func neighbour(_ control: Endpoint) throws -> Endpoint {
        if case .tcp(let host, nil) = control { return .tcp(host: host, port: nil) }
        return try control.weightsNeighbour
    }
}
