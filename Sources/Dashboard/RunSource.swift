import Dispatch
import Foundation
package import RunStore
import Synchronization

/// One run as all clients share it: its records are read once a change, on a thread of its own, read-only.
package final class RunSource: Sendable {
    let run: RunDirectory
    private let queue: DispatchQueue
    private let state = Mutex(State())

    private struct State {
        var records: RunDatabase?
        /// SQLite's counter at the last look; nil before the records exist.
        var counter: Int?
        var isLive = false
        var revision = 0
        /// The last step seen, and when it ended.
        var last: (step: Int, time: Double)?
        /// The revision at which steps were last replaced by others, as after a resume from an older checkpoint.
        var replaced = 0
        /// Views of this revision by the step after which they begin.
        var views: [Int: Data] = [:]
    }

    package init(_ run: RunDirectory) {
        self.run = run
        queue = DispatchQueue(label: "dashboard-run")
    }

    /// The number of the newest state of the records, and whether more is to come.
    struct Pulse: Sendable, Hashable {
        let revision: Int
        let isLive: Bool
    }

    /// Looks whether the run has changed.
    ///
    /// - Throws: `RunDatabaseError`, `FileError`.
    func look() async throws -> Pulse {
        try await queue.value { [self] in try state.withLock { try look(&$0) } }
    }

    /// What the page shows, as JSON.
    ///
    /// - Parameters:
    ///   - step: the last step that the client has.
    ///   - revision: where it has it from.
    /// - Throws: what `RunView` does.
    func view(after step: Int, from revision: Int) async throws -> Data {
        try await queue.value { [self] in
            try state.withLock { state in
                let pulse = try look(&state)
                let after = revision >= state.replaced && step <= state.last?.step ?? 0 ? max(0, step) : 0
                if let known = state.views[after] { return known }
                let view = try RunView(
                    of: run, state.records, revision: pulse.revision, isLive: pulse.isLive, after: after)
                let data = Data(try view.line().utf8)
                // Pages that were opened at different times ask for a few different steps.
                if state.views.count >= 8 { state.views = [:] }
                state.views[after] = data
                return data
            }
        }
    }

    /// The run's figures for Prometheus.
    ///
    /// - Throws: what `RunStatus` does.
    func metrics() async throws -> String {
        try await queue.value { [run] in PrometheusText.render(try RunStatus(of: run)) }
    }

    private func look(_ state: inout State) throws -> Pulse {
        let isHeld = try RunLock.holder(of: run) != nil
        // Records of another process, or none yet: what is open may be a file that nobody writes.
        if isHeld != state.isLive { state.records = nil }
        if state.records == nil, FileManager.default.fileExists(atPath: run.database.path) {
            state.records = try RunDatabase.openReadOnly(run)
            state.counter = nil
        }
        let counter = try state.records?.changeCounter()
        if state.revision == 0 || counter != state.counter || isHeld != state.isLive {
            state.revision += 1
            state.views = [:]
            try findReplacedSteps(&state)
        }
        (state.counter, state.isLive) = (counter, isHeld)
        return Pulse(revision: state.revision, isLive: isHeld)
    }

    private func findReplacedSteps(_ state: inout State) throws {
        if let last = state.last {
            let now = try state.records?.steps(last.step...last.step).first
            if now?.time != last.time { state.replaced = state.revision }
        }
        state.last = try state.records?.lastStep().map { ($0.step, $0.time) }
    }
}

extension DispatchQueue {
    /// The result of work that blocks, done on this queue.
    func value<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            async { continuation.resume(with: Result { try work() }) }
        }
    }
}
