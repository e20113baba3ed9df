import Reinforcement
import Synchronization
import Wire

/// What a worker computes and fetches, one piece after another, each answered with an event.
final class WorkQueue: Sendable {
    private struct State {
        var last: Task<Void, Never>?
        var fetching: (version: PolicyVersion, task: Task<Void, Never>)?
        var address: WeightsAddress?
        var client: (address: WeightsAddress, port: any WeightFetching)?
    }

    private let state = Mutex(State())
    private let engine: RolloutEngine
    private let connect: RolloutWorker.WeightsConnector
    private let report: @Sendable (WorkerState.Event) -> Void

    init(
        engine: RolloutEngine, connect: @escaping RolloutWorker.WeightsConnector,
        report: @escaping @Sendable (WorkerState.Event) -> Void
    ) {
        self.engine = engine
        self.connect = connect
        self.report = report
    }

    /// Where the weights are from now on.
    func note(_ address: WeightsAddress) { state.withLock { $0.address = address } }

    func prepare(_ welcome: Welcome) {
        guard let documents = welcome.documents else { return }
        enqueue { [engine, report] in
            do {
                try await engine.prepare(documents, welcome.digests)
            } catch {
                report(.unprepared(reason: "the run's documents cannot be used here: \(error)"))
            }
        }
    }

    func fetch(_ version: PolicyVersion) {
        let task = enqueue { [self] in
            do {
                let (manifest, bytes) = try await client().fetch(version)
                try Task.checkCancellation()
                try await engine.load(manifest, bytes)
                report(.weightsReady(version))
            } catch {
                report(.weightsFailed(version, reason: "\(error)"))
            }
            state.withLock { if $0.fetching?.version == version { $0.fetching = nil } }
        }
        state.withLock { $0.fetching = (version, task) }
    }

    func abandonFetch(_ version: PolicyVersion) {
        state.withLock { $0.fetching?.version == version ? $0.fetching?.task : nil }?.cancel()
    }

    func generate(_ attempt: AttemptID, _ assignment: Assignment) {
        enqueue { [engine, report] in
            do {
                report(.rolloutFinished(try await engine.generate(attempt, assignment)))
            } catch {
                report(.rolloutFailed(attempt, reason: "\(error)"))
            }
        }
    }

    /// Lets go of the weights port; what is being computed is nobody's any more.
    func stop() {
        let port = state.withLock { state in
            state.fetching?.task.cancel()
            return state.client?.port
        }
        if let port { Task { await port.close() } }
    }

    @discardableResult
    private func enqueue(_ work: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
        state.withLock { state in
            let previous = state.last
            let task = Task {
                await previous?.value
                await work()
            }
            state.last = task
            return task
        }
    }

    /// The port of the newest welcome; called by one piece of work at a time.
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
