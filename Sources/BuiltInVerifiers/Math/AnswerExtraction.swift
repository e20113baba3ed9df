/// Finds the part of a text that answers, by the rules of `AnswerReading.Rule`.
///
/// It works on bytes, because every mark it looks for is ASCII. Each rule reads the text a bounded number of times.
struct AnswerExtraction {
    let bytes: [UInt8]

    /// The longest answer that is searched, and the longest part that is taken from it, in bytes.
    static let lengthLimit = 1 << 19
    static let partLimit = 4096

    struct Found {
        let rule: AnswerReading.Rule
        let text: String
        /// The meaning of the part; nil when it is not understood.
        let meaning: MathExpression?
    }

    init?(_ text: String) {
        guard text.utf8.count <= Self.lengthLimit else { return nil }
        bytes = Array(text.utf8)
    }

    func found() -> Found {
        if let box = boxed() { return Self.found(.boxed, box) }
        if let line = afterHashes() { return Self.found(.hashes, line) }
        if let rest = afterAnswerIs() { return inSentence(rest) }
        if let whole = whole() { return whole }
        return inProse(0..<bytes.count) ?? Found(rule: .none, text: "", meaning: nil)
    }

    private static func found(_ rule: AnswerReading.Rule, _ text: String) -> Found {
        Found(rule: rule, text: text, meaning: MathParser.read(text.unicodeScalars))
    }

    func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    /// The text after `answer is`, read as one expression or else as prose.
    private func inSentence(_ range: Range<Int>) -> Found {
        let sentence = text(range)
        if range.count <= Self.partLimit, let meaning = MathParser.read(sentence.unicodeScalars) {
            return Found(rule: .answerIs, text: sentence, meaning: meaning)
        }
        if let part = inProse(range, wantsFirst: true) {
            return Found(rule: .answerIs, text: part.text, meaning: part.meaning)
        }
        return Found(rule: .answerIs, text: String(sentence.prefix(200)), meaning: nil)
    }

    /// The whole text, if it is one expression on one line or words without digits.
    private func whole() -> Found? {
        guard bytes.count <= Self.partLimit else { return nil }
        let text = text(0..<bytes.count)
        let parts = text.utf8.split(separator: UInt8(ascii: "\n")).filter { !$0.allSatisfy { $0 <= 32 } }
        guard parts.count == 1 || find("\\begin", in: 0..<bytes.count) != nil else { return nil }
        guard let meaning = MathParser.read(text.unicodeScalars) else { return nil }
        if meaning.contains(where: { if case .text = $0 { true } else { false } }),
            bytes.contains(where: Self.isDigit)
        {
            return nil
        }
        return Found(rule: .whole, text: text, meaning: meaning)
    }

    /// The last formula or number in prose.
    private func inProse(_ range: Range<Int>, wantsFirst: Bool = false) -> Found? {
        let formulas = formulas(in: range)
        if let formula = formulas.last {
            let number = lastNumber(in: formula.upperBound..<range.upperBound)
            if number == nil || wantsFirst {
                let joined = joinedFormulas(formulas)
                if let meaning = MathParser.read(joined.unicodeScalars) {
                    return Found(rule: .formula, text: joined, meaning: meaning)
                }
            }
        }
        guard let number = wantsFirst ? firstNumber(in: range) : lastNumber(in: range) else { return nil }
        let text = text(number)
        return MathParser.read(text.unicodeScalars).map { Found(rule: .lastNumber, text: text, meaning: $0) }
    }
}

// Marks.
extension AnswerExtraction {
    static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

    static func isLetter(_ byte: UInt8) -> Bool {
        let lower = byte | 0x20
        return (97...122).contains(lower) || byte >= 128
    }

    static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }

    /// The first place of `mark`.
    func find(_ mark: StaticString, in range: Range<Int>) -> Int? {
        range.first { stands(mark, at: $0) }
    }

    func findLast(_ mark: StaticString, in range: Range<Int>) -> Int? {
        range.last { stands(mark, at: $0) }
    }

    /// Whether `mark` stands at `index`, ignoring case; `mark` itself is in lower case.
    func stands(_ mark: StaticString, at index: Int) -> Bool {
        let count = mark.utf8CodeUnitCount
        guard index + count <= bytes.count else { return false }
        return mark.withUTF8Buffer { mark in
            for offset in 0..<count {
                let byte = bytes[index + offset]
                let lower = (65...90).contains(byte) ? byte | 0x20 : byte
                if lower != mark[offset] { return false }
            }
            return true
        }
    }

    /// The content of the last `\boxed{…}`; if several boxes stand together, all contents separated by commas.
    private func boxed() -> String? {
        guard let last = lastBox(before: bytes.count) else { return nil }
        var contents = [text(last.inside)]
        var start = last.start
        while contents.count < 8, let box = lastBox(before: start), box.end <= start,
            isSeparator(box.end..<start)
        {
            contents.append(text(box.inside))
            start = box.start
        }
        return contents.reversed().joined(separator: ",")
    }

    private struct Box {
        let start: Int
        let inside: Range<Int>
        let end: Int
    }

    private func lastBox(before limit: Int) -> Box? {
        guard
            let start = (0..<limit).last(where: {
                bytes[$0] == 92 && (stands("\\boxed", at: $0) || stands("\\fbox", at: $0))
            })
        else { return nil }
        var index = start + (stands("\\boxed", at: start) ? 6 : 5)
        while index < bytes.count, Self.isSpace(bytes[index]) { index += 1 }
        guard index < bytes.count else { return Box(start: start, inside: index..<index, end: index) }
        guard bytes[index] == UInt8(ascii: "{") else {
            let end =
                bytes[index...].firstIndex { Self.isSpace($0) || $0 == UInt8(ascii: "$") } ?? bytes.count
            return Box(start: start, inside: index..<end, end: end)
        }
        var open = 0
        for place in index..<min(bytes.count, index + Self.partLimit) {
            if place > 0, bytes[place - 1] == 92, place < 2 || bytes[place - 2] != 92 { continue }
            if bytes[place] == UInt8(ascii: "{") { open += 1 }
            if bytes[place] == UInt8(ascii: "}") { open -= 1 }
            if open == 0 { return Box(start: start, inside: (index + 1)..<place, end: place + 1) }
        }
        // The box is never closed, so the end of the answer is unknown.
        return Box(start: start, inside: index..<min(bytes.count, index + 100), end: bytes.count)
    }

    /// Whether the range holds only white space, delimiters, and a comma or conjunction.
    private func isSeparator(_ range: Range<Int>) -> Bool {
        guard range.count <= 16 else { return false }
        let words = text(range).filter { !" \n,$.".contains($0) }.lowercased()
        return ["", "and", "or", "\\text{and}", "\\text{or}"].contains(words)
    }

    private func afterHashes() -> String? {
        guard let start = findLast("####", in: 0..<bytes.count) else { return nil }
        return text(line(from: start + 4))
    }

    private func line(from start: Int) -> Range<Int> {
        var index = start
        while index < bytes.count, Self.isSpace(bytes[index]) { index += 1 }
        let end = bytes[index...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
        return index..<min(end, index + Self.partLimit)
    }

    /// The rest of the sentence after the last `answer is` or `answer:`.
    private func afterAnswerIs() -> Range<Int>? {
        guard
            let mark = (0..<bytes.count).last(where: {
                bytes[$0] | 0x20 == 97 && (stands("answer is", at: $0) || stands("answer:", at: $0))
            })
        else { return nil }
        var start = mark + (stands("answer:", at: mark) ? 7 : 9)
        while start < bytes.count, bytes[start] == 58 || bytes[start] == 42 || Self.isSpace(bytes[start]) {
            start += 1
        }
        let line = line(from: start)
        // A full stop ends the sentence before white space or the end.
        let stop = line.first {
            bytes[$0] == UInt8(ascii: ".") && ($0 + 1 == line.upperBound || Self.isSpace(bytes[$0 + 1]))
        }
        return line.lowerBound..<(stop ?? line.upperBound)
    }
}
