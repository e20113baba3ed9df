import Foundation
import TestSupport
import Testing

@testable import Coordination
@testable import Host
@testable import Reinforcement
@testable import RunStore
@testable import Service
@testable import Settings
@testable import StrictConfiguration

/// Whole runs as processes over ZeroMQ, and what happens when some of them are killed.
@Suite(.serialized) struct ProcessTests {
    private func prepare(
        _ scratch: Scratch, _ change: (inout RunConfiguration) -> Void = { _ in }
    ) throws -> String {
        var configuration = try TinyRun.configuration(scratch)
        change(&configuration)
        let file = scratch.url.appending(path: "run.yaml")
        try Data(configuration.yaml.utf8).write(to: file)
        return file.path
    }

    private func steps(_ scratch: Scratch) -> Int {
        (try? MetricsFile.read(RunDirectory(root: scratch.run)).last?.step) ?? 0
    }

    @Test func `train gives the bits of a run within one process, and prints its object again`() async throws
    {
        let scratch = try Scratch()
        let file = try prepare(scratch)
        let train = try PonderProcess(scratch, ["train", file, "--run", scratch.run.path, "--workers", "2"])
        #expect(await train.end() == .exited(0))
        let result = try train.result()
        #expect(result.policySHA256 == (try await Undisturbed.shared.result()).policySHA256)
        #expect(train.output.contains("step 4/4"))

        let again = try PonderProcess(scratch, ["train", "--run", scratch.run.path])
        #expect(await again.end() == .exited(0))
        #expect(try again.result() == result)
        #expect(again.workers.isEmpty)
    }

    @Test(arguments: [1, 2, 3])
    func `kill -9 of workers does not change the bits`(seed: UInt64) async throws {
        let scratch = try Scratch()
        let file = try prepare(scratch) { $0.steps = 24 }
        let train = try PonderProcess(scratch, ["train", file, "--run", scratch.run.path, "--workers", "3"])
        let random = CounterRandom(seed: seed)
        var killed: Set<pid_t> = []
        for step in 1...4 {
            try await PonderProcess.wait("step \(step)") { steps(scratch) >= step }
            try await PonderProcess.wait("worker") { !train.workers.isEmpty }
            let workers = train.workers.sorted()
            guard !workers.isEmpty else { continue }
            let draw = random.bits(.tests, step: step, problem: 0, sample: 0, position: 0)
            let victim = workers[Int(draw % UInt64(workers.count))]
            if kill(victim, SIGKILL) == 0 { killed.insert(victim) }
        }
        #expect(await train.end() == .exited(0))
        #expect(killed.count >= 2)
        #expect(
            try train.result().policySHA256 == (try await Undisturbed.shared.result(steps: 24)).policySHA256)
    }

    @Test(arguments: [1, 3])
    func `kill -9 of the coordinator ends its workers within a second, and the run resumes to the same bits`(
        at place: Int
    ) async throws {
        let scratch = try Scratch()
        let file = try prepare(scratch) { $0.steps = 24 }
        let train = try PonderProcess(scratch, ["train", file, "--run", scratch.run.path, "--workers", "2"])
        try await PonderProcess.wait("step \(place)") { steps(scratch) >= place }
        let workers = train.workers
        #expect(workers.count == 2)
        kill(train.child.id, SIGKILL)
        #expect(await train.end() == .signalled(SIGKILL))
        // A second, and another for a machine that is busy with other tests.
        try await PonderProcess.wait("end of the workers", within: 2) {
            !workers.contains { PonderProcess.isWorker($0) }
        }
        #expect(try RunStatus(of: RunDirectory(root: scratch.run)).phase == "killed")

        let resumed = try PonderProcess(scratch, ["train", "--run", scratch.run.path, "--workers", "1"])
        #expect(await resumed.end() == .exited(0))
        #expect(
            try resumed.result().policySHA256 == (try await Undisturbed.shared.result(steps: 24)).policySHA256
        )
    }

    @Test func `SIGTERM saves, ends with 5, and the run goes on from there`() async throws {
        let scratch = try Scratch()
        let file = try prepare(scratch) { $0.steps = 40 }
        let train = try PonderProcess(scratch, ["train", file, "--run", scratch.run.path, "--workers", "2"])
        try await PonderProcess.wait("step 2") { steps(scratch) >= 2 }
        kill(train.child.id, SIGTERM)
        #expect(await train.end() == .exited(5))
        let status = try RunStatus(of: RunDirectory(root: scratch.run))
        #expect(status.phase == "interrupted")
        let resumed = try PonderProcess(
            scratch, ["train", "--run", scratch.run.path, "--steps", "\(status.step + 1)"])
        #expect(await resumed.end() == .exited(0))
        #expect(try resumed.result().steps == status.step + 1)
    }

    @Test func `a coordinator and a worker that find each other give the same bits, and both end with 0`()
        async throws
    {
        let scratch = try Scratch()
        let file = try prepare(scratch)
        let endpoint = "ipc://\(scratch.url.path)/control"
        // The worker first: it waits for its coordinator.
        let worker = try PonderProcess(scratch, ["worker", "--connect", endpoint])
        let coordinator = try PonderProcess(
            scratch, ["coordinator", file, "--bind", endpoint, "--run", scratch.run.path])
        #expect(await coordinator.end() == .exited(0))
        #expect(await worker.end() == .exited(0))
        #expect(try coordinator.result().policySHA256 == (try await Undisturbed.shared.result()).policySHA256)
    }

    @Test func `workers that die every time end the run, and say where to look`() async throws {
        let scratch = try Scratch()
        let file = try prepare(scratch)
        let session = try RunSession.open(
            TinyRun.request(try RunConfiguration(yamlFile: file), at: scratch.run))
        let run = try InProcessRun(session)
        let workers = LocalWorkers(
            LocalWorkers.Plan(count: 1, endpoint: "ipc:///nowhere", executable: "/bin/false"),
            run: session.directory, note: { _, _ in }, failed: { await run.coordinator.fail($0) })
        await workers.start()
        let failure = await #expect(throws: LocalWorkers.AllFailed.self) { try await run.run() }
        #expect(failure?.description.contains("worker-1.log") == true)
        await workers.stop()
        #expect(try RunStatus(of: session.directory).phase == "failed")
    }

    @Test(.disabled(if: MemoryGroup.obstacle != nil, "\(MemoryGroup.obstacle ?? "")"))
    func `workers that a memory cgroup kills are given up, and said to be out of memory`()
        async throws
    {
        let scratch = try Scratch()
        // Less than libtorch takes to load: the kernel kills each worker as it would a large one on a full machine.
        let group = try MemoryGroup(megabytes: 24)
        let script = scratch.url.appending(path: "confined")
        let text = "#!/bin/sh\necho $$ > '\(group.processes)'\nexec '\(TestProgram.ponder.path)' \"$@\"\n"
        try Data(text.utf8).write(to: script)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script.path)
        let file = try prepare(scratch)
        let session = try RunSession.open(
            TinyRun.request(try RunConfiguration(yamlFile: file), at: scratch.run))
        let run = try InProcessRun(session)
        let said = Lines()
        let workers = LocalWorkers(
            LocalWorkers.Plan(
                count: 1, endpoint: "ipc://\(scratch.url.path)/control", executable: script.path),
            run: session.directory, note: { said.add("\($0): \($1)") },
            failed: { await run.coordinator.fail($0) })
        await workers.start()
        let failure = await #expect(throws: LocalWorkers.AllFailed.self) { try await run.run() }
        await workers.stop()
        #expect(failure?.description.contains("out of memory") == true)
        #expect(said.all.count == 6)
        // A process that another test starts may hold the script open for a moment, and it is busy then.
        let ends = said.all.filter { !$0.contains("Text file busy") }
        #expect(ends.allSatisfy { $0.contains("killed by signal 9 (by hand, or out of memory") }, "\(ends)")
        #expect(try RunStatus(of: session.directory).phase == "failed")
        withExtendedLifetime(group) {}
    }

    @Test func `a worker that the system kills is reported as such`() async throws {
        let scratch = try Scratch()
        let script = scratch.url.appending(path: "killed")
        try Data("#!/bin/sh\nkill -9 $$\n".utf8).write(to: script)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script.path)
        let directory = try RunDirectory.prepare(at: scratch.run)
        try directory.start(RunConfiguration(), identity: RunIdentity(created: Date()))
        let said = Lines()
        let (failures, failed) = AsyncStream<LocalWorkers.AllFailed>.makeStream()
        let workers = LocalWorkers(
            LocalWorkers.Plan(count: 1, endpoint: "ipc:///nowhere", executable: script.path), run: directory,
            note: { said.add("\($0): \($1)") }, failed: { failed.yield($0) })
        await workers.start()
        for await _ in failures { break }
        await workers.stop()
        #expect(said.all.count == 6)
        #expect(said.all.allSatisfy { $0.contains("killed by signal 9 (by hand, or out of memory") })
    }

    @Test func `status exits with 3 when nobody answers, and reads a finished run`() async throws {
        let scratch = try Scratch()
        let start = ContinuousClock.now
        let status = try PonderProcess(
            scratch, ["status", "--connect", "ipc://\(scratch.url.path)/nobody"])
        #expect(await status.end() == .exited(3))
        #expect(ContinuousClock.now - start < .seconds(8))
        #expect(status.output.contains("no answer from ipc:") && status.output.contains("No such file"))
    }
}
