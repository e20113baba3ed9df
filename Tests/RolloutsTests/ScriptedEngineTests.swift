import Primitives
import Reinforcement
import Rollouts
import Scheduling
import Synchronization
import TestSupport
import Testing
import WeightTransfer
import Wire

/// A worker in front of something that is not Ponder's own decoder.
///
/// Nothing here opens libtorch.
@Suite struct ScriptedEngineTests {
    /// Answers with made-up traces.
    private final class ScriptedEngine: RolloutEngine {
        let isReproducible = false
        private let state = Mutex((prepared: false, version: PolicyVersion?.none))

        func machine() -> String { MachineDescription.text(engine: "scripted 1") }

        func prepare(_ documents: RunDocuments, _ digests: Digests) {
            state.withLock { $0.prepared = documents == Samples.documents && digests == Samples.digests }
        }

        func load(_ manifest: WeightManifest, _ bytes: SharedBuffer) throws {
            guard state.withLock({ $0.prepared }) else { throw NotReady() }
            state.withLock { $0.version = manifest.version }
        }

        func generate(_ attempt: AttemptID, _ assignment: Assignment) throws -> RolloutResult {
            guard let version = state.withLock({ $0.version }), assignment.versions.contains(version) else {
                throw NotReady()
            }
            return Samples.result(attempt, assignment)
        }

        func abandon(_ attempt: AttemptID) {}
        func curtail(_ attempt: AttemptID) {}

        struct NotReady: Error {}
    }

    @Test func `a worker takes part with an engine that needs no libtorch`() async throws {
        let network = InProcessNetwork()
        let weights = InProcessWeights()
        let bytes = [UInt8](repeating: 1, count: 4000)
        try await weights.publish(
            SampleWeights.manifest(version: 0, bytes: bytes), bytes: SharedBuffer(bytes))
        let coordinator = network.coordinator
        let inbox = Inbox(coordinator.events)
        let engine = ScriptedEngine()
        let worker = RolloutWorker(
            identity: WorkerState.Identity(
                name: "worker-1", instance: 1, host: "here", process: 1,
                machine: try await engine.machineReport()),
            transport: network.makeWorker(), weights: { _ in weights.makeFetcher() }, engine: engine,
            log: { _ in })
        let running = Task { await worker.run() }

        let (peer, hello) = try await inbox.next("hello", within: .seconds(60)) { event -> (PeerID, Hello)? in
            guard case .message(let peer, let envelope) = event, case .hello(let hello) = envelope.message
            else { return nil }
            return (peer, hello)
        }
        #expect(hello.machine.hasSuffix("scripted 1, bits not reproducible"))
        func tell(_ message: CoordinatorMessage) throws {
            try coordinator.send(Envelope(stamp: Samples.stamp, message: message), to: peer)
        }
        try tell(.welcome(Samples.welcome()))
        _ = try await inbox.next("ready", within: .seconds(60)) { event -> Bool? in
            guard case .message(_, let envelope) = event, case .ready(PolicyVersion(0)) = envelope.message
            else { return nil }
            return true
        }
        let assignment = Samples.round()[0]
        let attempt = Samples.attempt(of: assignment)
        try tell(.assignment(attempt, assignment))
        let result = try await inbox.next("result", within: .seconds(60)) { event -> RolloutResult? in
            guard case .message(_, let envelope) = event, case .result(let result) = envelope.message
            else { return nil }
            return result
        }
        #expect(result == Samples.result(attempt, assignment))
        try tell(.acknowledged(attempt))
        try tell(.farewell(.complete))
        #expect(await running.value.code == 0)
    }
}
