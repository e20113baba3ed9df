import ModelFiles
import Reinforcement
import Scheduling
import Synchronization
import WeightTransfer
import Wire

/// A worker's computations and fetches, each answered with an event.
///
/// Documents, policies and rollouts follow each other. The one exception is a policy that is fetched during a
/// rollout that continues with it. The state never asks for two rollouts, or two policies, at a time.
final class WorkQueue: Sendable {
    private struct State {
        /// The tasks of the last requested documents or policy, and of the last rollout.
        var supply: Task<Void, Never>?
        var rollout: Task<Void, Never>?
        var fetching: (version: PolicyVersion, task: Task<Void, Never>)?
        var address: WeightsAddress?
        var client: (address: WeightsAddress, port: any WeightFetching)?
    }

    private let state = Mutex(State())
    private let engine: any RolloutEngine
    private let connect: RolloutWorker.WeightsConnector
    private let report: @Sendable (WorkerState.Event) -> Void

    init(
        engine: any RolloutEngine, connect: @escaping RolloutWorker.WeightsConnector,
        report: @escaping @Sendable (WorkerState.Event) -> Void
    ) {
        self.engine = engine
        self.connect = connect
        self.report = report
    }

    /// Sets the address of the weights from now on.
    func note(_ address: WeightsAddress) { state.withLock { $0.address = address } }

    func prepare(_ welcome: Welcome) {
        guard let documents = welcome.documents else { return }
        state.withLock { state in
            state.supply = Task { [engine, report, supply = state.supply, rollout = state.rollout] in
                await supply?.value
                await rollout?.value
                do {
                    try await engine.prepare(documents, welcome.digests)
                } catch {
                    report(.unprepared(reason: "the run's documents cannot be used here: \(error)"))
                }
            }
        }
    }

    func fetch(_ version: PolicyVersion) {
        state.withLock { state in
            let task = Task { [self, supply = state.supply] in
                await supply?.value
                do {
                    let (manifest, bytes) = try await client().fetch(version)
                    try Task.checkCancellation()
                    try await engine.load(manifest, bytes)
                    report(.weightsReady(version))
                } catch {
                    report(.weightsFailed(version, reason: "\(error)"))
                }
                self.state.withLock { if $0.fetching?.version == version { $0.fetching = nil } }
            }
            state.supply = task
            state.fetching = (version, task)
        }
    }

    func abandonFetch(_ version: PolicyVersion) {
        state.withLock { $0.fetching?.version == version ? $0.fetching?.task : nil }?.cancel()
    }

    func generate(_ attempt: AttemptID, _ assignment: Assignment) {
        state.withLock { state in
            state.rollout = Task { [engine, report, supply = state.supply, rollout = state.rollout] in
                await supply?.value
                await rollout?.value
                do {
                    report(.rolloutFinished(try await engine.generate(attempt, assignment)))
                } catch {
                    report(.rolloutFailed(attempt, reason: "\(error)"))
                }
            }
        }
    }

    /// Ends an attempt that nobody waits for; the answer comes within a token.
    func abandon(_ attempt: AttemptID) { engine.abandon(attempt) }

    /// Ends an attempt early because the worker must end; its finished problems are answered within a token.
    func curtail(_ attempt: AttemptID) { engine.curtail(attempt) }

    /// Closes the weights port; nobody waits for running computations.
    func stop() {
        let port = state.withLock { state in
            state.fetching?.task.cancel()
            return state.client?.port
        }
        if let port { Task { await port.close() } }
    }

    /// The port of the newest welcome; only one piece of work calls this at a time.
    private func client() async throws -> any WeightFetching {
        let (address, known) = state.withLock { ($0.address, $0.client) }
        guard let address else {
            throw PublishedPolicyError(description: "no welcome has said where the weights are")
        }
        if let known, known.address == address { return known.port }
        await known?.port.close()
        let port = try await connect(address)
        state.withLock { $0.client = (address, port) }
        return port
    }
}
