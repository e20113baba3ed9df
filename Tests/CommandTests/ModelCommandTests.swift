import Foundation
import Reasoning
import RunStore
import Settings
import Testing

/// The commands that compute with a model, on a tiny one.
@Suite struct ModelCommandTests {
    private func completions(_ arguments: String..., prompts: [String]) async throws -> PonderProcess.Outcome
    {
        let lines = prompts.map { #"{"prompt":"\#($0)"}"# }.joined(separator: "\n")
        return try await PonderProcess.run(
            ["generate", "--model", try await TinyModel.folder(), "--max-new", "12"] + arguments, input: lines
        )
    }

    @Test func `log-probabilities are one fewer than ids, and those of the samples`() async throws {
        let folder = try await TinyModel.folder()
        let generated = try await completions(prompts: ["Q:1+1=?"])
        let sample = try generated.object()
        let ids = try #require(sample["ids"] as? [Int])
        let sampled = try #require(sample["logprobs"] as? [Double])
        let prompt = try await PonderProcess.run("tokenize", "--model", folder, input: #"{"text":"Q:1+1=?"}"#)
        let all = try #require(prompt.object()["ids"] as? [Int]) + ids
        let scored = try await PonderProcess.run("logprobs", "--model", folder, input: #"{"ids":\#(all)}"#)
        #expect(scored.status == 0)
        let forward = try #require(scored.object()["logprobs"] as? [Double])
        #expect(forward.count == all.count - 1)
        #expect(sampled.count == ids.count && !ids.isEmpty)
        for (a, b) in zip(forward.suffix(ids.count), sampled) { #expect(abs(a - b) < 1e-4) }
        let behind = try await PonderProcess.run(
            "logprobs", "--model", folder, input: #"{"ids":\#(all),"prompt":\#(all.count - ids.count)}"#)
        #expect(try behind.object()["logprobs"] as? [Double] == forward.suffix(ids.count))
    }

    @Test func `bfloat16 log-probabilities behind a prompt are the sampled ones, to the last bit`()
        async throws
    {
        let folder = try await TinyModel.folder()
        let prompt = try await PonderProcess.run("tokenize", "--model", folder, input: #"{"text":"Q:1+1=?"}"#)
        let start = try #require(prompt.object()["ids"] as? [Int])
        let samples = try await completions("--dtype", "bf16", "--samples", "4", prompts: ["Q:1+1=?"])
            .objects()
        for sample in samples {
            let ids = try #require(sample["ids"] as? [Int])
            let scored = try await PonderProcess.run(
                "logprobs", "--model", folder, "--dtype", "bf16",
                input: #"{"ids":\#(start + ids),"prompt":\#(start.count)}"#)
            #expect(try scored.object()["logprobs"] as? [Double] == sample["logprobs"] as? [Double])
        }
        let wrong = try await PonderProcess.run(
            "logprobs", "--model", folder, input: #"{"ids":[5,6],"prompt":3}"#)
        #expect(wrong.status == 2 && wrong.errors.contains("a prompt of 3 ids"))
    }

    @Test func `bfloat16 products of other processors give the same numbers up to rounding`() async throws {
        let folder = try await TinyModel.folder()
        func logProbabilities(_ products: String) async throws -> PonderProcess.Outcome {
            try await PonderProcess.run(
                ["logprobs", "--model", folder, "--dtype", "bf16"], input: #"{"ids":[5,6,7,8,9,5,6,7]}"#,
                environment: ["PONDER_PRODUCTS": products])
        }
        let plain = try #require(try await logProbabilities("plain").object()["logprobs"] as? [Double])
        #expect(plain.count == 7)
        for products in ["pairs", "tiles"] {
            let other = try #require(try await logProbabilities(products).object()["logprobs"] as? [Double])
            for (a, b) in zip(plain, other) { #expect(abs(a - b) < 1e-3) }
        }
        let unknown = try await logProbabilities("fast")
        #expect(unknown.status != 0 && unknown.errors.contains("it must be plain, pairs or tiles"))
    }

    @Test func `an id outside the vocabulary is named with its line, after the lines before it`() async throws
    {
        let outcome = try await PonderProcess.run(
            "logprobs", "--model", try await TinyModel.folder(), input: "{\"ids\":[5]}\n{\"ids\":[5,100]}\n")
        #expect(outcome.status == 2)
        #expect(outcome.lines == [#"{"logprobs":[]}"#])
        #expect(outcome.errors.contains("line 2: token id 100"))
    }

    @Test func `completions come in the order of prompts and samples, and follow from the seed`() async throws
    {
        let prompts = ["1", "22", "333"]
        let first = try await completions("--samples", "2", "--seed", "5", prompts: prompts)
        #expect(first.status == 0)
        let objects = try first.objects()
        #expect(objects.map { $0["prompt"] as? String } == ["1", "1", "22", "22", "333", "333"])
        #expect(objects.map { $0["line"] as? Int } == [1, 1, 2, 2, 3, 3])
        #expect(objects.map { $0["sample"] as? Int } == [0, 1, 0, 1, 0, 1])
        #expect(objects.allSatisfy { ["end", "length"].contains($0["finish"] as? String) })
        #expect(
            try await completions("--samples", "2", "--seed", "5", prompts: prompts).output == first.output)
        #expect(
            try await completions("--samples", "2", "--seed", "6", prompts: prompts).output != first.output)
    }

    @Test func `the likeliest tokens need no seed`() async throws {
        let one = try await completions("--temperature", "0", "--seed", "1", prompts: ["1"])
        #expect(one.status == 0)
        #expect(
            try await completions("--temperature", "0", "--seed", "2", prompts: ["1"]).output == one.output)
    }

    @Test func `a bad prompt is named with its line, after the lines before it`() async throws {
        let outcome = try await completions(prompts: ["1", "1×2"])
        #expect(outcome.status == 2)
        #expect(outcome.lines.count == 1)
        #expect(outcome.errors.contains("line 2: ") && outcome.errors.contains("'×'"))
    }

    @Test func `a direct answer is digits and minus signs alone`() async throws {
        let outcome = try await PonderProcess.run(
            "ask", "--model", try await TinyModel.folder(), "--direct", "--json", "17+25+38=?")
        #expect(outcome.status == 0)
        let reply = try outcome.object()
        let response = try #require(reply["response"] as? String)
        #expect(response.allSatisfy { "0123456789-".contains($0) })
        #expect(reply["form"] is NSNull && reply["expected"] as? String == "80")
    }

    @Test func `an answer is the same each time, and a sample has a seed that repeats it`() async throws {
        let folder = try await TinyModel.folder()
        func ask(_ options: String...) async throws -> [String: Any] {
            let fixed = ["ask", "--model", folder, "--json", "--max-new", "12", "17+25+38"]
            return try await PonderProcess.run(fixed + options).object()
        }
        let (first, second) = (try await ask(), try await ask())
        #expect(first["seed"] is NSNull && first["response"] as? String == second["response"] as? String)
        let sampled = try await ask("--temperature", "1")
        let seed = try #require(sampled["seed"] as? Int)
        let again = try await ask("--seed", "\(seed)")
        #expect(again["response"] as? String == sampled["response"] as? String)
        let other = try await ask("--temperature", "1")
        #expect(other["seed"] as? Int != seed)
    }

    @Test func `several samples are shown, with how many are right`() async throws {
        let folder = try await TinyModel.folder()
        let asked = [
            "ask", "--model", folder, "--samples", "3", "--max-new", "12", "--seed", "5", "17+25+38",
        ]
        let object = try await PonderProcess.run(asked + ["--json"]).object()
        let replies = try #require(object["replies"] as? [[String: Any]])
        #expect(replies.count == 3 && object["samples"] as? Int == 3 && object["right"] as? Int == 0)
        let shown = try await PonderProcess.run(asked)
        #expect(shown.output.contains("0 of 3 right") && shown.output.contains("--seed 5 repeats this"))
    }

    @Test func `off a terminal people get plain lines`() async throws {
        let outcome = try await PonderProcess.run(
            "ask", "--model", try await TinyModel.folder(), "--direct", "--max-new", "40", "17+25+38")
        #expect(outcome.status == 0)
        #expect(!outcome.output.contains("\u{1B}") && outcome.errors.isEmpty)
        #expect(outcome.output.hasPrefix("answer ") || outcome.output.hasPrefix("response "))
    }

    @Test func `an expression gets its question mark, another question stays`() async throws {
        let folder = try await TinyModel.folder()
        func asked(_ question: String) async throws -> String? {
            try await PonderProcess.run("ask", "--model", folder, "--json", "--max-new", "4", question)
                .object()["question"]
                as? String
        }
        #expect(try await asked("17*3+58") == "17*3+58=?")
        #expect(try await asked("17*3+58=?") == "17*3+58=?")
        #expect(try await asked("17 + 25") == "17 + 25")
    }

    @Test func `a question with a character that the model cannot read ends with 2`() async throws {
        let outcome = try await PonderProcess.run("ask", "--model", try await TinyModel.folder(), "3×4=?")
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("'×' (U+00D7) at place 1"))
    }

    @Test func `an evaluation adds up`() async throws {
        let outcome = try await PonderProcess.run(
            "eval", "--model", try await TinyModel.folder(), "--count", "10", "--max-new", "8", "--json")
        #expect(outcome.status == 0)
        let total = try outcome.object()
        let levels = try #require(total["by_difficulty"] as? [[String: Any]])
        #expect(
            levels.map { $0["difficulty"] as? Int }
                == Array(RunConfiguration().problems.generated.bills.terms))
        #expect(levels.compactMap { $0["problems"] as? Int }.reduce(0, +) == 10)
        #expect(total["problems"] as? Int == 10 && total["direct"] as? Bool == false)
        let accuracy = try #require(total["accuracy"] as? Double)
        #expect((0...1).contains(accuracy) && total["form"] is Double)
        #expect(total["greedy_accuracy"] is Double && levels.allSatisfy { $0["greedy_accuracy"] is Double })
        let shown = try await PonderProcess.run(
            "eval", "--model", try await TinyModel.folder(), "--count", "3", "--max-new", "4")
        #expect(shown.lines.allSatisfy { $0.count <= 80 } && shown.output.contains("greedy"))
    }

    @Test func `a problems file is asked whole`() async throws {
        let scratch = try Scratch()
        let file = try scratch.write(
            "problems.jsonl",
            (1...9).map { #"{"question":"\#($0)+1=?","expected":\#($0 + 1),"difficulty":7}"# }.joined(
                separator: "\n"))
        let outcome = try await PonderProcess.run(
            "eval", "--model", try await TinyModel.folder(), "--problems", file, "--direct", "--max-new", "3",
            "--json")
        #expect(outcome.status == 0)
        #expect(try outcome.object()["problems"] as? Int == 9)
    }

    @Test func `a bad line of a problems file is named`() async throws {
        let scratch = try Scratch()
        let file = try scratch.write(
            "problems.jsonl", "{\"question\":\"1+1=?\",\"expected\":2}\n{\"question\":\"?\"}\n")
        let outcome = try await PonderProcess.run(
            "eval", "--model", try await TinyModel.folder(), "--problems", file)
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("problems.jsonl:2:"))
    }

    @Test func `a benchmark's figures hang together`() async throws {
        let outcome = try await PonderProcess.run(
            "benchmark", "step", "--hidden", "16", "--layers", "1", "--heads", "2", "--ffn", "32",
            "--problems", "4",
            "--samples", "2", "--max-new", "8", "--threads", "2", "--steps", "2", "--json")
        #expect(outcome.status == 0)
        let report = try outcome.object()
        func figure(_ key: String) throws -> Double { try #require(report[key] as? Double) }
        #expect(
            report["parameters"] as? Int == 97 * 16 + 2 * 16 + (16 * 48 + 48 + 16 * 16 + 3 * 16 * 32) + 16)
        let limit = try figure("matrix_flops") / (8 * figure("parameters"))
        #expect(try abs(figure("limit_tokens_per_s") / limit - 1) < 1e-9)
        let share = try figure("tokens_per_s_end_to_end") / figure("limit_tokens_per_s")
        #expect(try abs(figure("share_of_limit") / share - 1) < 1e-9)
        #expect(try figure("tokens_per_step") >= 8 && figure("tokens_per_step") <= 64)
        #expect(try figure("tokens_per_s_generation") > figure("tokens_per_s_end_to_end"))
        #expect(try figure("step_s") > 0 && figure("generation_s") > 0 && figure("learn_s") > 0)
        #expect(report["threads"] as? Int == 2)
    }
}
