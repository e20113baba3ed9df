/// The regular expressions that cut a text for byte-level vocabularies.
///
/// No byte pair is merged across a cut. Each expression has a hand-written scanner; a file with any other
/// expression is refused. All three match every character, so the pieces join to the text.
package enum SplitPattern: Sendable, Hashable, CaseIterable {
    /// The expression that is built into `ByteLevel` with `use_regex`.
    case gpt2
    /// Digits one by one; line ends stay with what precedes them.
    case qwen2
    /// Like Qwen2's, but with up to three digits in a piece.
    case llama3

    /// Finds the pattern of an expression; nil when there is no scanner for it.
    package init?(expression: String) {
        guard let known = Self.allCases.first(where: { $0.expression == expression }) else { return nil }
        self = known
    }

    package var expression: String {
        switch self {
        case .gpt2: #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#
        case .qwen2: Self.caseless(digits: #"\p{N}"#)
        case .llama3: Self.caseless(digits: #"\p{N}{1,3}"#)
        }
    }

    /// The pieces of a text (UTF-8) as ranges of its bytes, in order, none empty.
    package func pieces(of text: [UInt8]) -> [Range<Int>] {
        var pieces: [Range<Int>] = []
        forEachPiece(of: text, in: text.indices) { pieces.append($0) }
        return pieces
    }

    /// Calls `body` with the pieces of a part of a text, as if that part were the whole text.
    @inline(__always)
    func forEachPiece(of text: [UInt8], in range: Range<Int>, _ body: (Range<Int>) -> Void) {
        let scanner = PatternScanner(text: text, limit: range.upperBound)
        var start = range.lowerBound
        while start < range.upperBound {
            let end =
                switch self {
                case .gpt2: scanner.gpt2(from: start)
                case .qwen2: scanner.caseless(from: start, digits: 1)
                case .llama3: scanner.caseless(from: start, digits: 3)
                }
            body(start..<end)
            start = end
        }
    }

    private static func caseless(digits: String) -> String {
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"# + digits
            + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    }
}
