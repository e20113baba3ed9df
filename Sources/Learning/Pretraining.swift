import Foundation
package import Reasoning
package import Settings
package import Tokenization
import Torch
package import Transformers

/// Makes a base model: a decoder with random weights learns to predict the next token of books.
///
/// The result is a function of the configuration alone (on one CPU type and libtorch).
package final class Pretraining {
    package let configuration: PretrainingConfiguration
    package let tokenizer: Tokenizer
    package let model: Policy
    private let books: Books
    private let optimizer: AdamW
    private var step = 0
    private var tokens = 0

    /// What one step did.
    package struct Progress: Sendable {
        /// Steps done.
        package let step: Int
        /// Mean negative log-probability of a token, nats.
        package let loss: Double
        /// Tokens read so far.
        package let tokens: Int
    }

    package init(_ configuration: PretrainingConfiguration, tokenizer: Tokenizer, tags: ThoughtTags = .think)
        throws
    {
        try TorchLibrary.setThreads(configuration.threads)
        self.configuration = configuration
        self.tokenizer = tokenizer
        books = Books(bills: configuration.bills, shares: configuration.books, tags: tags)
        model = try Policy(
            configuration.policy(
                vocabularySize: tokenizer.vocabularySize, endToken: tokenizer.endToken,
                padToken: tokenizer.padToken),
            .random(seed: configuration.seed))
        for parameter in model.parameters { try parameter.leaf.requireGradient() }
        optimizer = try AdamW(
            model.parameters.map(\.leaf), settings: .init(weightDecay: configuration.weightDecay))
    }

    package var isComplete: Bool { step >= configuration.steps }

    /// Reads the next documents and takes one optimizer step.
    package func advance() throws -> Progress {
        let rows = try (0..<configuration.documents).map { place in
            let book = try books.document(
                seed: configuration.seed, index: step * configuration.documents + place)
            var ids = try tokenizer.encode(book.text)
            if book.ends { ids.append(tokenizer.endToken) }
            return PromptedResponse(prompt: [ids[0]], response: Array(ids.dropFirst()))
        }
        let count = rows.reduce(0) { $0 + $1.response.count }
        var loss = 0.0
        for batch in MicroBatches.cut(rows, tokens: configuration.microBatchTokens) {
            let packed = try PackedBatch(rows[batch], sharingPrompts: false)
            let sum = try model.logProbabilities(packed).sum() * (-1 / Double(count))
            try sum.backward()
            loss += try sum.item()
        }
        _ = try optimizer.clipGradients(to: configuration.gradientClip)
        try optimizer.step(rate: rate)
        try optimizer.clearGradients()
        step += 1
        tokens += count
        return Progress(step: step, loss: loss, tokens: tokens)
    }

    private var rate: Double {
        let warm = min(1, Double(step + 1) / Double(max(1, configuration.warmup)))
        let done = Double(step) / Double(configuration.steps)
        return configuration.rate * warm * (0.05 + 0.95 * 0.5 * (1 + cos(.pi * done)))
    }
}
