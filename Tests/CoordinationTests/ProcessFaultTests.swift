import Foundation
import Host
import Reinforcement
import RunStore
import Scheduling
import Settings
import Testing

@testable import Coordination
@testable import Service

/// A coordinator and workers as processes that know each other by an endpoint only: stopped, killed, told to end.
@Suite(.serialized) struct ProcessFaultTests {
    /// A coordinator's command line, and what it writes.
    private struct Place {
        let scratch: Scratch
        let file: String
        let endpoint: String

        init(_ change: (inout RunConfiguration) -> Void = { _ in }) throws {
            scratch = try Scratch()
            var configuration = try TinyRun.configuration(scratch)
            configuration.steps = 24
            change(&configuration)
            file = scratch.url.appending(path: "run.yaml").path
            try Data(configuration.yaml.utf8).write(to: URL(filePath: file))
            endpoint = "ipc://\(scratch.url.path)/control"
        }

        var directory: RunDirectory { RunDirectory(root: scratch.run) }
        var steps: Int { (try? MetricsFile.read(directory).last?.step) ?? 0 }

        func coordinator() throws -> PonderProcess {
            try PonderProcess(
                scratch, ["coordinator", file, "--bind", endpoint, "--run", scratch.run.path])
        }

        func worker(_ name: String) throws -> PonderProcess {
            try PonderProcess(scratch, ["worker", "--connect", endpoint, "--name", name])
        }

        /// Kills a process as soon as a step is recorded, on a thread of its own: a busy machine must not let the run end first.
        func kill(_ process: PonderProcess, at step: Int) async {
            let id = process.child.id
            await withCheckedContinuation { done in
                Thread.detachNewThread {
                    let deadline = ContinuousClock.now + .seconds(60)
                    while steps < step, ContinuousClock.now < deadline { usleep(2000) }
                    Foundation.kill(id, SIGKILL)
                    done.resume()
                }
            }
        }

        func reaches(_ step: Int) async throws {
            try await PonderProcess.wait("step \(step)") { steps >= step }
        }
    }

    @Test func `a coordinator that was killed comes back, its workers find it, and the bits are the same`()
        async throws
    {
        let place = try Place {
            $0.steps = 60
            $0.deadlines.coordinatorGone = 600
        }
        let workers = [try place.worker("a"), try place.worker("b")]
        for step in [1, 4] {
            let coordinator = try place.coordinator()
            await place.kill(coordinator, at: step)
            let end = await coordinator.end()
            #expect(end == .signalled(SIGKILL), "\(coordinator.output)")
        }
        let coordinator = try place.coordinator()
        #expect(await coordinator.end() == .exited(0))
        for worker in workers { #expect(await worker.end() == .exited(0)) }
        let result = try coordinator.result()
        #expect(result.policySHA256 == (try await Undisturbed.shared.result(steps: 60).policySHA256))
        #expect(result.steps == 60)
        #expect(try RunStatus(of: place.directory).report?.incarnation == 3)
    }

    @Test func `a worker whose coordinator is gone for good ends with 3 and says why`() async throws {
        let place = try Place {
            $0.steps = 1000
            $0.deadlines.coordinatorGone = 3
        }
        let worker = try place.worker("a")
        let coordinator = try place.coordinator()
        try await place.reaches(1)
        kill(coordinator.child.id, SIGKILL)
        _ = await coordinator.end()
        #expect(await worker.end(within: 60) == .exited(3))
        #expect(worker.output.contains("the coordinator has said nothing for"))
    }

    @Test func `a second coordinator on the same run is refused with 4 and changes nothing`() async throws {
        let place = try Place()
        let first = try place.coordinator()
        try await PonderProcess.wait("run") { place.directory.isRun }
        let second = try PonderProcess(
            place.scratch,
            [
                "coordinator", place.file, "--bind", place.endpoint + "2", "--run", place.scratch.run.path,
            ])
        #expect(await second.end() == .exited(4))
        #expect(second.output.contains("is in use by process \(first.child.id)"))
        let worker = try place.worker("a")
        #expect(await first.end() == .exited(0))
        #expect(await worker.end() == .exited(0))
    }

    @Test func `a worker that is stopped loses its work to the others, and its late results change nothing`()
        async throws
    {
        let place = try Place()
        let coordinator = try place.coordinator()
        let workers = [try place.worker("a"), try place.worker("b")]
        try await place.reaches(1)
        kill(workers[0].child.id, SIGSTOP)
        try await place.reaches(4)
        kill(workers[0].child.id, SIGCONT)
        #expect(await coordinator.end() == .exited(0))
        for worker in workers { #expect(await worker.end() == .exited(0)) }
        #expect(
            try coordinator.result().policySHA256
                == (try await Undisturbed.shared.result(steps: 24).policySHA256))
    }

    @Test func `a coordinator that is stopped for longer than its silence goes on to the same bits`()
        async throws
    {
        let place = try Place()
        let coordinator = try place.coordinator()
        let worker = try place.worker("a")
        try await place.reaches(2)
        kill(coordinator.child.id, SIGSTOP)
        // The fault itself: longer than `deadlines.silence`.
        try await Task.sleep(for: .seconds(4))
        kill(coordinator.child.id, SIGCONT)
        #expect(await coordinator.end() == .exited(0))
        #expect(await worker.end() == .exited(0))
        #expect(
            try coordinator.result().policySHA256
                == (try await Undisturbed.shared.result(steps: 24).policySHA256))
    }

    @Test func `a worker that is told to end gives its work back and ends with 0`() async throws {
        let place = try Place()
        let coordinator = try place.coordinator()
        let first = try place.worker("a")
        try await place.reaches(1)
        kill(first.child.id, SIGTERM)
        #expect(await first.end() == .exited(0))
        let second = try place.worker("b")
        #expect(await coordinator.end() == .exited(0))
        #expect(await second.end() == .exited(0))
        let report = try #require(try RunStatus(of: place.directory).report)
        #expect(report.ledger.closes)
        // Nobody was lost and nothing expired: the lease came back at once.
        #expect(report.ledger.expired == 0)
        #expect(report.workers.first { $0.name == "a" }?.deaths == 0)
        #expect(
            try coordinator.result().policySHA256
                == (try await Undisturbed.shared.result(steps: 24).policySHA256))
    }

    @Test func `a coordinator answers status while it waits, and the second signal ends it at once with 1`()
        async throws
    {
        let place = try Place()
        let coordinator = try place.coordinator()
        try await PonderProcess.wait("answer") {
            (try? RunStatus(of: place.directory).report?.waitingFor) == "a worker to connect"
        }
        let status = try PonderProcess(place.scratch, ["status", "--connect", place.endpoint])
        #expect(await status.end() == .exited(0))
        #expect(status.output.contains("waiting    for a worker to connect, since"))
        let doctor = try PonderProcess(place.scratch, ["doctor", "--connect", place.endpoint])
        _ = await doctor.end()
        #expect(doctor.output.contains("\(place.endpoint) answers: running, step 0 of"))
        kill(coordinator.child.id, SIGTERM)
        kill(coordinator.child.id, SIGINT)
        #expect(await coordinator.end() == .exited(1))
        #expect(coordinator.output.contains("ended at once, without saving; the newest checkpoint is step 0"))
    }
}
