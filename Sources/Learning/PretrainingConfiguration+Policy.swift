package import Settings
package import Transformers

extension PretrainingConfiguration {
    /// The decoder's configuration for a vocabulary of the given size.
    package func policy(vocabularySize: Int, endToken: Int32, padToken: Int32) -> PolicyConfiguration {
        PolicyConfiguration(
            vocabularySize: vocabularySize, hidden: model.hidden, layers: model.layers, heads: model.heads,
            kvHeads: model.kvHeads, ffn: model.ffn, maximumPositions: model.maximumPositions,
            endTokens: [endToken], padToken: padToken)
    }
}
