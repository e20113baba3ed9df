import Reasoning

/// Finds the part of a text that answers, by the rules of `AnswerReading.Rule`.
///
/// A part is read as a whole or not at all: a number inside something that is not understood is never the answer. Each rule
/// reads the text a bounded number of times.
struct AnswerExtraction {
    let text: [Unicode.Scalar]

    /// The longest answer that is searched, in bytes, and the longest part that is taken from it, in characters.
    static let lengthLimit = 1 << 19
    static let partLimit = 4096
    /// The end of a text that is searched for the last mathematics between words.
    private static let proseLimit = 2048

    struct Found {
        let rule: AnswerReading.Rule
        let text: String
        /// The meaning of the part; nil when it is not understood.
        let meaning: MathExpression?
        /// Words around it say that it is not the answer.
        var isDoubtful = false
    }

    init?(_ text: String) {
        guard text.utf8.count <= Self.lengthLimit else { return nil }
        self.init(normalised: MathCharacters.normalised(text)[...])
    }

    private init(normalised text: ArraySlice<Unicode.Scalar>) {
        self.text = Self.withoutTags(text)
    }

    var all: Range<Int> { 0..<text.count }

    func found() -> Found {
        let boxes = lastBoxes()
        if let last = boxes.last, let final = afterMark(in: last.end..<text.count, isFinal: true) {
            let found = reading(final, .answerIs)
            if found.meaning != nil { return found }
        }
        if !boxes.isEmpty { return meaning(of: boxes) }
        if let line = afterHashes() { return reading(line, .hashes) }
        if let rest = afterMark(in: all) { return reading(rest, .answerIs) }
        return whole() ?? inProse() ?? Found(rule: .none, text: "", meaning: nil)
    }

    /// The part that answers in words: what a rule found before it is searched for mathematics, else the whole text.
    func words() -> String {
        if let last = lastBoxes().last { return string(last.inside) }
        if let range = afterHashes() ?? afterMark(in: all) { return string(range) }
        return all.count <= Self.partLimit ? string(all) : ""
    }

    func string(_ range: Range<Int>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: text[range])
        return String(view)
    }

    /// A part, read as one expression or else as prose whose first formula or number counts.
    private func reading(_ range: Range<Int>, _ rule: AnswerReading.Rule) -> Found {
        if range.count <= Self.partLimit, !mixesFormulas(range), let meaning = MathParser.read(text[range]) {
            return Found(rule: rule, text: string(range), meaning: meaning)
        }
        let runs = runs(in: range)
        // In `the largest $n$ is 34` a name comes first.
        guard let run = runs.first(where: { !($0.meaning?.isName ?? false) }) ?? runs.first else {
            return Found(rule: rule, text: String(string(range).prefix(200)), meaning: nil)
        }
        return Found(rule: rule, text: run.text, meaning: run.meaning, isDoubtful: run.isDoubtful)
    }

    /// Whether formulas in delimiters stand beside other text.
    private func mixesFormulas(_ range: Range<Int>) -> Bool {
        let formulas = formulas(in: range)
        guard let first = formulas.first else { return false }
        guard formulas.count == 1 else { return true }
        return text[range].indices.contains {
            !first.contains($0) && !MathSymbols.isSpace(text[$0]) && !".,*".unicodeScalars.contains(text[$0])
        }
    }

    /// Boxes are members of a list, and equal boxes are one.
    private func meaning(of boxes: [Box]) -> Found {
        var members: [MathExpression] = []
        var texts: [String] = []
        for box in boxes {
            let found = reading(box.inside, .boxed)
            guard !texts.contains(found.text) else { continue }
            texts.append(found.text)
            guard let meaning = found.meaning else {
                return Found(rule: .boxed, text: texts.map(\.trimmed).joined(separator: ", "), meaning: nil)
            }
            let isKnown = members.prefix(4).contains {
                $0 == meaning
                    || MathComparison.verdict(expected: $0, answer: meaning, budget: 1000) == .correct
            }
            if !isKnown { members.append(meaning) }
        }
        let meaning = members.count == 1 ? members[0] : .list(members)
        return Found(rule: .boxed, text: texts.map(\.trimmed).joined(separator: ", "), meaning: meaning)
    }

    /// The whole text, if it is one expression or one on each line, or words without digits.
    private func whole() -> Found? {
        guard text.count <= Self.partLimit else { return nil }
        let lines = text.split(separator: "\n").filter { !$0.allSatisfy(MathSymbols.isSpace) }
        guard !mixesFormulas(all) else { return nil }
        var meaning: MathExpression?
        if lines.count <= 1 || find("\\begin", in: all) != nil || find("\\frac\n", in: all) != nil {
            meaning = MathParser.read(text)
        } else if lines.count <= MathComparison.memberLimit {
            // Lines with an equals sign are steps, of which the last one counts.
            let read = lines.compactMap { MathParser.read($0) }
            guard read.count == lines.count, !lines.contains(where: { $0.contains("=") }) else { return nil }
            meaning = .list(read)
        }
        guard let meaning else { return nil }
        let isWords = meaning.contains { if case .text = $0 { true } else { false } }
        if isWords && text.contains(where: MathTokenizer.isDigit) { return nil }
        return Found(rule: .whole, text: string(all), meaning: meaning)
    }

    /// The last formula or number between words.
    private func inProse() -> Found? {
        guard let run = runs(in: max(0, text.count - Self.proseLimit)..<text.count).last else { return nil }
        return Found(
            rule: run.isFormula ? .formula : .lastNumber, text: run.text, meaning: run.meaning,
            isDoubtful: run.isDoubtful)
    }
}

// Marks.
extension AnswerExtraction {
    /// The first place of `mark`.
    func find(_ mark: StaticString, in range: Range<Int>) -> Int? {
        range.first { stands(mark, at: $0) }
    }

    func findLast(_ mark: StaticString, in range: Range<Int>) -> Int? {
        range.last { stands(mark, at: $0) }
    }

    /// Whether `mark` stands at `index`, ignoring case; `mark` itself is ASCII in lower case.
    func stands(_ mark: StaticString, at index: Int) -> Bool {
        Self.stands(mark, at: index, in: text[...])
    }

    private static func stands(_ mark: StaticString, at index: Int, in text: ArraySlice<Unicode.Scalar>)
        -> Bool
    {
        guard index + mark.utf8CodeUnitCount <= text.endIndex else { return false }
        return mark.withUTF8Buffer { mark in
            for offset in mark.indices {
                let value = text[index + offset].value
                let lower = (65...90).contains(value) ? value | 0x20 : value
                if lower != UInt32(mark[offset]) { return false }
            }
            return true
        }
    }

    /// The content of the last `<answer>…</answer>`, or all of it when there is none.
    private static func withoutTags(_ text: ArraySlice<Unicode.Scalar>) -> [Unicode.Scalar] {
        var rest = text
        if let end = rest.indices.last(where: { rest[$0] == "<" && stands("</answer>", at: $0, in: rest) }) {
            rest = rest[..<end]
        }
        if let start = rest.indices.last(where: { rest[$0] == "<" && stands("<answer>", at: $0, in: rest) }) {
            rest = rest[(start + 8)...]
        }
        return Array(rest)
    }

    private func afterHashes() -> Range<Int>? {
        findLast("####", in: all).map { line(from: $0 + 4) }
    }

    private func line(from start: Int) -> Range<Int> {
        var index = start
        while index < text.count, MathSymbols.isSpace(text[index]) { index += 1 }
        let end = text[index...].firstIndex(of: "\n") ?? text.count
        return index..<min(end, index + Self.partLimit)
    }

    /// The rest of the sentence after the last `answer is` or `answer:`.
    ///
    /// - Parameter isFinal: only `final answer` counts.
    private func afterMark(in range: Range<Int>, isFinal: Bool = false) -> Range<Int>? {
        let mark = range.last {
            guard text[$0].value | 0x20 == 97, stands("answer", at: $0) else { return false }
            guard !isFinal || ($0 >= 6 && stands("final ", at: $0 - 6)) else { return false }
            return stands("answer is", at: $0) || stands("answer:", at: $0) || stands("answer**:", at: $0)
        }
        guard let mark else { return nil }
        var start = mark + (stands("answer is", at: mark) ? 9 : 6)
        while start < text.count, text[start] == ":" || text[start] == "*" || MathSymbols.isSpace(text[start])
        {
            start += 1
        }
        if start < text.count, text[start] == "\\", start + 1 < text.count, text[start + 1] == "[",
            let end = find("\\]", in: start..<min(text.count, start + Self.partLimit))
        {
            return start..<(end + 2)
        }
        if stands("$$", at: start),
            let end = find("$$", in: (start + 2)..<min(text.count, start + Self.partLimit))
        {
            return start..<(end + 2)
        }
        let line = line(from: start)
        return line.lowerBound..<(line.first(where: { endsSentence(at: $0, of: line) }) ?? line.upperBound)
    }

    /// Whether a full stop before white space or the end stands here, after something other than `a.m` and `p.m`.
    private func endsSentence(at index: Int, of line: Range<Int>) -> Bool {
        guard text[index] == ".", index + 1 == line.upperBound || MathSymbols.isSpace(text[index + 1]) else {
            return false
        }
        return index < line.lowerBound + 3 || text[index - 2] != "."
    }
}
