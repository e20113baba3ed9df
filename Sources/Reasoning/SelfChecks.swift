/// How often a thought checks itself or starts again, counted by rules that anybody can apply by hand.
///
///     SelfChecks(in: "8*7=54, wait, 8*7=56")   // words 1, corrections 1
///
/// - A *word* or a *restart* is a phrase of `words` or `restarts`, in letters of any case; beside an English phrase stands
///   no further letter. After a phrase the search goes on behind it.
/// - A *recomputation* is a calculation, such as `8*7=56`, whose left side stood before an equals sign earlier in the
///   thought with the same result.
/// - A *correction* is the same with another result than the last time.
///
/// The left side of a calculation is made of digits, points, brackets and operators, with at least one operator between;
/// spaces and currency signs in it do not count. The rules read the text alone, so they tell what a thought looks like
/// and not what it is for. The time is linear in the length.
package struct SelfChecks: Sendable, Hashable {
    package private(set) var words = 0
    package private(set) var restarts = 0
    package private(set) var recomputations = 0
    package private(set) var corrections = 0

    /// Words, recomputations and corrections.
    package var checks: Int { words + recomputations + corrections }

    /// Phrases by which a thought doubts itself.
    package static let words = [
        "wait", "hold on", "hmm", "actually", "let me check", "let me verify", "check again", "double-check",
        "recheck", "i made a mistake", "that is wrong", "that's wrong", "that is not right",
        "that's not right",
        "잠깐", "다시 확인", "다시 계산", "等等", "不对", "检查一下",
    ]
    /// Phrases by which a thought begins anew.
    package static let restarts = [
        "start over", "start again", "try again", "let me redo", "from the beginning", "from scratch", "처음부터",
        "重新",
    ]

    package init(in thought: String) {
        var thought = thought
        thought.withUTF8 { bytes in
            var index = 0
            var results: [[UInt8]: ArraySlice<UInt8>] = [:]
            while index < bytes.count {
                if let phrase = Phrase.found(in: bytes, at: index) {
                    if phrase.isRestart { restarts += 1 } else { words += 1 }
                    index += phrase.bytes.count
                    continue
                }
                if bytes[index] == UInt8(ascii: "="), let calculation = Calculation(in: bytes, equals: index)
                {
                    if let known = results.updateValue(calculation.result[...], forKey: calculation.left) {
                        if known == calculation.result[...] { recomputations += 1 } else { corrections += 1 }
                    }
                }
                index += 1
            }
        }
    }
}

/// A phrase of the rules as lower-case bytes.
private struct Phrase {
    let bytes: [UInt8]
    let isRestart: Bool

    /// The phrases by their first byte, the longest first.
    private static let known: [[Phrase]] = {
        var table = [[Phrase]](repeating: [], count: 256)
        for (texts, isRestart) in [(SelfChecks.words, false), (SelfChecks.restarts, true)] {
            for text in texts {
                let bytes = Array(text.utf8)
                table[Int(bytes[0])].append(Phrase(bytes: bytes, isRestart: isRestart))
            }
        }
        return table.map { $0.sorted { $0.bytes.count > $1.bytes.count } }
    }()

    static func found(in text: UnsafeBufferPointer<UInt8>, at start: Int) -> Phrase? {
        let candidates = known[Int(text[start].lowercase)]
        if candidates.isEmpty { return nil }
        return candidates.first { $0.stands(in: text, at: start) }
    }

    private func stands(in text: UnsafeBufferPointer<UInt8>, at start: Int) -> Bool {
        let end = start + bytes.count
        guard end <= text.count else { return false }
        for offset in bytes.indices where text[start + offset].lowercase != bytes[offset] { return false }
        guard bytes[0] < 0x80 else { return true }
        return (start == 0 || !text[start - 1].isLetter) && (end == text.count || !text[end].isLetter)
    }
}

/// What stands on both sides of an equals sign: `8 * 7 = 56`.
private struct Calculation {
    /// Without spaces and currency signs.
    let left: [UInt8]
    let result: [UInt8]

    /// A longer left side is no calculation of a line.
    private static let longest = 64

    init?(in text: UnsafeBufferPointer<UInt8>, equals: Int) {
        var reversed: [UInt8] = []
        var index = equals - 1
        let first = max(0, equals - Self.longest)
        while index >= first {
            let byte = text[index]
            // A point that ends a sentence ends the left side, too.
            if byte == UInt8(ascii: "."), !text[index + 1].isDigit { break }
            if byte == 0x97 || byte == 0xB7, index > first, text[index - 1] == 0xC3 {
                // × and ÷
                reversed += [byte, 0xC3]
                index -= 1
            } else if byte.isDigit || Self.signs.contains(byte) {
                reversed.append(byte)
            } else if byte != UInt8(ascii: " "), byte != UInt8(ascii: "$") {
                break
            }
            index -= 1
        }
        let left = Array(reversed.reversed())
        guard left.contains(where: \.isDigit),
            left.dropFirst().contains(where: { $0 >= 0x80 || Self.operators.contains($0) })
        else { return nil }

        var result: [UInt8] = []
        index = equals + 1
        while index < text.count, text[index] == UInt8(ascii: " ") || text[index] == UInt8(ascii: "$") {
            index += 1
        }
        if index < text.count, text[index] == UInt8(ascii: "-") {
            result.append(text[index])
            index += 1
        }
        while index < text.count, result.count < Self.longest {
            let isPoint =
                text[index] == UInt8(ascii: ".") && index + 1 < text.count && text[index + 1].isDigit
            guard text[index].isDigit || isPoint else { break }
            result.append(text[index])
            index += 1
        }
        guard result.contains(where: \.isDigit) else { return nil }
        self.left = left
        self.result = result
    }

    private static let operators = Array("+-*/^".utf8)
    private static let signs = operators + Array(".()".utf8)
}

extension UInt8 {
    fileprivate var lowercase: UInt8 { (0x41...0x5A).contains(self) ? self | 0x20 : self }
    fileprivate var isLetter: Bool { (0x61...0x7A).contains(lowercase) }
    fileprivate var isDigit: Bool { (0x30...0x39).contains(self) }
}
