import Foundation
import Testing
import ZeroMQ

@Suite struct DoctorTests {
    private func checks(_ outcome: PonderProcess.Outcome) throws -> [String: (ok: Bool, detail: String)] {
        let checks = try #require(outcome.object()["checks"] as? [[String: Any]])
        return Dictionary(
            uniqueKeysWithValues: try checks.map {
                (
                    try #require($0["name"] as? String),
                    (try #require($0["ok"] as? Bool), try #require($0["detail"] as? String))
                )
            })
    }

    @Test func `a sound model passes every check`() async throws {
        let outcome = try await PonderProcess.run("doctor", "--model", try await TinyModel.folder(), "--json")
        let checks = try checks(outcome)
        for name in [
            "machine", "open files", "clock", "disk", "libzmq", "libtorch", "embedded base",
            "learning rate 0",
            "micro-batches", "weights", "verifiers", "model", "model weights",
        ] {
            #expect(checks[name]?.ok == true, "\(name): \(checks[name]?.detail ?? "missing")")
        }
        #expect(checks["learning rate 0"]?.detail.contains("the weights keep their bits") == true)
        #expect(!outcome.output.contains("CUDA"))
        #expect(outcome.status == (try outcome.object()["ok"] as? Bool == true ? 0 : 1))
    }

    @Test func `weights that were cut are a problem and end with 1`() async throws {
        let scratch = try Scratch()
        let copy = scratch.path("model")
        try FileManager.default.copyItem(atPath: try await TinyModel.folder(), toPath: copy)
        let weights = try FileHandle(forUpdating: URL(filePath: "\(copy)/model.safetensors"))
        try weights.truncate(atOffset: 2000)
        try weights.close()
        let outcome = try await PonderProcess.run("doctor", "--model", copy, "--json")
        #expect(outcome.status == 1)
        let checks = try checks(outcome)
        #expect(checks["model"]?.ok == true)
        #expect(checks["model weights"]?.ok == false)
        #expect(checks["model weights"]?.detail.contains("model.safetensors") == true)
    }

    @Test func `a folder that is no run is a problem`() async throws {
        let scratch = try Scratch()
        let outcome = try await PonderProcess.run("doctor", "--run", scratch.url.path)
        #expect(outcome.status == 1)
        #expect(outcome.output.contains("PROBLEM  run"))
    }

    @Test func `something that speaks ZeroMQ and is no coordinator is a problem, and said to be there`()
        async throws
    {
        let router = try Socket(.router, in: Context())
        let endpoint = try router.bind("tcp://127.0.0.1:*")
        let outcome = try await PonderProcess.run("doctor", "--connect", endpoint, "--json")
        let check = try #require(try checks(outcome)["coordinator"])
        #expect(!check.ok && check.detail.contains("does not answer as a coordinator"))
        // The socket must live until here.
        withExtendedLifetime(router) {}
    }

    @Test(arguments: ["control", "weights"])
    func `a port in use ends a coordinator with 1, since it may be free later, and leaves no folder`(
        _ port: String
    ) async throws {
        let scratch = try Scratch()
        let taken = try Socket(.router, in: Context())
        let used = try taken.bind("tcp://127.0.0.1:*")
        let free = "ipc://\(scratch.path("free"))"
        let ports =
            port == "control"
            ? ["--bind", used, "--weights-bind", free] : ["--bind", free, "--weights-bind", used]
        let outcome = try await PonderProcess.run(["coordinator", "--run", scratch.path("run")] + ports)
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("port in use: choose another"))
        #expect(!FileManager.default.fileExists(atPath: scratch.path("run")))
        withExtendedLifetime(taken) {}
    }

    @Test func `nobody at an endpoint is a problem`() async throws {
        // A port that was free a moment ago.
        var endpoint = ""
        do { endpoint = try Socket(.router, in: Context()).bind("tcp://127.0.0.1:*") }
        let outcome = try await PonderProcess.run("doctor", "--connect", endpoint, "--json")
        #expect(outcome.status == 1)
        #expect(try checks(outcome)["coordinator"]?.ok == false)
    }

    @Test func `text that is no endpoint ends with 2`() async throws {
        let outcome = try await PonderProcess.run("doctor", "--connect", "localhost:5555")
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("tcp://HOST:PORT"))
    }
}
