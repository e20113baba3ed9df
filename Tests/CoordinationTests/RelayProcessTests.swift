import Foundation
import Processes
import Reinforcement
import RunStore
import Testing

@testable import Coordination

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
}
