extension Tokenizer {
    /// Decodes sampled ids.
    ///
    /// A model may have more ids than its tokenizer has tokens (Qwen pads its table); such ids have no text.
    ///
    /// - Throws: `TokenizerError.unknownID` for a negative id.
    package func text(of ids: some Sequence<Int32>) throws(TokenizerError) -> String {
        try decode(ids.filter { Int($0) < vocabularySize })
    }
}
