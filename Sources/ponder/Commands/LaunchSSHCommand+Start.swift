import Foundation
import Launching
import Service

extension LaunchSSHCommand {
    /// Starts what is planned, and follows it to its end unless it is detached.
    func start(_ plan: SSHLaunch, _ parallel: Int, _ store: LaunchStore) async throws {
        let live = LiveLaunch(plan.id, store, parallel: parallel, connectTimeout: plan.connectTimeout)
        // Recorded before anything runs, because `launch stop` finds workers by their record.
        try live.note([])
        let start = SSHStart(plan, parallel: parallel) { StandardError.write("\($0): \($1)") }
        SignalWatch.start(again: { ExitStatus.failed.rawValue }) { _ in
            StandardError.write("ending what was started; once more to leave it as it is")
            live.stop()
        }
        let coordinator = try await startCoordinator(plan, live)
        let outcome = try await start.run(
            begun: { try live.note($0.workers) }, settled: { Self.tell($0, plan) })
        // Without a worker the coordinator would wait for ever.
        if outcome.workers.isEmpty { live.stop() }
        try await live.stopped()
        let code = detach ? 0 : await coordinator?.value ?? 0
        try await live.stopped()
        if outcome.workers.isEmpty || (!detach && outcome.lost.isEmpty) { try store.remove(plan.id) }
        guard code == 0 || outcome.workers.isEmpty else { throw CoordinatorEnded(code: code) }
        try judge(outcome, plan)
    }

    /// Starts the coordinator that the plan has, and follows it; when it ends, so do its workers.
    ///
    /// - Returns: its exit code, later; nil without a coordinator.
    private func startCoordinator(_ plan: SSHLaunch, _ live: LiveLaunch) async throws -> Task<Int32, Never>? {
        guard let local = plan.local else { return nil }
        let started: CoordinatorStart
        do {
            started = try await CoordinatorStart.start(local) { line in
                // The coordinator's result is the launch's.
                if line.hasPrefix("{") { print(line) } else { StandardError.write("coordinator: \(line)") }
            }
        } catch {
            try live.forget()
            throw error
        }
        try live.note(coordinator: started.process)
        if local.isDetached { StandardError.write("the coordinator's log: \(local.log)") }
        return Task {
            let code = await started.ending()
            // Workers of a complete run end by themselves, the others would wait for it.
            if !local.isDetached, code != 0 { live.stop() }
            return code
        }
    }

    private static func tell(_ outcome: SSHStart.Outcome, _ plan: SSHLaunch) {
        let hosts = Set(outcome.workers.map(\.host)).count
        StandardError.write(
            "\(plan.id): \(outcome.workers.count) of \(plan.workers) workers started on \(hosts) hosts")
        for (host, path) in outcome.logs.sorted(by: { $0.key < $1.key }) {
            StandardError.write("logs: \(host):\(path)")
        }
        for trouble in outcome.unreachable {
            StandardError.write("no workers on \(trouble.host): \(trouble.reason)")
        }
        let line = LaunchLine(
            id: plan.id, workers: outcome.workers.count, hosts: hosts, detached: plan.isDetached,
            unreachable: outcome.unreachable.map(\.host))
        if let line = try? LaunchTool.line(line) { print(line) }
        // The check at the end of every command reports a failure.
        try? StandardOutput.flush()
    }

    private func judge(_ outcome: SSHStart.Outcome, _ plan: SSHLaunch) throws {
        if outcome.workers.isEmpty {
            let isReached = outcome.unreachable.contains { !$0.isConnection }
            throw CommandFailure(
                isReached ? .failed : .unreachable,
                "no worker could be started on any of \(plan.shares.count) hosts; what each said stands above"
            )
        }
        if !outcome.failed.isEmpty {
            throw CommandFailure(
                .failed,
                "\(outcome.failed.count) workers did not end well: \(outcome.failed.joined(separator: ", "))")
        }
    }
}

/// The object that a launch prints.
private struct LaunchLine: Encodable {
    let id: String
    let workers: Int
    let hosts: Int
    let detached: Bool
    let unreachable: [String]
}
