package import Reasoning
package import StrictConfiguration

/// Settings of `ponder pretrain`: the books, the decoder's sizes, and the length of training.
package struct PretrainingConfiguration: StrictConfiguration {
    @Setting(.integer(0...RunConfiguration.largestExactInteger), "keys the weights and the books")
    package var seed: UInt64 = 0
    @Setting(.integer(1...1_000_000), "optimizer steps")
    package var steps = 6000
    @Setting(.integer(1...65536), "documents of a step")
    package var documents = 96
    @Setting(.number(0...1), "highest AdamW learning rate; a cosine lowers it to a twentieth")
    package var rate = 3e-3
    @Setting(.integer(0...1_000_000), "steps until the rate is reached, linearly")
    package var warmup = 100
    @Setting(.number(0...1), "AdamW decoupled decay")
    package var weightDecay = 0.1
    @Setting(.number(1e-6...1e6), "largest norm of the gradient")
    package var gradientClip = 1.0
    @Setting(.integer(1...(1 << 30)), "tokens of one forward and backward pass")
    package var microBatchTokens = 2048
    @Setting(.integer(1...1024), "threads of tensor arithmetic; the bits depend on it")
    package var threads = 1
    package var model = Model()
    package var bills = Bills()
    package var books = BookShares()

    package init() {}

    /// Sizes of the decoder, whose embeddings are tied.
    package struct Model: ConfigurationSection {
        @Setting(.integer(2...65536), "width of the decoder")
        package var hidden = 128
        @Setting(.integer(1...1000), "layers")
        package var layers = 4
        @Setting(.integer(1...1024), "attention heads of a layer")
        package var heads = 4
        @Setting(.integer(1...1024), "key and value heads of a layer")
        package var kvHeads = 4
        @Setting(.integer(1...1_000_000), "width of the feed-forward")
        package var ffn = 512
        @Setting(.integer(16...1_000_000), "longest text, in tokens")
        package var maximumPositions = 512

        package init() {}

        package func contradictions() -> [ConfigurationError.Fault] {
            var faults: [ConfigurationError.Fault] = []
            faults.require(
                hidden % heads == 0 && hidden / heads % 2 == 0, "hidden",
                "\(hidden) must be an even multiple of model.heads (\(heads))")
            faults.require(
                heads % kvHeads == 0, "kvHeads", "\(kvHeads) must divide model.heads (\(heads))")
            return faults
        }
    }

    package static let printingCommand = "ponder pretrain --print-config"

    /// The whole configuration as YAML with a comment on every setting; reading it gives the same value.
    package var yaml: String {
        yaml(title: "What `ponder pretrain` makes a base model from. A file may name only what it changes.")
    }
}
