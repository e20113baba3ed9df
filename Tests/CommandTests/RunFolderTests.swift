import Foundation
import RunStore
import Settings
import Testing

@Suite struct RunFolderTests {
    /// A run whose policy is the tiny model, with tags of its own.
    private func run(policy: Bool) async throws -> Scratch {
        let scratch = try Scratch()
        let run = RunDirectory(root: scratch.url)
        var configuration = RunConfiguration()
        configuration.prompt.template = "A:{question}\nB:"
        configuration.evaluation.problems = 6
        try run.save(configuration)
        if policy {
            try FileManager.default.copyItem(
                atPath: try await TinyModel.folder(), toPath: scratch.path("checkpoints-step"))
            try FileManager.default.createSymbolicLink(
                atPath: run.policy.path, withDestinationPath: "checkpoints-step")
        }
        return scratch
    }

    @Test func `a run's policy is asked with the run's prompt`() async throws {
        let scratch = try await run(policy: true)
        let outcome = try await PonderProcess.run(
            "ask", "--run", scratch.url.path, "--max-new", "4", "--json", "1+1")
        #expect(outcome.status == 0)
        #expect(try outcome.object()["prompt"] as? String == "A:1+1=?\nB:")
    }

    @Test func `a run is measured on its own number of held-out problems`() async throws {
        let scratch = try await run(policy: true)
        let outcome = try await PonderProcess.run(
            "eval", "--run", scratch.url.path, "--max-new", "4", "--json")
        #expect(try outcome.object()["problems"] as? Int == 6)
    }

    @Test func `a run without a checkpoint ends with 6`() async throws {
        let scratch = try await run(policy: false)
        let outcome = try await PonderProcess.run("ask", "--run", scratch.url.path, "1+1")
        #expect(outcome.status == 6)
        #expect(outcome.errors.contains("no checkpoint has been written yet"))
    }

    @Test(arguments: ["ask", "eval"]) func `a folder that is not there ends with 2`(_ command: String)
        async throws
    {
        let arguments = [command, "--run", "/nowhere/run"] + (command == "ask" ? ["1+1"] : [])
        let outcome = try await PonderProcess.run(arguments)
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("no such folder"))
    }

    @Test(arguments: ["generate", "logprobs", "tokenize"])
    func `a model folder that is not there ends with 2`(_ command: String) async throws {
        let outcome = try await PonderProcess.run(command, "--model", "/nowhere/model")
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("/nowhere/model"))
    }
}
