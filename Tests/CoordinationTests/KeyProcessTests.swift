import Foundation
import Host
import Messaging
import Reinforcement
import RunStore
import Scheduling
import Settings
import Testing

@testable import Coordination
@testable import Service
@testable import ZeroMQ

/// Whole runs over ports with keys, and over ports that anyone may use.
@Suite(.serialized) struct KeyProcessTests {
    /// A run's file and a folder of keys for it.
    private func prepare(_ scratch: Scratch, steps: Int, workers: [String]) throws -> (
        file: String, keys: KeyFolder
    ) {
        var configuration = try TinyRun.configuration(scratch)
        configuration.steps = steps
        let file = scratch.url.appending(path: "run.yaml")
        try Data(configuration.yaml.utf8).write(to: file)
        let keys = KeyFolder(scratch.url.appending(path: "keys").path)
        _ = try keys.make([KeyFolder.coordinator] + workers)
        _ = try keys.authorize(workers)
        return (file.path, keys)
    }

    /// Starts a coordinator and returns it with the endpoint that it names.
    private func coordinator(_ scratch: Scratch, _ arguments: [String]) async throws -> (
        PonderProcess, String
    ) {
        let coordinator = try PonderProcess(scratch, ["coordinator", "--run", scratch.run.path] + arguments)
        var endpoint: String?
        try await PonderProcess.wait("endpoint") {
            let words = coordinator.output.split { $0 == " " || $0 == "\n" }
            endpoint = words.drop { $0 != "--connect" }.dropFirst().first.map(String.init)
            return endpoint != nil
        }
        return (coordinator, try #require(endpoint))
    }

    private func steps(_ scratch: Scratch) -> Int {
        (try? MetricsFile.read(RunDirectory(root: scratch.run)).last?.step) ?? 0
    }

    @Test func `sealed chunks reach workers with keys through a relay without, and the bits are the same`()
        async throws
    {
        let scratch = try Scratch()
        let (file, keys) = try prepare(scratch, steps: 4, workers: ["a", "b"])
        let (coordinator, endpoint) = try await coordinator(
            scratch,
            [
                file, "--bind", "tcp://127.0.0.1:*", "--sealed-bind", "tcp://127.0.0.1:*", "--keys",
                keys.path,
            ])
        let words = coordinator.output.split { $0 == " " || $0 == "\n" }
        let sealed = try #require(words.first { $0.hasPrefix("tcp://") }.map(String.init))
        let place = "ipc://\(scratch.url.path)/sealed"
        let relay = try PonderProcess(scratch, ["relay", "--sealed", "--connect", sealed, "--bind", place])
        let workers = try ["a", "b"].map { name in
            try PonderProcess(
                scratch,
                [
                    "worker", "--connect", endpoint, "--keys", keys.path, "--name", name,
                    "--sealed-weights", place,
                ])
        }
        #expect(await coordinator.end() == .exited(0), "\(coordinator.output)")
        for worker in workers { #expect(await worker.end() == .exited(0), "\(worker.output)") }
        #expect(
            try coordinator.result().policySHA256 == (try await Undisturbed.shared.result().policySHA256))
        kill(relay.child.id, SIGTERM)
        #expect(await relay.end() == .exited(0))
        let last = relay.output.split(separator: "\n").last ?? ""
        let bytes = last.split(separator: " ").compactMap { Int($0) }
        #expect(bytes.count == 2 && bytes[0] > 0 && bytes[1] > bytes[0], "\(relay.output)")
    }

    @Test func `a worker passes weights on to another over a port with keys, and the bits are the same`()
        async throws
    {
        let scratch = try Scratch()
        let (file, keys) = try prepare(scratch, steps: 4, workers: ["a", "b"])
        _ = try keys.make([KeyFolder.relay])
        let (coordinator, endpoint) = try await coordinator(
            scratch, [file, "--bind", "tcp://127.0.0.1:*", "--keys", keys.path])
        let worker = ["worker", "--connect", endpoint, "--keys", keys.path, "--name"]
        let place = "ipc://\(scratch.url.path)/weights-of-a"
        let first = try PonderProcess(scratch, worker + ["a", "--serve-weights", place])
        let second = try PonderProcess(scratch, worker + ["b", "--weights", place])
        #expect(await coordinator.end() == .exited(0), "\(coordinator.output)")
        for worker in [first, second] { #expect(await worker.end() == .exited(0), "\(worker.output)") }
        #expect(
            try coordinator.result().policySHA256 == (try await Undisturbed.shared.result().policySHA256))
        let said = first.output.split(separator: "\n").last { $0.contains("passed weights on") } ?? ""
        let bytes = said.split(separator: " ").compactMap { Int($0) }
        #expect(bytes.count == 2 && bytes[0] > 0 && bytes[1] >= bytes[0], "\(first.output)")
    }

    @Test func `a revoked worker ends with 4 within a second, and the run keeps its bits`() async throws {
        let scratch = try Scratch()
        let (file, keys) = try prepare(scratch, steps: 60, workers: ["good", "bad"])
        let (coordinator, endpoint) = try await coordinator(
            scratch, [file, "--bind", "tcp://127.0.0.1:*", "--keys", keys.path])
        let workers = try ["good", "bad"].map { name in
            try PonderProcess(
                scratch, ["worker", "--connect", endpoint, "--keys", keys.path, "--name", name])
        }
        try await PonderProcess.wait("work of both") {
            let status = try RunStatus(of: RunDirectory(root: scratch.run))
            return status.report?.workers.count { $0.results > 0 } == 2
        }
        let report = try RunStatus(of: RunDirectory(root: scratch.run)).report
        for name in ["good", "bad"] {
            let worker = try #require(report?.workers.first { $0.name == name })
            #expect(try worker.key == keys.publicKey(name)?.fingerprint)
        }
        _ = try keys.revoke(["bad"])
        let start = ContinuousClock.now
        #expect(await workers[1].end() == .exited(4))
        // A second, and some more for a machine that is busy with other tests.
        #expect(ContinuousClock.now - start < .seconds(5))
        #expect(workers[1].output.contains("`ponder keys authorize` puts it there"))
        #expect(steps(scratch) < 60)
        #expect(await coordinator.end() == .exited(0))
        #expect(await workers[0].end() == .exited(0))
        #expect(coordinator.output.contains("its key was revoked"))
        #expect(
            try coordinator.result().policySHA256
                == (try await Undisturbed.shared.result(steps: 60)).policySHA256)
        for name in [KeyFolder.coordinator, "good", "bad"] {
            let secret = try #require(try keys.pair(name)).secretKey.z85
            for process in [coordinator] + workers { #expect(!process.output.contains(secret)) }
        }
    }

    @Test func `a run that was open to anyone says so for ever`() async throws {
        let scratch = try Scratch()
        let (file, _) = try prepare(scratch, steps: 1, workers: [])
        let (coordinator, endpoint) = try await coordinator(
            scratch, [file, "--bind", "tcp://0.0.0.0:*", "--insecure"])
        let port = try #require(endpoint.split(separator: ":").last)
        let worker = try PonderProcess(
            scratch, ["worker", "--connect", "tcp://127.0.0.1:\(port)", "--insecure"])
        #expect(await coordinator.end() == .exited(0))
        #expect(await worker.end() == .exited(0))
        let first = try #require(try RunStatus(of: RunDirectory(root: scratch.run)).insecure)
        #expect(first.contains("tcp://0.0.0.0:\(port)"))
        #expect(first.contains("open to anyone, without keys, since"))

        let resumed = try PonderProcess(
            scratch, ["train", "--run", scratch.run.path, "--steps", "2", "--workers", "1"])
        #expect(await resumed.end() == .exited(0))
        let status = try RunStatus(of: RunDirectory(root: scratch.run))
        #expect(status.insecure == first)
        #expect(status.insecure == first)
    }
}
