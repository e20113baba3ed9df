import Coordination
import ExternalPrograms
import Foundation
import RunStore
import Settings
import Synchronization

/// Runs the user's programs at an alarm and at the end of a run (`hooks` of the configuration).
///
/// Each has a time limit, and its failure is a line of the log: a hook never stops a run. The facts are in environment variables:
/// `PONDER_EVENT` (alarm, end), `PONDER_RUN`, `PONDER_STEPS`, `PONDER_SAVED_STEP` (empty when nothing is saved) and
/// `PONDER_MESSAGE`; at an alarm also `PONDER_KIND`, at the end `PONDER_PHASE` (done, interrupted, failed).
final class RunHooks: Sendable {
    private let settings: HookSettings
    private let facts: [String: String]
    private let log: @Sendable (String) -> Void
    private let state = Mutex(State())

    private struct State {
        var saved: SavedStep?
        var isRunning = false
        /// The newest alarm that came while the program ran.
        var waiting: [String: String]?
    }

    init(_ session: RunSession, log: @escaping @Sendable (String) -> Void) {
        settings = session.configuration.hooks
        facts = [
            "PONDER_RUN": session.directory.root.path, "PONDER_STEPS": "\(session.configuration.steps)",
        ]
        self.log = log
    }

    /// Runs the program of alarms on a thread of its own; of the alarms that come meanwhile, the newest is told afterwards.
    func alarm(_ kind: String, _ message: String) {
        guard !settings.alarm.isEmpty else { return }
        let event = ["PONDER_EVENT": "alarm", "PONDER_KIND": kind, "PONDER_MESSAGE": message]
        let isFree = state.withLock { state in
            if state.isRunning {
                state.waiting = event
                return false
            }
            state.isRunning = true
            return true
        }
        guard isFree else { return }
        Thread.detachNewThread { [self] in
            var next: [String: String]? = event
            while let event = next {
                run(settings.alarm, event)
                next = state.withLock { state in
                    defer { state.waiting = nil }
                    state.isRunning = state.waiting != nil
                    return state.waiting
                }
            }
        }
    }

    /// Runs the coordinator, and after it the program of the end.
    func around(_ coordinator: Coordinator) async throws -> RunResult {
        state.withLock { $0.saved = coordinator.saved }
        do {
            let result = try await coordinator.run()
            await ended("done", "step \(result.steps) is done")
            return result
        } catch {
            let isAsked = error is Coordinator.Interrupted || error is Coordinator.InterruptedUnsaved
            await ended(isAsked ? "interrupted" : "failed", "\(error)")
            throw error
        }
    }

    private func ended(_ phase: String, _ message: String) async {
        guard !settings.end.isEmpty else { return }
        let event = ["PONDER_EVENT": "end", "PONDER_PHASE": phase, "PONDER_MESSAGE": message]
        await withCheckedContinuation { done in
            Thread.detachNewThread { [self] in
                run(settings.end, event)
                done.resume()
            }
        }
    }

    private func run(_ command: [String], _ event: [String: String]) {
        let saved = state.withLock { $0.saved?.step }.map { "\($0)" } ?? ""
        let environment = facts.merging(event) { $1 }.merging(["PONDER_SAVED_STEP": saved]) { $1 }
        let trouble = HookProgram.run(command, environment: environment, seconds: settings.timeout)
        if let trouble {
            log("the hook '\(command.joined(separator: " "))' \(trouble); the run does not depend on it")
        }
    }
}
