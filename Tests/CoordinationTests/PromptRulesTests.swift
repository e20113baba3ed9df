import Episodes
import Foundation
import Reasoning
import Reinforcement
import Rollouts
import RunStore
import Scheduling
import Settings
import StrictConfiguration
import Testing
import Tokenization
import Transformers

@testable import Coordination

/// What is prefilled, and what ends a response, count the same at both ends of the wire.
@Suite struct PromptRulesTests {
    private let tokenizer: Tokenizer
    private let policy: PolicyConfiguration

    init() throws {
        let vocabulary = try CharacterVocabulary()
        tokenizer = try Tokenizer(contentsOf: vocabulary.tokenizerJSON)
        policy = PolicyConfiguration(
            vocabularySize: vocabulary.size, hidden: 32, layers: 1, heads: 2, kvHeads: 2, ffn: 64)
    }

    private func rules(_ change: (inout RunConfiguration) -> Void) throws -> RolloutRules {
        var configuration = RunConfiguration()
        change(&configuration)
        try configuration.validate()
        return try RolloutRules(configuration, endTokens: policy.endTokens, tokenizer)
    }

    private let problem = Problem(id: "sums/1", question: "4+5=?", expected: "9", difficulty: 2)

    private func trace(_ tokens: [Int32], _ purpose: Purpose = .training, finish: Finish = .end) -> Trace {
        Trace(
            id: SampleID(round: RoundID(step: 0, purpose: purpose), problem: 0, sample: 0), tokens: tokens,
            logProbabilities: tokens.map { _ in -1 }, version: PolicyVersion(0), finish: finish)
    }

    @Test func `what is prefilled is given to the model and counts as its own`() throws {
        let rules = try rules { $0.prompt.prefill = "<think>" }
        #expect(try rules.prompt(for: problem, .training) == tokenizer.encode("Q:4+5=?\nA:<think>"))
        let scored = try rules.score(
            trace(try tokenizer.encode("4+5=9</think>9") + [tokenizer.endToken]), of: problem)
        #expect(scored.response == "<think>4+5=9</think>9")
        #expect(scored.reward.total == 1.2 && scored.isRight)
    }

    @Test func `asked directly, nothing is prefilled`() throws {
        let rules = try rules { $0.prompt.prefill = "<think>" }
        #expect(try rules.prompt(for: problem, .direct) == tokenizer.encode("Q:4+5=?\nA:"))
        let scored = try rules.score(
            trace([tokenizer.id(of: "9") ?? 0, tokenizer.endToken], .direct), of: problem)
        #expect(scored.response == "9" && scored.isRight)
    }

    /// The vocabulary with a tokenizer that begins every text with `<pad>`.
    private func beginning() throws -> Tokenizer {
        let text = String(decoding: try CharacterVocabulary().tokenizerJSON, as: UTF8.self)
        let post = #"""
            "post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<pad>", "type_id": 0}},
            {"Sequence": {"id": "A", "type_id": 0}}], "pair": [], "special_tokens": {"<pad>": {"id": "<pad>", "ids": [0], "tokens": ["<pad>"]}}}
            """#
        return try Tokenizer(contentsOf: Array(text.replacing(#""post_processor": null"#, with: post).utf8))
    }

    @Test func `the tokens with which a tokenizer begins every text stand before a prompt, once`() throws {
        let beginning = try beginning()
        for template in ["plain", "r1", "<pad>Q:{question}\nA:"] {
            var configuration = RunConfiguration()
            configuration.prompt.template = template
            for purpose in [Purpose.training, .evaluation, .direct] {
                let rules = try RolloutRules(configuration, endTokens: policy.endTokens, beginning)
                let ids = try rules.prompt(for: problem, purpose)
                #expect(ids.first == 0 && ids[1] != 0, "\(template)")
            }
            configuration.prompt.beginToken = false
            let without = try RolloutRules(configuration, endTokens: policy.endTokens, beginning)
            let written = without.written(problem.question, .training).whole
            #expect(try without.prompt(for: problem, .training) == beginning.encode(written))
        }
        #expect(try rules { _ in }.prompt(for: problem, .training) == tokenizer.encode("Q:4+5=?\nA:"))
    }

    @Test
    func
        `a named template whose special words are no tokens of the model is refused before a folder is made`()
        throws
    {
        let scratch = try Scratch()
        var configuration = try TinyRun.configuration(scratch)
        configuration.prompt.template = "chatml"
        #expect { try RunSession.open(TinyRun.request(configuration, at: scratch.run)) } throws: {
            "\($0)".contains("prompt.template: 'chatml' cannot be used; its <|im_start|> is no token")
        }
        #expect(!FileManager.default.fileExists(atPath: scratch.run.path))
    }

    @Test func `a stop string ends a response and is no part of it`() throws {
        let rules = try rules { $0.prompt.stop = ["\n"] }
        let newline = try #require(try tokenizer.encode("\n").first)
        #expect(rules.ends.tokens == [newline, tokenizer.endToken])
        #expect(rules.sampling(.training).endTokens == rules.ends.tokens)
        #expect(rules.answerTokens.contains(newline))
        let scored = try rules.score(trace(try tokenizer.encode("<think>4+5=9</think>9\n")), of: problem)
        #expect(scored.response == "<think>4+5=9</think>9" && scored.reward.total == 1.2)
    }

    @Test func `a stop string that is not one token is refused by name`() throws {
        #expect { try rules { $0.prompt.stop = ["so"] } } throws: {
            "\($0)".contains("prompt.stop: 'so' cannot be used") && "\($0)".contains("makes 2 tokens of it")
        }
    }

    @Test func `a longer token with a stop string in it ends a response too, and what it says before counts`()
        throws
    {
        let ends = try ResponseEnds(endTokens: [tokenizer.endToken], stops: [">"], tokenizer)
        let tag = try #require(tokenizer.id(of: "</think>"))
        #expect(ends.tokens.contains(tag) && !ends.exact.contains(tag))
        #expect(try ends.text(of: tokenizer.encode("1") + [tag], tokenizer) == "1</think")
    }

    @Test func `a prompt that the vocabulary cannot spell is refused before a folder is made`() throws {
        let scratch = try Scratch()
        var configuration = try TinyRun.configuration(scratch)
        configuration.prompt.template = "Frage: {question}\nÄntwort:"
        #expect { try RunSession.open(TinyRun.request(configuration, at: scratch.run)) } throws: {
            "\($0)".contains("cannot read the prompt of problem") && "\($0)".contains("Ä")
        }
        #expect(!FileManager.default.fileExists(atPath: scratch.run.path))
    }

    @Test func `a prompt that leaves no room for the response is refused before a folder is made`() throws {
        let scratch = try Scratch()
        var configuration = try TinyRun.configuration(scratch)
        configuration.prompt.direct = false
        configuration.prompt.template = String(repeating: "1+", count: 600) + "{question}"
        #expect { try RunSession.open(TinyRun.request(configuration, at: scratch.run)) } throws: {
            "\($0)".contains("shorten the prompt")
        }
        #expect(!FileManager.default.fileExists(atPath: scratch.run.path))
    }

    @Test func `a run with a prefill and a stop string comes to its end, every trace scored at both ends`()
        async throws
    {
        let scratch = try Scratch()
        var configuration = try TinyRun.configuration(scratch, steps: 2)
        configuration.prompt.direct = false
        configuration.prompt.prefill = "<think>"
        configuration.prompt.stop = ["\n"]
        configuration.rollout.maxNewTokens = 8
        configuration.audit.rate = 1
        let run = try InProcessRun(RunSession.open(TinyRun.request(configuration, at: scratch.run)))
        run.add("worker-1")
        let result = try await run.run()
        #expect(result.steps == 2)
        #expect(!run.log.all.contains { $0.contains("dropped") || $0.contains("lie") }, "\(run.log.all)")
        let traces = try RunDatabase.openReadOnly(RunDirectory(root: scratch.run)).traces(TraceFilter())
        #expect(!traces.isEmpty && traces.allSatisfy { $0.response.hasPrefix("<think>") })
        // Greedy responses pass the audit of every token, and their figures stand beside the sampled ones.
        let ledger = try #require(try RunStatus(of: RunDirectory(root: scratch.run)).report?.ledger)
        #expect(ledger.used == ledger.issued, "\(ledger)")
        #expect(result.heldoutGreedyBefore != nil && result.heldoutGreedyAfter != nil)
    }
}
