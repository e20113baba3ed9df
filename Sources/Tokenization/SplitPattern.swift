/// How text is cut into pieces before byte pairs are merged; no merge crosses a cut.
///
/// Hand-written scanners for the two regular expressions that byte-level vocabularies use; a file with any other
/// expression is refused. Both cover every character, so pieces join to the text.
package enum SplitPattern: Sendable, Hashable {
    /// The text is one piece.
    case none
    /// The expression built into `ByteLevel` with `use_regex`.
    case gpt2
    /// The expression of Qwen2: digits one by one, line ends kept with what precedes them.
    case qwen2

    package static let gpt2Expression =
        #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#
    package static let qwen2Expression =
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|"#
        + #"\s+(?!\S)|\s+"#

    /// The pieces of a text as ranges of its scalars, in order, none empty.
    package func pieces(of text: [Unicode.Scalar]) -> [Range<Int>] {
        switch self {
        case .none:
            return text.isEmpty ? [] : [text.indices]
        case .gpt2, .qwen2:
            let scanner = Scanner(text: text, kinds: text.map(Kind.init), isQwen2: self == .qwen2)
            var pieces: [Range<Int>] = []
            var start = 0
            while start < text.count {
                let end = scanner.end(from: start)
                pieces.append(start..<end)
                start = end
            }
            return pieces
        }
    }
}

private enum Kind {
    case letter, number, space, lineEnd, other

    init(_ scalar: Unicode.Scalar) {
        switch scalar {
        case "a"..."z", "A"..."Z": self = .letter
        case "0"..."9": self = .number
        case "\r", "\n": self = .lineEnd
        case " ", "\t": self = .space
        case "!"..."~": self = .other
        default:
            if scalar.properties.isWhitespace {
                self = .space
                return
            }
            switch scalar.properties.generalCategory {
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
                self = .letter
            case .decimalNumber, .letterNumber, .otherNumber: self = .number
            default: self = .other
            }
        }
    }

    var isSpace: Bool { self == .space || self == .lineEnd }
}

private struct Scanner {
    let text: [Unicode.Scalar]
    let kinds: [Kind]
    let isQwen2: Bool

    /// The alternatives of the expression in their order; always past `start`.
    func end(from start: Int) -> Int {
        if let end = contraction(from: start) { return end }
        return isQwen2 ? qwen2(from: start) : gpt2(from: start)
    }

    private func gpt2(from start: Int) -> Int {
        let first = text[start] == " " ? start + 1 : start
        if first < text.count, !kinds[first].isSpace { return run(of: kinds[first], from: first) }
        return spaces(from: start)
    }

    private func qwen2(from start: Int) -> Int {
        let kind = kinds[start]
        if kind == .letter { return run(of: .letter, from: start) }
        if kind == .space || kind == .other, start + 1 < text.count, kinds[start + 1] == .letter {
            return run(of: .letter, from: start + 1)
        }
        if kind == .number { return start + 1 }
        let first = text[start] == " " ? start + 1 : start
        if first < text.count, kinds[first] == .other {
            return run(of: .lineEnd, from: run(of: .other, from: first))
        }
        let end = endOfSpaces(from: start)
        if let last = (start..<end).last(where: { kinds[$0] == .lineEnd }) { return last + 1 }
        return spaces(from: start)
    }

    /// `\s+(?!\S)|\s+`: the last space before a word is left to the word.
    private func spaces(from start: Int) -> Int {
        let end = endOfSpaces(from: start)
        return end == text.count || end - start == 1 ? end : end - 1
    }

    private func endOfSpaces(from start: Int) -> Int {
        var end = start
        while end < text.count, kinds[end].isSpace { end += 1 }
        return end
    }

    private func run(of kind: Kind, from start: Int) -> Int {
        var end = start
        while end < text.count, kinds[end] == kind { end += 1 }
        return end
    }

    private func contraction(from start: Int) -> Int? {
        guard text[start] == "'", start + 1 < text.count else { return nil }
        switch lowercase(start + 1) {
        case "s", "t", "m", "d": return start + 2
        case "r", "v": return start + 2 < text.count && lowercase(start + 2) == "e" ? start + 3 : nil
        case "l": return start + 2 < text.count && lowercase(start + 2) == "l" ? start + 3 : nil
        default: return nil
        }
    }

    /// Case is ignored by Qwen2's expression only; the long s folds to an s as in any regular expression.
    private func lowercase(_ index: Int) -> Unicode.Scalar {
        guard isQwen2 else { return text[index] }
        switch text[index] {
        case "A"..."Z": return Unicode.Scalar(UInt8(truncatingIfNeeded: text[index].value + 32))
        case "\u{17F}": return "s"
        default: return text[index]
        }
    }
}
