import Foundation
import Synchronization

/// A launch while its launcher lives: keeps the record up to date, and ends what it started when told to.
package final class LiveLaunch: Sendable {
    private let store: LaunchStore
    private let parallel: Int
    private let connectTimeout: Int
    private let state: Mutex<State>

    private struct State {
        var record: LaunchRecord
        var coordinator: FarWorker?
        var stopping: Task<Void, any Error>?
        var isToldToStop = false
    }

    package init(_ id: String, _ store: LaunchStore, parallel: Int, connectTimeout: Int) {
        self.store = store
        self.parallel = parallel
        self.connectTimeout = connectTimeout
        state = Mutex(State(record: LaunchRecord(id: id, started: Date(), launched: .ssh(workers: []))))
    }

    /// Records the coordinator that was started on this machine.
    package func note(coordinator: FarWorker) throws {
        state.withLock { $0.coordinator = coordinator }
        try note([])
    }

    /// Records the workers that are known so far.
    package func note(_ workers: [FarWorker]) throws {
        let isLate = try state.withLock { state in
            state.record.launched = .ssh(workers: [state.coordinator].compactMap { $0 } + workers)
            try store.save(state.record)
            return state.isToldToStop
        }
        // Started while the others were being ended.
        if isLate { stop() }
    }

    /// Removes the record of a launch that has started nothing.
    package func forget() throws { try store.remove(state.withLock { $0.record.id }) }

    /// Begins to end all workers in order.
    package func stop() {
        state.withLock { state in
            state.isToldToStop = true
            guard case .ssh(let workers) = state.record.launched, !workers.isEmpty else { return }
            let before = state.stopping
            state.stopping = Task { [parallel, connectTimeout] in
                try await before?.value
                _ = try await FarWorkers.stop(
                    workers, grace: 120, parallel: parallel, connectTimeout: connectTimeout)
            }
        }
    }

    /// Waits until `stop` has finished, if it was called.
    package func stopped() async throws {
        try await state.withLock { $0.stopping }?.value
    }
}
