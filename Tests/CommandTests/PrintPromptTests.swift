import Foundation
import Testing

/// `ponder train --print-prompt`.
@Suite struct PrintPromptTests {
    private func run(_ yaml: String, _ arguments: String...) async throws -> PonderProcess.Outcome {
        let scratch = try Scratch()
        let model = "policy: {model: \(try await TinyModel.folder())}\n"
        let file = try scratch.write("run.yaml", model + yaml)
        let outcome = try await PonderProcess.run(
            ["train", file, "--run", scratch.path("run"), "--print-prompt"] + arguments)
        #expect(!FileManager.default.fileExists(atPath: scratch.path("run")))
        return outcome
    }

    private let sums = """
        problems: {source: sums, heldOut: 20, sums: {terms: [2, 2], number: [1, 20]}}
        evaluation: {problems: 20}
        rollout: {maxNewTokens: 28}
        prompt:
          template: "User: {question}\\nAssistant:"
          prefill: " <think>"
          examples: [{question: 4 + 5 = ?, thought: " 4 and 5 make 9. ", answer: " 9"}]
          stop: ["\\n"]
        """

    @Test func `the first problem is shown exactly as the model gets it`() async throws {
        let outcome = try await run(sums, "--json")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let object = try outcome.object()
        let problem = try #require(object["problem"] as? [String: Any])
        let question = try #require(problem["question"] as? String)
        let example = "User: 4 + 5 = ?\nAssistant: <think> 4 and 5 make 9. </think> 9\n"
        #expect(object["prompt"] as? String == "\(example)User: \(question)\nAssistant:")
        #expect(object["prefill"] as? String == " <think>")
        #expect(
            object["direct"] as? String == "User: 4 + 5 = ?\nAssistant: 9\nUser: \(question)\nAssistant: ")
        #expect(object["stop"] as? [String] == ["\n"])
        #expect((object["tokens"] as? Int ?? 0) > 50)
    }

    @Test func `for people it stands between lines that say what it is`() async throws {
        let outcome = try await run(sums)
        #expect(outcome.output.contains("--- prefilled: the response begins with it ---\n <think>\n"))
        #expect(outcome.output.contains("the end token, \"\\n\""))
    }

    @Test(arguments: [
        ("prompt: {stop: [so]}", "prompt.stop: 'so' cannot be used"),
        ("prompt: {template: r3}", "did you mean r1?"),
        ("prompt: {template: 'Ä{question}'}", "cannot read the prompt of problem"),
        ("prompt: {prefil: x}", "did you mean prompt.prefill?"),
    ])
    func `what cannot be asked is said in a sentence`(yaml: String, expected: String) async throws {
        let outcome = try await run(yaml)
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains(expected), "\(outcome.errors)")
        #expect(outcome.output.isEmpty)
    }
}
