import Synchronization

/// Starts workers on hosts, a limited number of hosts at a time, and follows them.
package struct SSHStart: Sendable {
    /// The outcome, updated while hosts report.
    package struct Outcome: Sendable, Hashable {
        package var workers: [FarWorker] = []
        /// Hosts without workers and the reasons, in the order of the hostfile.
        package var unreachable: [Trouble] = []
        /// Workers that ended by themselves with a nonzero code.
        package var failed: [String] = []
        /// Hosts whose connection broke; their workers go on.
        package var lost: [String] = []
        /// Folders of the detached workers' logs, by host.
        package var logs: [String: String] = [:]
    }

    package struct Trouble: Sendable, Hashable {
        package let host: String
        package let reason: String
        /// Whether ssh itself failed, and not the command that it ran.
        package let isConnection: Bool
    }

    private let launch: SSHLaunch
    /// Hosts that are started at the same time.
    private let parallel: Int
    /// Receives a host's output, one line a call.
    private let tell: @Sendable (_ host: String, _ line: String) -> Void

    package init(
        _ launch: SSHLaunch, parallel: Int, tell: @escaping @Sendable (_ host: String, _ line: String) -> Void
    ) {
        self.launch = launch
        self.parallel = parallel
        self.tell = tell
    }

    /// Starts everything; returns when the last script has ended, with attached workers when the last of them has.
    ///
    /// - Parameters:
    ///   - begun: called with the outcome so far whenever a host's workers are known.
    ///   - settled: called once, when every host has started its workers or cannot.
    package func run(
        begun: @escaping @Sendable (Outcome) throws -> Void, settled: @escaping @Sendable (Outcome) -> Void
    ) async throws -> Outcome {
        let outcome = Ledger(open: launch.shares.count)
        let (places, place) = AsyncStream<Void>.makeStream()
        for _ in 0..<max(1, parallel) { place.yield() }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            var free = places.makeAsyncIterator()
            for share in launch.shares {
                _ = await free.next()
                group.addTask {
                    try await follow(share, outcome, begun) {
                        place.yield()
                        if outcome.isLast() { settled(ordered(outcome.value)) }
                    }
                }
            }
            try await group.waitForAll()
            return ordered(outcome.value)
        }
    }

    private func ordered(_ outcome: Outcome) -> Outcome {
        var outcome = outcome
        let order = Dictionary(uniqueKeysWithValues: launch.shares.enumerated().map { ($1.host, $0) })
        outcome.unreachable.sort { order[$0.host, default: 0] < order[$1.host, default: 0] }
        return outcome
    }

    /// One host, from the first connection to the end of its script.
    ///
    /// - Parameter started: called once, when its workers are started or cannot be.
    private func follow(
        _ share: HostFile.Share, _ outcome: Ledger,
        _ begun: @Sendable (Outcome) throws -> Void, started: () -> Void
    ) async throws {
        let host = share.host
        var isReady = false
        // The last line before the end gives the reason.
        var last: String?
        var unusable: String?
        let run = try ScriptRun.start(launch.script(for: share))
        for await line in run.lines {
            switch ScriptReport(line) {
            case .started(let name, let process, let start, let boot):
                let worker = FarWorker(host: host, name: name, process: process, start: start, boot: boot)
                outcome.change { $0.workers.append(worker) }
            case .ready:
                isReady = true
                try begun(outcome.value)
                started()
            case .ended(let name, let code):
                tell(host, "\(name) ended with \(code)")
                if code != 0 { outcome.change { $0.failed.append(name) } }
            case .logs(let path): outcome.change { $0.logs[host] = path }
            case .unusable(let reason): unusable = reason
            case .state, .job, nil:
                if !line.isEmpty { last = line }
                tell(host, line)
            }
        }
        // Another host's failure ended the launch: its workers are recorded, their connections are closed.
        if Task.isCancelled { run.kill() }
        let code = await run.ending()
        if !isReady {
            let reason = unusable ?? last ?? "ssh ended with \(code) and said nothing"
            outcome.change {
                $0.unreachable.append(
                    Trouble(host: host, reason: reason, isConnection: code == 255 && unusable == nil))
            }
            started()
        } else if code == 255 {
            outcome.change { $0.lost.append(host) }
            tell(host, "the connection is lost; its workers go on")
        }
    }

    /// The outcome as it grows, and how many hosts are still to start.
    private final class Ledger: Sendable {
        private let state: Mutex<(outcome: Outcome, open: Int)>

        init(open: Int) { state = Mutex((Outcome(), open)) }

        var value: Outcome { state.withLock { $0.outcome } }

        func change(_ body: (inout Outcome) -> Void) { state.withLock { body(&$0.outcome) } }

        /// Counts one host as started or failed; true for the last.
        func isLast() -> Bool {
            state.withLock { state in
                state.open -= 1
                return state.open == 0
            }
        }
    }
}
