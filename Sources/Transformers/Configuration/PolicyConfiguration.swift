/// The family and the sizes of a decoder, as in a Hugging Face `config.json`.
package struct PolicyConfiguration: Sendable, Hashable {
    package var family: PolicyFamily
    package var vocabularySize: Int
    package var hidden: Int
    package var layers: Int
    package var heads: Int
    package var kvHeads: Int
    /// Number of elements of one head.
    package var headWidth: Int
    package var ffn: Int
    /// Maximum number of tokens of a prompt and its response together.
    package var maximumPositions: Int
    package var rmsEpsilon: Double
    package var rope: RopeSettings
    /// Whether the output head shares the embedding's weights.
    package var tiedEmbeddings: Bool
    /// Tokens that end a response; empty for a model that defines none.
    package var endTokens: Set<Int32>
    package var padToken: Int32?
    /// Copied from file to file only: Ponder adds no token to a prompt.
    package var beginToken: Int32?

    /// - Parameter headWidth: hidden / heads when nil.
    package init(
        family: PolicyFamily = .qwen2, vocabularySize: Int, hidden: Int, layers: Int, heads: Int,
        kvHeads: Int,
        headWidth: Int? = nil, ffn: Int, maximumPositions: Int = 1024, rmsEpsilon: Double = 1e-6,
        rope: RopeSettings = RopeSettings(), tiedEmbeddings: Bool = true, endTokens: Set<Int32> = [1],
        padToken: Int32? = 0, beginToken: Int32? = nil
    ) {
        self.family = family
        self.vocabularySize = vocabularySize
        self.hidden = hidden
        self.layers = layers
        self.heads = heads
        self.kvHeads = kvHeads
        self.headWidth = headWidth ?? hidden / heads
        self.ffn = ffn
        self.maximumPositions = maximumPositions
        self.rmsEpsilon = rmsEpsilon
        self.rope = rope
        self.tiedEmbeddings = tiedEmbeddings
        self.endTokens = endTokens
        self.padToken = padToken
        self.beginToken = beginToken
    }
}
