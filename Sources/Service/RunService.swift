package import Coordination
import Foundation
import Host
package import Messaging
package import RunStore
import Settings

/// Runs a session over ZeroMQ: with workers of its own (`train`), or with workers that connect (`coordinator`).
package enum RunService {
    /// The endpoints of a run, and the peers that may use them.
    package struct Places: Sendable {
        /// Where workers connect.
        package let control: Endpoint
        /// Where workers pull weights; nil for the endpoint next to `control`.
        package let weights: Endpoint?
        /// Where anyone may get sealed chunks of weights; nil to offer none.
        package let sealed: Endpoint?
        /// Who may use the first two.
        package let security: PortSecurity

        package init(
            control: Endpoint, weights: Endpoint? = nil, sealed: Endpoint? = nil,
            security: PortSecurity = .local
        ) {
            self.control = control
            self.weights = weights
            self.sealed = sealed
            self.security = security
        }
    }

    /// - Parameters:
    ///   - localWorkers: processes to start; 0 for a coordinator that waits for others.
    ///   - log: one line a call, for a person.
    ///   - working: a line that says how far an evaluation or a step is, about once a second.
    ///   - bound: called with the endpoint once workers can connect.
    ///   - beat: called several times a second while workers are answered.
    ///   - timeLimit: time from now after which the run is saved and ends; nil for none.
    ///   - flush: returns when what was logged is written; called before a signal ends the process at once.
    /// - Returns: the object to print.
    /// - Throws: `Coordinator.Interrupted`, `Coordinator.InterruptedUnsaved`, `RunFailure`, `EndpointError`, `ZeroMQError`, and what `Coordinator.run` does.
    package static func run(
        _ session: RunSession, at places: Places, localWorkers: Int,
        log: @escaping @Sendable (String) -> Void, working: @escaping @Sendable (String) -> Void = { _ in },
        bound: (Endpoint) -> Void = { _ in },
        beat: @escaping @Sendable () -> Void = {}, timeLimit: Duration? = nil,
        flush: @escaping @Sendable () -> Void = {}
    ) async throws -> RunResult {
        let controlPort: ZeroMQCoordinatorTransport
        let weightServer: WeightServer
        do {
            (controlPort, weightServer) = try await bind(places, peers: max(64, localWorkers + 8))
        } catch {
            session.abandon()
            throw error
        }
        let hooks = RunHooks(session, log: log)
        let coordinator: Coordinator
        do {
            coordinator = try Coordinator(
                session,
                ports: Coordinator.Ports(
                    control: controlPort, weights: weightServer,
                    weightsAddress: weightServer.endpoint.weightsAddress,
                    insecure: openness(
                        places.security, [controlPort.endpoint, weightServer.endpoint],
                        incarnation: session.lock.incarnation)),
                log: log, alarmed: { hooks.alarm($0, $1) })
        } catch {
            await controlPort.close()
            await weightServer.close()
            session.abandon()
            throw error
        }
        let folder = session.directory.root.path
        SignalWatch.start(
            save: { Task { await coordinator.saveNow() } },
            again: {
                let newest = coordinator.saved.step.map { "the newest checkpoint is step \($0)" }
                log("ended at once, without saving; \(newest ?? "there is no checkpoint") in \(folder)")
                flush()
                return 1
            },
            first: { signal in
                log(
                    "\(ProcessSignals.name(signal)): saving the run, then ending; SIGINT or SIGTERM again ends at once, without saving"
                )
                Task { await coordinator.interrupt() }
            })
        let limit = timeLimit.map { time in
            Task {
                try await Task.sleep(for: time)
                log("the time limit is over: saving the run, then ending")
                await coordinator.interrupt()
            }
        }
        defer { limit?.cancel() }
        await coordinator.onBeat(beat)
        await coordinator.onWorking(working)
        session.lock.onLost { lost in Task { await coordinator.fail(lost) } }
        if let sealed = weightServer.sealedEndpoint {
            log("anyone gets sealed chunks of weights at \(sealed)")
        }
        bound(controlPort.endpoint)
        guard localWorkers > 0 else { return try await hooks.around(coordinator) }

        let workers = LocalWorkers(
            LocalWorkers.Plan(
                count: localWorkers, endpoint: controlPort.endpoint.text,
                verifiers: session.configuration.programs,
                logLimit: session.configuration.records.logMegabytes << 20),
            run: session.directory,
            note: { await coordinator.note($0, $1) }, failed: { await coordinator.fail($0) })
        await coordinator.onAccepted { await workers.accepted($0) }
        await coordinator.onLeaving { await workers.expectEnd() }
        await workers.start()
        do {
            let result = try await hooks.around(coordinator)
            await workers.stop()
            return result
        } catch {
            await workers.stop()
            throw error
        }
    }

    private static func bind(
        _ places: Places, peers: Int
    ) async throws -> (ZeroMQCoordinatorTransport, WeightServer) {
        let controlPort = try await ZeroMQCoordinatorTransport(
            binding: places.control, security: places.security, peers: peers)
        do {
            let server = try await WeightServer(
                binding: try places.weights ?? neighbour(places.control), security: places.security,
                sealed: places.sealed)
            return (controlPort, server)
        } catch {
            await controlPort.close()
            throw error
        }
    }

    /// The permanent note about ports that others can reach without keys.
    private static func openness(
        _ security: PortSecurity, _ endpoints: [Endpoint], incarnation: UInt64, now: Date = Date()
    ) -> String? {
        let open = endpoints.filter { !$0.isLocal }
        guard case .open = security, !open.isEmpty else { return nil }
        return "\(open.map(\.text).joined(separator: " and ")) open to anyone, without keys, since "
            + "\(now.formatted(.iso8601)) (incarnation \(incarnation))"
    }

    /// When the system chooses the port, the next port may be taken.
    private static func neighbour(_ control: Endpoint) throws -> Endpoint {
        if case .tcp(let host, nil) = control { return .tcp(host: host, port: nil) }
        return try control.weightsNeighbour
    }
}
