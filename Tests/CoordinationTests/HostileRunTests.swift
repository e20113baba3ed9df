import Foundation
import Host
import Messaging
import Reasoning
import Reinforcement
import Rollouts
import RunStore
import Scheduling
import Settings
import Synchronization
import TestNetwork
import TestSupport
import Testing

@testable import Coordination
@testable import ExternalPrograms
@testable import Service
@testable import Wire

/// Everything that strangers and evil workers do to a coordinator, at once.
@Suite(.serialized) struct HostileRunTests {
    /// Messages of the flood; `PONDER_FUZZ=1000000` sends a million.
    private static let frames =
        ProcessInfo.processInfo.environment["PONDER_FUZZ"].flatMap { Int($0) } ?? 20_000

    @Test
    func `every attack at once costs a run neither bits nor memory, and the log names each attacker`()
        async throws
    {
        let run = try ProcessRun(steps: 24) { $0.audit.rate = 1 }
        let endpoint = "tcp://127.0.0.1:\(run.port)"
        let coordinator = try run.coordinator()
        let memory = PeakMemory(of: coordinator.child.id)

        // Alone first: each of them gets work, does harm and is caught before anybody honest comes.
        let poisoners = Poison.allCases
        let evil = EvilWorkers()
        for poison in poisoners { try await evil.add(poison.rawValue, to: endpoint) { poison.spoil($0) } }
        try await PonderProcess.wait("caught poisoner") {
            let caught = events(run).filter { $0.kind.hasPrefix("dropped.") }
            return poisoners.allSatisfy { poison in caught.contains { $0.message.contains(poison.rawValue) } }
        }
        let before = memory.megabytes

        let strangers = try Strangers(at: endpoint, messages: Self.frames)
        // Half of the flood meets a coordinator that waits, the other half one that trains.
        try await PonderProcess.wait("half of the flood") { strangers.sent >= Self.frames / 2 }
        try await evil.add("liar", to: endpoint, evil.onceUntilReleased(EvilWorkers.lie))
        try await evil.add("echo", to: endpoint, evil.onceUntilReleased { [$0, $0] })
        try await evil.add("forger", to: endpoint, evil.onceUntilReleased(EvilWorkers.forge))
        let deeds = [("liar", "falseClaim"), ("echo", "late."), ("forger", "late.")]
        try await PonderProcess.wait("named liar, echo and forger") {
            let said = events(run)
            return deeds.allSatisfy { name, kind in
                said.contains { $0.kind.hasPrefix(kind) && $0.message.contains(name) }
            }
        }
        evil.release()
        let honest = try ["a", "b"].map { try run.worker($0) }
        try await run.expectQuietBits(coordinator)
        for worker in honest { #expect(await worker.end() == .exited(0), "\(worker.output)") }

        let growth = memory.megabytes - before
        #expect(growth < 200, "the coordinator grew by \(growth) MB")
        let report = try #require(try RunStatus(of: run.directory).report)
        for poison in poisoners {
            #expect(report.ledger.dropped[poison.reason, default: 0] > 0, "\(poison)")
        }
        #expect(coordinator.output.contains("malformed message from 127.0.0.1#"), "\(coordinator.output)")
        strangers.end()
        await evil.end()
    }

    /// What is recorded so far; nothing before the coordinator has made its records.
    private func events(_ run: ProcessRun) -> [EventRecord] {
        (try? RunDatabase.openReadOnly(run.directory).events(last: 10_000)) ?? []
    }
}

/// The most memory that a process has had so far, read while it lives.
private final class PeakMemory: Sendable {
    private let id: pid_t
    private let last = Mutex(0)
    private let isOver = Mutex(false)

    init(of id: pid_t) {
        self.id = id
        Thread.detachNewThread { [self] in
            while !isOver.withLock({ $0 }), kill(id, 0) == 0 {
                read()
                usleep(20_000)
            }
        }
    }

    deinit { isOver.withLock { $0 = true } }

    var megabytes: Int { last.withLock { $0 } }

    private func read() {
        let status = (try? String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8)) ?? ""
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
            let kilobytes = line.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
        else { return }
        last.withLock { $0 = max($0, kilobytes / 1000) }
    }
}

/// Workers of this process that speak with a coordinator over TCP and say what no honest one would.
private final class EvilWorkers: Sendable {
    private let workers = Mutex<[(RolloutWorker, Task<RolloutWorker.Ending, Never>)]>([])
    private let isReleased = Mutex(false)

    func add(
        _ name: String, to endpoint: String,
        _ tamper: @escaping @Sendable (WorkerMessage) -> [WorkerMessage]
    ) async throws {
        let control = try Endpoint(endpoint)
        let timing = WorkerTiming(
            ping: .milliseconds(50), silence: .seconds(3), gone: .seconds(60), grace: .seconds(1))
        let worker = RolloutWorker(
            identity: WorkerState.Identity(
                name: name, instance: .random(in: 1 ... .max), host: "here", process: 1, machine: "this one"),
            timing: timing,
            transport: TamperingTransport(try await ZeroMQWorkerTransport(connecting: control), tamper),
            weights: { try await WeightClient(connecting: try control.weights(at: $0)) },
            engine: DecoderEngine(permission: .none), log: { _ in })
        let task = Task { await worker.run() }
        workers.withLock { $0.append((worker, task)) }
    }

    func end() async {
        let workers = workers.withLock { $0 }
        for (worker, _) in workers { worker.tell(.parentGone) }
        for (_, task) in workers { _ = await task.value }
    }

    /// Does it to one result and holds the others back, so that the run waits until the deed is known, and from `release` on
    /// does it to each.
    func onceUntilReleased(
        _ deed: @escaping @Sendable (WorkerMessage) -> [WorkerMessage]
    ) -> @Sendable (WorkerMessage) -> [WorkerMessage] {
        let isDone = Mutex(false)
        return { [self] message in
            guard case .result = message else { return [message] }
            let isSaid = isDone.withLock { done in
                defer { done = true }
                return !done || isReleased.withLock { $0 }
            }
            return isSaid ? deed(message) : []
        }
    }

    func release() { isReleased.withLock { $0 = true } }

    /// Says of every answer the opposite of what it found.
    static func lie(_ message: WorkerMessage) -> [WorkerMessage] {
        guard case .result(let result) = message else { return [message] }
        let claims = result.claims?.map { $0 == .correct ? Verdict.wrong : .correct }
        return [.result(RolloutResult(attempt: result.attempt, traces: result.traces, claims: claims))]
    }

    /// Delivers what was never handed out, what another has and what another life of the coordinator handed out, before
    /// its own.
    static func forge(_ message: WorkerMessage) -> [WorkerMessage] {
        guard case .result(let result) = message else { return [message] }
        let (assignment, incarnation) = (result.attempt.assignment, result.attempt.incarnation)
        let neighbour = AssignmentID(round: assignment.round, index: assignment.index == 0 ? 1 : 0)
        let forged = [
            AttemptID(assignment: assignment, incarnation: incarnation, number: 999),
            AttemptID(assignment: assignment, incarnation: incarnation + 1, number: 1),
            AttemptID(assignment: neighbour, incarnation: incarnation, number: 1),
        ]
        return forged.map {
            .result(RolloutResult(attempt: $0, traces: result.traces, claims: result.claims))
        } + [message]
    }
}

/// Connections that are idle, babble, never end what they say or only look; and a peer that floods with broken messages.
private final class Strangers: Sendable {
    private let state = Mutex((sent: 0, isOver: false))

    init(at endpoint: String, messages: Int) throws {
        var random = SplitMix(seed: 18)
        let connections = try (0..<520).map { index in
            let connection = try RawConnection(to: endpoint)
            switch index {
            case 500...:
                connection.greetAsDealer()
                connection.write(RawConnection.unfinished([UInt8](repeating: 7, count: 1 << 18)))
            case let even where even % 2 == 0: break
            default: connection.write([0xFF] + (0..<99).map { _ in random.byte() })
            }
            return connection
        }
        let broken = try MutatedMessages.seeds()
        let peer = try RawPeer(to: endpoint)
        state.withLock { [connections = Kept(connections), peer = Kept(peer)] _ in
            Thread.detachNewThread { [self] in
                var random = SplitMix(seed: 24)
                while !state.withLock({ $0.isOver || $0.sent >= messages }) {
                    let message = MutatedMessages.mutated(broken[random.below(broken.count)], &random)
                    // A full queue: said again after a while, or the coordinator has gone.
                    guard !message.isEmpty, (try? peer.value.sendWhenReady(message)) != nil else { continue }
                    let sent = state.withLock { state in
                        state.sent += 1
                        return state.sent
                    }
                    if sent % 100 == 0 { _ = try? RawConnection(to: endpoint) }
                }
                withExtendedLifetime(connections) {}
            }
        }
    }

    var sent: Int { state.withLock { $0.sent } }
    func end() { state.withLock { $0.isOver = true } }

    /// Handed to the one thread that uses it.
    private struct Kept<Value>: @unchecked Sendable {
        let value: Value
        init(_ value: Value) { self.value = value }
    }
}
