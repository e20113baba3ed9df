
extension Tokenizer {
    /// The text of sampled ids.
    ///
    /// A model may have more ids than its tokenizer has tokens (Qwen pads its table); such an id has no text.
    package func text(of ids: some Sequence<Int32>) throws(TokenizerError) -> String {
        try decode(ids.filter { Int($0) < vocabularySize })
    }
}
