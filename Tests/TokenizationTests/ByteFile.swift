import Foundation

@testable import Tokenization

/// A tokenizer file whose vocabulary is the 256 bytes, by their values, and what is added to it.
struct ByteFile {
    /// Written as JSON, each.
    var normalizer = "null"
    var preTokenizer = ByteFile.byteLevel()
    var postProcessor = "null"
    var decoder = ByteFile.byteLevel()
    /// Pairs in the byte-level alphabet; the results are the ids from 256 on.
    var merges: [(String, String)] = []
    /// Tokens after them that no merge makes.
    var words: [String] = []
    /// Further entries of the model.
    var options = ""
    /// Left out of the vocabulary.
    var missing: Set<UInt8> = []
    /// The ids follow the vocabulary.
    var added: [Added] = [Added("<end>", special: true)]

    struct Added {
        let content: String
        var special = false
        var normalized = false
        var singleWord = false
        var lstrip = false
        var rstrip = false

        init(
            _ content: String, special: Bool = false, normalized: Bool = false, singleWord: Bool = false,
            lstrip: Bool = false, rstrip: Bool = false
        ) {
            self.content = content
            self.special = special
            self.normalized = normalized
            self.singleWord = singleWord
            self.lstrip = lstrip
            self.rstrip = rstrip
        }
    }

    static func byteLevel(prefix: Bool = false, expression: Bool = false) -> String {
        #"{"type": "ByteLevel", "add_prefix_space": \#(prefix), "trim_offsets": true, "use_regex": \#(expression)}"#
    }

    static func sequence(_ key: String, _ parts: String...) -> String {
        #"{"type": "Sequence", "\#(key)": [\#(parts.joined(separator: ", "))]}"#
    }

    static func split(_ pattern: SplitPattern) throws -> String {
        #"{"type": "Split", "pattern": {"Regex": \#(try quoted(pattern.expression))}, "behavior": "Isolated", "#
            + #""invert": false}"#
    }

    /// The id of the first added token.
    var firstAdded: Int32 { Int32(256 + merges.count + words.count - missing.count) }

    func tokenizer() throws -> Tokenizer { try Tokenizer(contentsOf: try json(), requiresEnd: false) }

    func json() throws -> [UInt8] {
        let bytes = (UInt8.min...255).filter { !missing.contains($0) }
        let tokens =
            bytes.map { String(ByteAlphabet.character(of: $0)) } + merges.map { $0.0 + $0.1 } + words
        let vocabulary = try tokens.enumerated().map { "\(try Self.quoted($1)): \($0)" }
        let pairs = try merges.map { "[\(try Self.quoted($0.0)), \(try Self.quoted($0.1))]" }
        let entries = try added.enumerated().map { index, token in
            #"{"id": \#(firstAdded + Int32(index)), "content": \#(try Self.quoted(token.content)), "#
                + #""single_word": \#(token.singleWord), "lstrip": \#(token.lstrip), "rstrip": \#(token.rstrip), "#
                + #""normalized": \#(token.normalized), "special": \#(token.special)}"#
        }
        let text = """
            {"version": "1.0", "added_tokens": [\(entries.joined(separator: ", "))], "normalizer": \(normalizer),
             "pre_tokenizer": \(preTokenizer), "post_processor": \(postProcessor), "decoder": \(decoder),
             "model": {"type": "BPE", \(options.isEmpty ? "" : options + ",")
              "vocab": {\(vocabulary.joined(separator: ", "))}, "merges": [\(pairs.joined(separator: ", "))]}}
            """
        return Array(text.utf8)
    }

    private static func quoted(_ text: String) throws -> String {
        String(decoding: try JSONEncoder().encode(text), as: UTF8.self)
    }
}
