import ExternalPrograms
import Reinforcement
import Rollouts
import RunStore
import Scheduling
import Synchronization
import TestSupport
import WeightTransfer
import Wire

@testable import Coordination

/// A coordinator and workers in this process, through the in-process transport.
final class InProcessRun: Sendable {
    let coordinator: Coordinator
    let log = Lines()
    private let network = InProcessNetwork()
    private let weights = InProcessWeights()
    private let workers = Mutex<[(RolloutWorker, Task<RolloutWorker.Ending, Never>)]>([])

    init(_ session: RunSession) throws {
        coordinator = try Coordinator(
            session,
            ports: Coordinator.Ports(
                control: network.coordinator, weights: weights, weightsAddress: .endpoint("in-process")),
            log: { [log] in log.add($0) })
    }

    /// Adds a worker whose messages pass through `tamper` on their way out.
    @discardableResult
    func add(
        _ name: String, instance: UInt64 = .random(in: 1 ... .max), permission: ProgramPermission = .none,
        tamper: @escaping @Sendable (WorkerMessage) -> [WorkerMessage] = { [$0] }
    ) -> RolloutWorker {
        let timing = WorkerTiming(
            ping: .milliseconds(50), silence: .seconds(3), gone: .seconds(20), grace: .seconds(1))
        let weights = weights
        let worker = RolloutWorker(
            identity: WorkerState.Identity(
                name: name, instance: instance, host: "here", process: 1, machine: "this one"),
            timing: timing, transport: TamperingTransport(network.makeWorker(), tamper),
            weights: { _ in weights.makeFetcher() }, engine: DecoderEngine(permission: permission),
            log: { _ in })
        let task = Task { await worker.run() }
        workers.withLock { $0.append((worker, task)) }
        return worker
    }

    /// Runs to the end with the workers that were added, and ends those that are left.
    func run() async throws -> RunResult {
        defer { for (worker, _) in workers.withLock({ $0 }) { worker.tell(.parentGone) } }
        return try await coordinator.run()
    }

    func endings() async -> [RolloutWorker.Ending] {
        var endings: [RolloutWorker.Ending] = []
        for (_, task) in workers.withLock({ $0 }) { endings.append(await task.value) }
        return endings
    }
}

/// The bits of tiny runs that nothing happens to, each computed once.
actor Undisturbed {
    static let shared = Undisturbed()
    private var results: [Int: Task<RunResult, any Error>] = [:]

    func result(steps: Int = 4) async throws -> RunResult {
        let task =
            results[steps]
            ?? Task {
                let scratch = try Scratch()
                let configuration = try TinyRun.configuration(scratch, steps: steps)
                let run = try InProcessRun(RunSession.open(TinyRun.request(configuration, at: scratch.run)))
                run.add("worker-1")
                return try await run.run()
            }
        results[steps] = task
        return try await task.value
    }
}

/// What a run said.
final class Lines: Sendable {
    private let lines = Mutex<[String]>([])

    func add(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
}

/// A worker's end of the network that changes, loses or repeats what the worker says.
final class TamperingTransport: WorkerTransport {
    private let inner: any WorkerTransport
    private let tamper: @Sendable (WorkerMessage) -> [WorkerMessage]

    init(_ inner: any WorkerTransport, _ tamper: @escaping @Sendable (WorkerMessage) -> [WorkerMessage]) {
        self.inner = inner
        self.tamper = tamper
    }

    var events: AsyncStream<WorkerTransportEvent> { inner.events }
    var address: String { inner.address }

    func diagnosis() async -> String { await inner.diagnosis() }

    func send(_ message: Envelope<WorkerMessage>) throws {
        for changed in tamper(message.message) {
            try inner.send(Envelope(stamp: message.stamp, message: changed))
        }
    }

    func reconnect() async { await inner.reconnect() }
    func close() async { await inner.close() }
}
