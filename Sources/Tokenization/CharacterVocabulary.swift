import StrictJSON

/// Makes the two tokenizer files of a model that reads character by character.
///
///     let vocabulary = try CharacterVocabulary()            // <pad> <end> <think> </think>, newline, ASCII: 100
///     let tokenizer = try Tokenizer(contentsOf: vocabulary.tokenizerJSON)
///
/// The files use the byte-level alphabet and Qwen2's normaliser and pre-tokenizer: `transformers` rebuilds
/// every tokenizer of a `qwen2` model with these, regardless of the file, and would drop the newline of a
/// vocabulary that is written in plain characters.
package struct CharacterVocabulary: Sendable, Hashable {
    /// Padding, end, opening tag and closing tag, with ids 0 to 3.
    package let pad: String
    package let end: String
    package let openTag: String
    package let closeTag: String
    /// The ASCII characters after them, in the order of their ids.
    package let characters: [Unicode.Scalar]

    /// The newline, then the 95 printable characters of ASCII.
    package static let printable: [Unicode.Scalar] = ["\n"] + (UInt8(32)...126).map { Unicode.Scalar($0) }

    /// Checks the tokens and characters.
    ///
    /// - Throws: `TokenizerError.unusableVocabulary` for characters beyond ASCII, repeated characters, and
    ///   tokens that are empty or equal.
    package init(
        openTag: String = "<think>", closeTag: String = "</think>", pad: String = "<pad>",
        end: String = "<end>",
        characters: [Unicode.Scalar] = printable
    ) throws(TokenizerError) {
        let tokens = [pad, end, openTag, closeTag]
        guard tokens.allSatisfy({ $0.unicodeScalars.count > 1 }), Set(tokens).count == tokens.count else {
            throw .unusableVocabulary(
                reason: "\(tokens) must be four different tokens of two characters or more each")
        }
        if let wide = characters.first(where: { !$0.isASCII }) {
            throw .unusableVocabulary(
                reason: "'\(wide)' is not an ASCII character; one byte is one token here")
        }
        guard !characters.isEmpty, Set(characters).count == characters.count else {
            throw .unusableVocabulary(reason: "the characters must be there, and each once")
        }
        // The decoder of `tokenizers` reads a token's characters as bytes if all of them are in the
        // byte-level alphabet.
        if let misread = tokens.first(where: {
            ByteAlphabet.bytes(of: $0).map { !$0.allSatisfy { $0 < 0x80 } } ?? false
        }) {
            throw .unusableVocabulary(
                reason: "'\(misread)' would be decoded as bytes; use ASCII, or a letter past U+0143 in it")
        }
        self.pad = pad
        self.end = end
        self.openTag = openTag
        self.closeTag = closeTag
        self.characters = characters
    }

    package var size: Int { 4 + characters.count }

    /// The bytes of `tokenizer.json`: the same characters give the same bytes, and so the same digest.
    package var tokenizerJSON: [UInt8] {
        let added = [(pad, true), (end, true), (openTag, false), (closeTag, false)]
        let addedLines = added.enumerated().map { id, token in
            """
                {"id": \(id), "content": \(quoted(token.0)), "single_word": false, "lstrip": false, \
            "rstrip": false, "normalized": false, "special": \(token.1)}
            """
        }
        let tokens =
            added.map(\.0)
            + characters.map { String(ByteAlphabet.character(of: UInt8(truncatingIfNeeded: $0.value))) }
        let vocabularyLines = tokens.enumerated().map { "      \(quoted($1)): \($0)" }
        let byteLevel =
            #"{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false}"#
        let text = """
            {
              "version": "1.0",
              "truncation": null,
              "padding": null,
              "added_tokens": [
            \(addedLines.joined(separator: ",\n"))
              ],
              "normalizer": {"type": "NFC"},
              "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
                {"type": "Split", "pattern": {"Regex": \(quoted(SplitPattern.qwen2.expression))}, \
            "behavior": "Isolated", "invert": false},
                \(byteLevel)
              ]},
              "post_processor": null,
              "decoder": \(byteLevel),
              "model": {
                "type": "BPE",
                "dropout": null,
                "unk_token": null,
                "continuing_subword_prefix": "",
                "end_of_word_suffix": "",
                "fuse_unk": false,
                "byte_fallback": false,
                "ignore_merges": false,
                "vocab": {
            \(vocabularyLines.joined(separator: ",\n"))
                },
                "merges": []
              }
            }

            """
        return Array(text.utf8)
    }

    /// The bytes of `tokenizer_config.json`; `maximumLength` is the model's number of positions.
    package func tokenizerConfigurationJSON(maximumLength: Int) -> [UInt8] {
        let text = """
            {
              "tokenizer_class": "Qwen2Tokenizer",
              "model_max_length": \(maximumLength),
              "bos_token": null,
              "eos_token": \(quoted(end)),
              "pad_token": \(quoted(pad)),
              "unk_token": null,
              "add_bos_token": false,
              "add_prefix_space": false,
              "clean_up_tokenization_spaces": false,
              "split_special_tokens": false
            }

            """
        return Array(text.utf8)
    }

    private func quoted(_ text: String) -> String { JSONValue.string(text).text() }
}
