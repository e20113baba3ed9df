/// The family and the sizes of a decoder, as a Hugging Face `config.json` says them.
package struct PolicyConfiguration: Sendable, Hashable {
    package var family: PolicyFamily
    package var vocabularySize: Int
    package var hidden: Int
    package var layers: Int
    package var heads: Int
    package var kvHeads: Int
    /// Elements of one head.
    package var headWidth: Int
    package var ffn: Int
    /// Tokens of a prompt and its response, at most.
    package var maximumPositions: Int
    package var rmsEpsilon: Double
    package var rope: RopeSettings
    /// Whether the output head is the embedding.
    package var tiedEmbeddings: Bool
    /// Each of them ends a response; empty for a model that names none.
    package var endTokens: Set<Int32>
    package var padToken: Int32?
    /// Carried from file to file; Ponder adds no token to a prompt.
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
