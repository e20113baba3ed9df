import Foundation
import RunStore
import Scheduling
import Settings
import Testing

@testable import Coordination
@testable import Host
@testable import Service

/// Workers of one host name and one process id, as containers have them.
@Suite(.serialized) struct WorkerNameProcessTests {
    /// Each such command is process 1 of its own namespace.
    private static let container = ["/usr/bin/env", "unshare", "-p", "-f", "--kill-child", "--mount-proc"]

    /// Whether this test may make namespaces.
    static let mayUnshare: Bool = {
        let probe = Process()
        probe.executableURL = URL(filePath: container[0])
        probe.arguments = container.dropFirst() + ["true"]
        probe.standardError = FileHandle.nullDevice
        guard (try? probe.run()) != nil else { return false }
        probe.waitUntilExit()
        return probe.terminationStatus == 0
    }()

    private struct Place {
        let scratch: Scratch
        let file: String
        let endpoint: String

        init(steps: Int) throws {
            scratch = try Scratch()
            var configuration = try TinyRun.configuration(scratch)
            configuration.steps = steps
            file = scratch.url.appending(path: "run.yaml").path
            try Data(configuration.yaml.utf8).write(to: URL(filePath: file))
            endpoint = "ipc://\(scratch.url.path)/control"
        }

        func coordinator(_ arguments: String...) throws -> PonderProcess {
            try PonderProcess(
                scratch,
                ["coordinator", file, "--bind", endpoint, "--run", scratch.run.path] + arguments)
        }

        func worker(_ arguments: String...) throws -> PonderProcess {
            try PonderProcess(
                scratch, wrapper: container, ["worker", "--connect", endpoint] + arguments)
        }
    }

    @Test(.enabled(if: mayUnshare)) func `three workers of process id 1 on one host all take part`()
        async throws
    {
        let place = try Place(steps: 24)
        let workers = try (1...3).map { _ in try place.worker() }
        let coordinator = try place.coordinator()
        #expect(await coordinator.end() == .exited(0), "\(coordinator.output)")
        for worker in workers { #expect(await worker.end() == .exited(0), "\(worker.output)") }
        let status = try RunStatus(of: RunDirectory(root: place.scratch.run))
        let roster = try #require(status.report?.workers)
        #expect(Set(roster.map(\.name)).count == 3 && roster.allSatisfy { $0.deaths == 0 })
    }

    @Test(.enabled(if: mayUnshare))
    func `of two with one --name the first works on, and the other ends with 4 and the remedy`()
        async throws
    {
        let place = try Place(steps: 1000)
        let coordinator = try place.coordinator()
        let first = try place.worker("--name", "same")
        try await PonderProcess.wait("the first worker") { first.output.contains("connected to") }
        let second = try place.worker("--name", "same")
        #expect(await second.end(within: 60) == .exited(4), "\(second.output)")
        #expect(second.output.contains("another living worker is called same (process 1 on"))
        #expect(second.output.contains("give each its own --name"))
        let status = try RunStatus(of: RunDirectory(root: place.scratch.run))
        #expect(status.report?.workers.map(\.deaths) ?? [0] == [0])
        kill(coordinator.child.id, SIGTERM)
        #expect(await coordinator.end() == .exited(5), "\(coordinator.output)")
        // The first one waits for its coordinator.
        first.child.kill()
        _ = await first.end()
    }

    @Test func `a coordinator that comes back with an allowed change takes its waiting worker along`()
        async throws
    {
        let place = try Place(steps: 400)
        let worker = try PonderProcess(
            place.scratch, ["worker", "--connect", place.endpoint, "--name", "a"])
        let first = try place.coordinator()
        try await PonderProcess.wait("a step") {
            ((try? MetricsFile.read(RunDirectory(root: place.scratch.run)).last?.step) ?? 0) >= 1
        }
        kill(first.child.id, SIGTERM)
        #expect(await first.end() == .exited(5), "\(first.output)")
        var configuration = try RunConfiguration(yamlFile: place.file)
        let done = try #require(try MetricsFile.read(RunDirectory(root: place.scratch.run)).last?.step)
        configuration.steps = done + 3
        configuration.checkpoint.every = 3
        configuration.rollout.temperature = 1.1
        try Data(configuration.yaml.utf8).write(to: URL(filePath: place.file))
        let second = try place.coordinator("--allow-changes")
        #expect(await second.end() == .exited(0), "\(second.output)")
        #expect(await worker.end() == .exited(0), "\(worker.output)")
        #expect(
            worker.output.split(separator: "\n").count {
                $0.contains("connected to") && $0.contains("policy")
            } >= 2)
    }
}
