package import Reasoning

/// What `ponder pretrain` makes a base model from: the books, the decoder's sizes, and how long it reads.
package struct PretrainingConfiguration: Sendable, Hashable, Codable {
    package var seed: UInt64 = 0
    /// Optimizer steps.
    package var steps = 5000
    /// Documents a step.
    package var documents = 96
    /// Highest learning rate; warmed up linearly, then a cosine down to a twentieth.
    package var rate = 3e-3
    /// In steps.
    package var warmup = 100
    package var weightDecay = 0.1
    package var gradientClip = 1.0
    package var microBatchTokens = 2048
    /// Of tensor arithmetic.
    package var threads = 1
    package var model = Model()
    package var bills = Bills.standard
    package var shares = BookShares.standard

    /// Sizes of the decoder; embeddings are tied.
    package struct Model: Sendable, Hashable, Codable {
        package var hidden = 128
        package var layers = 4
        package var heads = 4
        package var kvHeads = 4
        package var ffn = 512
        package var maximumPositions = 512

        package init() {}
    }

    package init() {}
}
