import Foundation
import Host
import Reinforcement
import RunStore
import Settings
import Testing

@testable import Coordination
@testable import Service

/// Workers that pull their weights through a relay, as processes of their own.
@Suite(.serialized) struct RelayProcessTests {
    @Test func `a relay that is killed while workers pull from it costs time alone`() async throws {
        let scratch = try Scratch()
        var configuration = try TinyRun.configuration(scratch)
        configuration.steps = 24
        let file = scratch.url.appending(path: "run.yaml").path
        try Data(configuration.yaml.utf8).write(to: URL(filePath: file))
        let control = "ipc://\(scratch.url.path)/control"
        let places = ["ipc://\(scratch.url.path)/r1", "ipc://\(scratch.url.path)/r2"]
        let relays = try [
            PonderProcess(scratch, ["relay", "--connect", control, "--bind", places[0]]),
            PonderProcess(
                scratch, ["relay", "--connect", control, "--bind", places[1], "--weights", places[0]]),
        ]
        let workers = try ["a", "b"].map { name in
            try PonderProcess(
                scratch,
                [
                    "worker", "--connect", control, "--name", name, "--weights", places[1], "--weights",
                    places[0],
                ])
        }
        let coordinator = try PonderProcess(
            scratch, ["coordinator", file, "--bind", control, "--run", scratch.run.path])
        try await PonderProcess.wait("step 2") {
            (try? MetricsFile.read(RunDirectory(root: scratch.run)).last?.step ?? 0) ?? 0 >= 2
        }
        kill(relays[1].child.id, SIGKILL)
        #expect(await coordinator.end() == .exited(0), "\(coordinator.output)")
        for worker in workers { #expect(await worker.end() == .exited(0), "\(worker.output)") }
        #expect(
            try coordinator.result().policySHA256
                == (try await Undisturbed.shared.result(steps: 24).policySHA256))
        kill(relays[0].child.id, SIGTERM)
        #expect(await relays[0].end() == .exited(0))
        #expect(await relays[1].end() == .signalled(SIGKILL))
        let last = relays[0].output.split(separator: "\n").last ?? ""
        let served = last.split(separator: " ").compactMap { Int($0) }
        #expect(served.count == 2 && served.allSatisfy { $0 > 0 }, "\(relays[0].output)")
    }

    @Test func `weights go from the coordinator to one worker and from it to another, each chunk once`()
        async throws
    {
        let scratch = try Scratch()
        let file = scratch.url.appending(path: "run.yaml").path
        try Data(try TinyRun.configuration(scratch).yaml.utf8).write(to: URL(filePath: file))
        let control = "ipc://\(scratch.url.path)/control"
        let place = "ipc://\(scratch.url.path)/weights-of-a"
        let worker = ["worker", "--connect", control]
        let first = try PonderProcess(scratch, worker + ["--name", "a", "--serve-weights", place])
        let second = try PonderProcess(scratch, worker + ["--name", "b", "--weights", place])
        let coordinator = try PonderProcess(
            scratch, ["coordinator", file, "--bind", control, "--run", scratch.run.path])
        #expect(await coordinator.end() == .exited(0), "\(coordinator.output)")
        for worker in [first, second] { #expect(await worker.end() == .exited(0), "\(worker.output)") }
        #expect(first.output.contains("--weights \(place)"))
        #expect(
            try coordinator.result().policySHA256 == (try await Undisturbed.shared.result().policySHA256))
        // Told at its end: what came is what one copy of every version is, and more went out than came.
        let said = first.output.split(separator: "\n").last { $0.contains("passed weights on") } ?? ""
        let bytes = said.split(separator: " ").compactMap { Int($0) }
        #expect(bytes.count == 2 && bytes[0] > 0 && bytes[1] > bytes[0], "\(first.output)")
    }
}
