import Foundation
import Testing

@Suite struct HelpTests {
    static let commands = [
        ["train"], ["coordinator"], ["worker"], ["relay"], ["status"], ["ask"], ["eval"], ["generate"],
        ["score"],
        ["logprobs"], ["tokenize"], ["pretrain"], ["benchmark"],
        ["benchmark", "step"], ["benchmark", "tokenizer"], ["benchmark", "scale"], ["benchmark", "weights"],
        ["benchmark", "delta"], ["benchmark", "traces"], ["benchmark", "aha"], ["doctor"], ["launch"],
        ["launch", "ssh"],
        ["launch", "slurm"], ["launch", "kubernetes"], ["launch", "status"], ["launch", "stop"],
        ["keys"], ["keys", "make"], ["keys", "list"], ["keys", "authorize"], ["keys", "revoke"],
    ]

    @Test(arguments: commands) func `every command explains itself with examples`(_ command: [String])
        async throws
    {
        let help = try await PonderProcess.run(command + ["--help"])
        #expect(help.status == 0)
        #expect(help.errors.isEmpty)
        let examples = help.output.components(separatedBy: "Examples:")
        #expect(examples.count == 2)
        #expect(examples.last?.contains("ponder \(command.joined(separator: " "))") == true)
    }

    @Test func `the program without arguments lists its commands`() async throws {
        let help = try await PonderProcess.run()
        #expect(help.status == 0)
        for command in Self.commands where command.count == 1 {
            #expect(help.output.contains("  \(command[0]) "))
        }
    }

    @Test(arguments: [
        ["nonsense"], ["ask"], ["ask", "--modle", "x", "1+1"], ["ask", "--model", "a", "--run", "b", "1+1"],
        ["ask", "--samples", "4", "--temperature", "0", "1+1"], ["ask", "--compare", "1+1"],
        ["ask", "--seed", "minus", "1+1"], ["ask", "--temperature", "-1", "1+1"],
        ["generate", "--samples", "0"],
        ["eval", "--count", "0"], ["logprobs", "--threads", "0"], ["score"],
        ["benchmark", "step", "--heads", "3"],
        ["benchmark", "step", "--dtype", "fp8"],
    ])
    func `a call that cannot be read ends with 2 and says why on standard error`(_ arguments: [String])
        async throws
    {
        let outcome = try await PonderProcess.run(arguments)
        #expect(outcome.status == 2)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.contains("Error: "))
    }

    @Test func `a misspelt option gets the nearest one named`() async throws {
        let outcome = try await PonderProcess.run("ask", "--modle", "x", "1+1")
        #expect(outcome.errors.contains("--model"))
    }
}
