/// Finds where a piece ends by trying the alternatives of an expression in their order, on UTF-8.
///
/// Each function takes the start of a piece, before `limit`, and returns an index past it. Each character is
/// read a bounded number of times, regardless of the length of the text.
struct PatternScanner {
    let text: [UInt8]
    /// The end of the text as the expression sees it.
    let limit: Int
    private let classes = CharacterClasses.shared

    init(text: [UInt8], limit: Int) {
        self.text = text
        self.limit = limit
    }

    /// The end of a piece by GPT-2's expression.
    ///
    /// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
    func gpt2(from start: Int) -> Int {
        if text[start] == UInt8(ascii: "'"), let end = contraction(from: start, ignoringCase: false) {
            return end
        }
        let (kind, next) = character(at: afterSpace(start))
        return kind.isSpace ? spaces(from: start) : run(of: kind, from: next)
    }

    /// The end of a piece by Qwen2's and Llama 3's expression.
    ///
    /// `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,digits}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
    func caseless(from start: Int, digits: Int) -> Int {
        if text[start] == UInt8(ascii: "'"), let end = contraction(from: start, ignoringCase: true) {
            return end
        }
        let (kind, next) = character(at: start)
        switch kind {
        case .letter: return run(of: .letter, from: next)
        case .number: return run(of: .number, from: next, most: digits - 1)
        case .space, .other:
            if next < limit {
                let (following, afterFollowing) = character(at: next)
                if following == .letter { return run(of: .letter, from: afterFollowing) }
            }
        default: break
        }
        let (first, afterFirst) = character(at: afterSpace(start))
        if first == .other { return run(of: .lineEnd, from: run(of: .other, from: afterFirst)) }
        return lineEnds(from: start) ?? spaces(from: start)
    }

    /// Skips one space, unless it is the last character.
    private func afterSpace(_ start: Int) -> Int {
        text[start] == UInt8(ascii: " ") && start + 1 < limit ? start + 1 : start
    }

    /// `\s*[\r\n]+`: up to the last line end of a run of white space.
    private func lineEnds(from start: Int) -> Int? {
        var place = start
        var end: Int?
        while place < limit {
            let (kind, next) = character(at: place)
            guard kind.isSpace else { break }
            if kind == .lineEnd { end = next }
            place = next
        }
        return end
    }

    /// `\s+(?!\S)|\s+`: the last space before a word is left to the word.
    private func spaces(from start: Int) -> Int {
        var last = start
        var end = start
        while end < limit {
            let (kind, next) = character(at: end)
            guard kind.isSpace else { break }
            last = end
            end = next
        }
        return end == limit || last == start ? end : last
    }

    private func run(of kind: CharacterClass, from start: Int, most: Int = .max) -> Int {
        var end = start
        var left = most
        while end < limit, left > 0 {
            let (found, next) = character(at: end)
            guard found == kind else { break }
            end = next
            left -= 1
        }
        return end
    }

    private func contraction(from start: Int, ignoringCase: Bool) -> Int? {
        guard let first = letter(at: start + 1, ignoringCase: ignoringCase) else { return nil }
        let second: UInt8
        switch first.letter {
        case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return first.next
        case UInt8(ascii: "r"), UInt8(ascii: "v"): second = UInt8(ascii: "e")
        case UInt8(ascii: "l"): second = UInt8(ascii: "l")
        default: return nil
        }
        guard let found = letter(at: first.next, ignoringCase: ignoringCase), found.letter == second else {
            return nil
        }
        return found.next
    }

    /// The letter at an index, and the index after it.
    ///
    /// When case is ignored, the long s (U+017F) counts as an s, as in any regular expression.
    private func letter(at place: Int, ignoringCase: Bool) -> (letter: UInt8, next: Int)? {
        guard place < limit else { return nil }
        let byte = text[place]
        guard ignoringCase else { return (byte, place + 1) }
        if byte == 0xC5, text[place + 1] == 0xBF { return (UInt8(ascii: "s"), place + 2) }
        return ((UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte, place + 1)
    }

    @inline(__always)
    private func character(at place: Int) -> (kind: CharacterClass, next: Int) {
        let (scalar, next) = text.scalar(at: place)
        return (classes(scalar), next)
    }
}
