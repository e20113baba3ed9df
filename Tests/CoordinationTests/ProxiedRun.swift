import ExternalPrograms
import Foundation
import Messaging
import Reinforcement
import Rollouts
import RunStore
import Scheduling
import Synchronization
import TestNetwork
import TestSupport
import Wire

@testable import Coordination

/// A coordinator on 127.0.0.1 and workers in this process, some of which reach it over a bad network only.
final class ProxiedRun: Sendable {
    let coordinator: Coordinator
    let control: ZeroMQCoordinatorTransport
    let log = Lines()
    private let port: UInt16
    private let weightsPort: UInt16
    private let workers = Mutex<[RolloutWorker]>([])
    /// As long as the run.
    private let roads = Mutex<[Road]>([])

    /// What lies between the coordinator and one worker: both ports, under the same numbers at another address.
    struct Road: Sendable {
        let control: FaultProxy
        let weights: FaultProxy
        let endpoint: Endpoint

        func set(_ change: (inout Weather) -> Void) {
            let weather = Weather.with(change)
            control.weather = weather
            weights.weather = weather
        }
    }

    init(_ session: RunSession) async throws {
        control = try await ZeroMQCoordinatorTransport(binding: Endpoint("tcp://127.0.0.1:*"))
        let weights = try await WeightServer(binding: Endpoint("tcp://127.0.0.1:*"))
        guard case .tcp(_, let port?) = control.endpoint, case .tcp(_, let weightsPort?) = weights.endpoint
        else { throw ConformanceFailure("bound without a port") }
        self.port = port
        self.weightsPort = weightsPort
        coordinator = try Coordinator(
            session,
            ports: Coordinator.Ports(
                control: control, weights: weights, weightsAddress: weights.endpoint.weightsAddress),
            log: { [log] in log.add($0) })
    }

    /// - Parameter number: of 127.0.0.N, from 2; one road a number.
    func road(_ number: Int, _ change: (inout Weather) -> Void = { _ in }) throws -> Road {
        let host = "127.0.0.\(number)"
        let road = Road(
            control: try FaultProxy(listening: host, port: port, to: port, seed: UInt64(number)),
            weights: try FaultProxy(
                listening: host, port: weightsPort, to: weightsPort, seed: UInt64(number) + 1),
            endpoint: .tcp(host: host, port: port))
        road.set(change)
        roads.withLock { $0.append(road) }
        return road
    }

    /// Adds a worker at the end of a road; without one it is on the coordinator's own network.
    @discardableResult
    func add(_ name: String, over road: Road? = nil) async throws -> RolloutWorker {
        let endpoint = road?.endpoint ?? control.endpoint
        let timing = WorkerTiming(
            ping: .milliseconds(50), silence: .seconds(2), gone: .seconds(60), grace: .seconds(1))
        var plan = SocketPlan()
        plan.longestPause = .milliseconds(200)
        let dealing = plan
        let worker = RolloutWorker(
            identity: WorkerState.Identity(
                name: name, instance: .random(in: 1 ... .max), host: "here", process: 1, machine: "this one"),
            timing: timing, transport: try await ZeroMQWorkerTransport(connecting: endpoint, plan: dealing),
            weights: { try await WeightClient(connecting: try endpoint.weights(at: $0), plan: dealing) },
            engine: DecoderEngine(permission: .none), log: { [log] in log.add("\(name): \($0)") })
        Task { await worker.run() }
        workers.withLock { $0.append(worker) }
        return worker
    }

    /// Runs to the end, and ends the workers that are left.
    func run() async throws -> RunResult {
        defer { for worker in workers.withLock({ $0 }) { worker.tell(.parentGone) } }
        return try await coordinator.run()
    }

    /// What is waited for, and by whom what is generated.
    var report: CoordinatorReport {
        get async { await coordinator.scheduler.report }
    }

    /// Looks every few milliseconds until the report says something.
    func wait(_ what: String, until holds: @Sendable (CoordinatorReport) -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(120)
        while await !holds(report) {
            guard ContinuousClock.now < end else { throw ConformanceFailure("after 120 s still no \(what)") }
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}
