import ExternalPrograms
import Foundation
import Host
package import RunStore

/// The worker processes of `ponder train`: direct children, started again when they die.
///
/// Only deaths before an accepted result count. A worker that is killed while it works is started again every time; one that
/// dies again and again without an accepted result in between is given up. When all are given up, the run ends and says why.
package actor LocalWorkers {
    /// What is started and how.
    package struct Plan: Sendable {
        package let count: Int
        package let executable: String
        /// Control endpoint that the workers dial.
        package let endpoint: String
        /// The commands of the programs that judge answers: the user who started the run on this host trusts them.
        package let verifiers: [[String]]
        /// Bytes of each worker's log; 0 for no limit.
        package let logLimit: Int

        /// - Parameter executable: path of this program.
        package init(
            count: Int, endpoint: String, verifiers: [[String]] = [], logLimit: Int = 0,
            executable: String = "/proc/self/exe"
        ) {
            self.count = count
            self.logLimit = logLimit
            self.verifiers = verifiers
            self.endpoint = endpoint
            self.executable =
                (try? FileManager.default.destinationOfSymbolicLink(atPath: executable)) ?? executable
        }
    }

    /// Every local worker died again and again without an accepted result in between.
    package struct AllFailed: Error, Sendable, Hashable, CustomStringConvertible {
        package let description: String
    }

    private let plan: Plan
    private let run: RunDirectory
    private let note: @Sendable (_ kind: String, _ message: String) async -> Void
    private let failed: @Sendable (AllFailed) async -> Void
    private var slots: [Int: Task<Void, Never>] = [:]
    private var children: [Int: ChildProcess] = [:]
    /// Whether a slot's present process has had a result accepted.
    private var proven: Set<Int> = []
    private var givenUp: Set<Int> = []
    private var isStopping = false
    /// Looks after the size of the logs.
    private var warden: Task<Void, Never>?

    /// Deaths in a row before an accepted result after which a worker is given up.
    private static let limit = 6

    /// - Parameters:
    ///   - note: receives events for the run's log.
    ///   - failed: called once, when no worker is left.
    package init(
        _ plan: Plan, run: RunDirectory, note: @escaping @Sendable (String, String) async -> Void,
        failed: @escaping @Sendable (AllFailed) async -> Void
    ) {
        self.plan = plan
        self.run = run
        self.note = note
        self.failed = failed
    }

    package func start() {
        if plan.logLimit > 0 {
            warden = Task { [run, plan] in
                while !Task.isCancelled {
                    try? await Task.sleep(for: .seconds(60))
                    for number in 1...max(1, plan.count) {
                        LogFile.limit(run.log(ofWorker: number).path, to: plan.logLimit)
                    }
                }
            }
        }
        for number in 1...max(1, plan.count) where slots[number] == nil {
            slots[number] = Task { await keep(number) }
        }
    }

    /// Tells that a result of this worker was accepted.
    package func accepted(_ name: String) {
        guard let number = Int(name.dropFirst(Self.name(0).count - 1)), children[number] != nil else {
            return
        }
        proven.insert(number)
    }

    /// Tells that the run is about to end, so workers that end from now on are not restarted.
    package func expectEnd() { isStopping = true }

    /// Tells the workers to end and waits until all have; kills those that have not after `grace`.
    package func stop(grace: Duration = .seconds(5)) async {
        isStopping = true
        warden?.cancel()
        for child in children.values { child.release() }
        for slot in slots.values { slot.cancel() }
        let killer = Task {
            try? await Task.sleep(for: grace)
            if !Task.isCancelled { killAll() }
        }
        for slot in slots.values { await slot.value }
        killer.cancel()
    }

    private func killAll() {
        for child in children.values { child.kill() }
    }

    private static func name(_ number: Int) -> String { "worker-\(number)" }

    /// Keeps one worker alive.
    private func keep(_ number: Int) async {
        var deaths = 0
        while !isStopping {
            let ending: String
            var wasAsked = false
            do {
                let child = try spawn(number)
                children[number] = child
                let end = await child.ending()
                children[number] = nil
                child.release()
                ending = end.explained
                // A worker ends with 0 at SIGTERM or at the end of the run, which ends this loop as well.
                wasAsked = end == .exited(0)
            } catch {
                ending = "\(error)"
            }
            if isStopping { return }
            deaths = proven.remove(number) == nil && !wasAsked ? deaths + 1 : 0
            await note(
                wasAsked ? "workerEnded" : "workerDied",
                "\(Self.name(number)) ended: \(ending); its log is \(run.log(ofWorker: number).path)")
            guard deaths < Self.limit else { return await giveUp(number, ending) }
            try? await Task.sleep(for: .milliseconds(100 << min(deaths, 5)))
        }
    }

    private func spawn(_ number: Int) throws -> ChildProcess {
        proven.remove(number)
        let permission = plan.verifiers.flatMap { ["--allow-verifier", ShellWords.quoted($0)] }
        return try ChildProcess.start(
            [
                plan.executable, "worker", "--connect", plan.endpoint, "--name", Self.name(number),
                "--end-with-parent",
            ] + permission, log: run.log(ofWorker: number).path)
    }

    private func giveUp(_ number: Int, _ ending: String) async {
        givenUp.insert(number)
        guard givenUp.count == plan.count else { return }
        await failed(
            AllFailed(
                description:
                    "every local worker ended \(Self.limit) times in a row without an accepted result, the last one with "
                    + "\(ending); \(run.log(ofWorker: number).path) says why"))
    }
}
