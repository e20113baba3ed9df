import Synchronization

/// Starts the coordinator of a launch on this machine, and follows it.
package final class CoordinatorStart: Sendable {
    /// The process, so that `launch stop` finds it.
    package let process: FarWorker
    private let run: ScriptRun
    private let reading: Task<Int32, Never>

    private init(_ process: FarWorker, _ run: ScriptRun, _ reading: Task<Int32, Never>) {
        self.process = process
        self.run = run
        self.reading = reading
    }

    /// Starts the script and returns when workers can connect.
    ///
    /// - Parameter tell: receives the coordinator's output, one line a call.
    /// - Throws: `CoordinatorEnded` when it ends before that; `LaunchError`.
    package static func start(
        _ coordinator: LocalCoordinator, tell: @escaping @Sendable (String) -> Void
    ) async throws -> CoordinatorStart {
        let run = try ScriptRun.start(coordinator.script)
        let (news, report) = AsyncStream<FarWorker>.makeStream()
        let reading = Task {
            var process: FarWorker?
            for await line in run.lines {
                switch ScriptReport(line) {
                case .started(let name, let id, let start, let boot):
                    process = FarWorker(
                        host: FarWorker.here, name: name, process: id, start: start, boot: boot)
                case .ready: if let process { report.yield(process) }
                default:
                    tell(line)
                    if line.contains(LocalCoordinator.readyMark), let process { report.yield(process) }
                }
            }
            report.finish()
            return await run.ending()
        }
        for await process in news { return CoordinatorStart(process, run, reading) }
        throw CoordinatorEnded(code: await reading.value)
    }

    /// Waits for the end of the script: attached, the coordinator's exit code.
    package func ending() async -> Int32 { await reading.value }
}

/// The coordinator of a launch ended too early or not well; its own lines say why.
package struct CoordinatorEnded: Error, Sendable, Hashable, CustomStringConvertible {
    package let code: Int32

    package init(code: Int32) { self.code = code }

    package var description: String { "the coordinator ended with \(code); its last lines say why" }
}
