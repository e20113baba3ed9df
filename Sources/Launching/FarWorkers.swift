import Synchronization

/// Checks and ends workers that were started on hosts.
package enum FarWorkers {
    /// The state of one worker.
    package struct Finding: Sendable, Hashable {
        package let worker: FarWorker
        /// `running`, `gone`, `killed`, or why its host does not say.
        package let state: String

        /// Whether it has certainly ended.
        package var isOver: Bool { state == "gone" || state == "killed" }
    }

    /// Asks every host which of its workers run.
    package static func status(
        of workers: [FarWorker], parallel: Int = 16, connectTimeout: Int = 10
    ) async throws -> [Finding] {
        try await ask(workers, parallel, connectTimeout) { FarScript.status($0) }
    }

    /// Ends processes in order: SIGTERM, then, for those that are left after `grace` seconds, SIGKILL.
    ///
    /// A coordinator on this machine ends first: to end the step that it is in, it needs its workers.
    package static func stop(
        _ workers: [FarWorker], grace: Int, parallel: Int = 16, connectTimeout: Int = 10
    ) async throws -> [Finding] {
        let first = try await ask(workers.filter { $0.host == FarWorker.here }, parallel, connectTimeout) {
            FarScript.stop($0, grace: grace)
        }
        return try await first
            + ask(workers.filter { $0.host != FarWorker.here }, parallel, connectTimeout) {
                FarScript.stop($0, grace: grace)
            }
    }

    /// The command that runs on this machine for one host.
    static func script(_ far: String, host: String, connectTimeout: Int) -> String {
        if host == FarWorker.here { return "sh -s \(ShellText.document(far))" }
        return "\(SSHLaunch.ssh(host, connectTimeout: connectTimeout)) sh -s \(ShellText.document(far))"
    }

    private static func ask(
        _ workers: [FarWorker], _ parallel: Int, _ connectTimeout: Int,
        _ script: @escaping @Sendable ([FarWorker]) -> String
    ) async throws -> [Finding] {
        let hosts = Dictionary(grouping: workers, by: \.host)
        let findings = try await withThrowingTaskGroup(of: [Finding].self) { group in
            var found: [Finding] = []
            var running = 0
            for (host, workers) in hosts.sorted(by: { $0.key < $1.key }) {
                if running == max(1, parallel) {
                    found += try await group.next() ?? []
                } else {
                    running += 1
                }
                group.addTask {
                    let text = Self.script(script(workers), host: host, connectTimeout: connectTimeout)
                    let (code, lines) = try await ScriptRun.output(of: text)
                    return Self.findings(workers, code, lines)
                }
            }
            for try await more in group { found += more }
            return found
        }
        let states = Dictionary(uniqueKeysWithValues: findings.map { ($0.worker, $0) })
        return workers.compactMap { states[$0] }
    }

    private static func findings(_ workers: [FarWorker], _ code: Int32, _ lines: [String]) -> [Finding] {
        var states: [String: ScriptReport.FarState] = [:]
        var last: String?
        for line in lines {
            if case .state(let name, let state) = ScriptReport(line) {
                states[name] = state
            } else if !line.isEmpty {
                last = line
            }
        }
        let reason = "unknown: \(last ?? "ssh ended with \(code)")"
        return workers.map { Finding(worker: $0, state: states[$0.name]?.rawValue ?? reason) }
    }
}
