import Learning
import Reasoning
import Settings
import Testing
import Tokenization
import Torch
import Transformers

@Suite struct PretrainingTests {
    private func make(seed: UInt64) throws -> Pretraining {
        var configuration = PretrainingConfiguration()
        configuration.seed = seed
        configuration.steps = 30
        configuration.documents = 16
        configuration.warmup = 5
        configuration.model.hidden = 32
        configuration.model.layers = 1
        configuration.model.ffn = 64
        return try Pretraining(
            configuration, tokenizer: Tokenizer(contentsOf: CharacterVocabulary().tokenizerJSON))
    }

    private func read(_ pretraining: Pretraining) throws -> [Pretraining.Progress] {
        var progress: [Pretraining.Progress] = []
        while !pretraining.isComplete { progress.append(try pretraining.advance()) }
        return progress
    }

    @Test func `reading lowers the loss`() throws {
        let progress = try read(make(seed: 1))
        #expect(progress.count == 30)
        #expect(try #require(progress.first).loss > 4)
        #expect(try #require(progress.last).loss < (#require(progress.first).loss) - 1)
    }

    @Test func `the same seed makes the same base, another seed another`() throws {
        let (a, b, c) = (try make(seed: 1), try make(seed: 1), try make(seed: 2))
        for pretraining in [a, b, c] { _ = try read(pretraining) }
        #expect(try a.model.embedding.bytes() == b.model.embedding.bytes())
        #expect(try a.model.embedding.bytes() != c.model.embedding.bytes())
    }

    @Test func `a base that has read nothing is not accepted, and the reasons are named`() throws {
        let pretraining = try make(seed: 1)
        let acceptance = try BaseAcceptance(
            pretraining.model, tokenizer: pretraining.tokenizer, books: Books(bills: .standard),
            problems: BillsSource(.standard, seed: 0).heldOut(30), maxNewTokens: 24)
        #expect(acceptance.objections.contains { $0.contains("worked") })
        #expect(acceptance.form <= 0.1)
    }
}
