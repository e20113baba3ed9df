/// Reads the one letter A to J that an answer names.
///
///     ChoiceReading.letter(in: "I would choose (B), because A is false")   // B
///     ChoiceReading.letter(in: "A or B")                                   // nil
///
/// Grammar: answer = {leading word} letter tail. The letter stands alone: `B`, `b`, `(B)`, `[B]`. The tail is empty, or text
/// behind a mark (`B. 42`), or says that the letter is right. It must not take the letter back or name another one.
struct ChoiceReading {
    private let text: [Character]
    private var place = 0
    private var isAnnounced = false

    /// The longest answer that is read, in bytes.
    static let limit = 4096

    /// - Parameter isAnnounced: whether words such as `the answer is` stood before the text.
    static func letter(in answer: String, isAnnounced: Bool = false) -> Character? {
        guard answer.utf8.count <= limit else { return nil }
        let text = cleaned(answer)
        var reading = ChoiceReading(text: text)
        reading.isAnnounced = isAnnounced
        // Real answers have a handful of words before the letter.
        for _ in 0..<16 {
            reading.skip { $0.isWhitespace || ",:-–—".contains($0) }
            if let label = reading.label(), reading.isTail(from: label.end, of: label.letter) {
                return label.letter
            }
            guard let word = reading.word(), leadingWords.contains(word) else { return nil }
            reading.isAnnounced = true
        }
        return nil
    }

    private static let leadingWords: Set<String> = [
        "the", "so", "thus", "hence", "therefore", "correct", "right", "best", "final", "my", "answer",
        "option", "choice",
        "letter", "is", "was", "it", "it's", "i", "i'm", "i'd", "i'll", "we", "would", "will", "should",
        "must", "be",
        "choose", "chose", "pick", "select", "go", "going", "with", "think", "believe", "say", "guess", "am",
        "most", "likely", "probably", "definitely", "clearly", "appropriate", "accurate", "suitable", "one",
        "ans", "solution",
        "result", "conclusion", "statement", "finally", "only", "true",
        "选", "选项", "选择", "答案", "是", "为", "我选", "应选", "故选", "所以选", "因此选", "正确答案是", "정답", "정답은", "답", "답은",
        "보기",
        "答え", "答えは", "正解", "正解は",
    ]
    private static let optionWords: Set<String> = ["option", "choice", "letter", "is", "选项", "보기"]
    private static let praise: Set<String> = [
        "correct", "right", "true", "answer", "choice", "option", "one", "solution", "best", "accurate",
        "appropriate",
    ]
    private static let denial: Set<String> = [
        "not", "wrong", "incorrect", "false", "never", "no", "isn't", "wasn't", "cannot", "can't", "or",
        "nor", "neither",
    ]
    private static let reasons: Set<String> = [
        "because", "since", "as", "due", "given", "for", "it", "not", "rather", "instead", "which", "by",
    ]
    private static let copulas: Set<String> = ["is", "was", "would be", "must be", "should be"]
    private static let endings: Set<String> = [
        "입니다", "이다", "번", "번입니다", "예요", "이에요", "です", "だ", "である", "项", "选项",
    ]

    // MARK: - Characters

    /// The text without marks of LaTeX and Markdown, which do not change what it says.
    private static func cleaned(_ answer: String) -> [Character] {
        let fonts: Set<String> = [
            "text", "textbf", "textit", "textrm", "mathrm", "mathbf", "mathsf", "mathit", "mbox", "bf", "rm",
            "boldsymbol",
            "bm", "left", "right",
        ]
        var result: [Character] = []
        var rest = Substring(answer)
        while let character = rest.popFirst() {
            switch character {
            case "\\":
                let name = rest.prefix { $0.isASCII && $0.isLetter }
                rest = rest.dropFirst(name.count)
                if name.isEmpty || name.hasSuffix("quad") {
                    if name.isEmpty { rest = rest.dropFirst() }
                    result.append(" ")
                } else if !fonts.contains(String(name)) {
                    result += "\\" + name
                }
            case "{", "}", "$", "*", "_", "`", "\"", "“", "”", "‘": continue
            case "’": result.append("'")
            case "~", "\u{A0}": result.append(" ")
            default: result.append(character)
            }
        }
        return result
    }

    private func at(_ index: Int) -> Character? { index < text.count ? text[index] : nil }

    private mutating func skip(while belongs: (Character) -> Bool) {
        while let next = at(place), belongs(next) { place += 1 }
    }

    /// Takes a word: ASCII letters and apostrophes, or letters of another script.
    private mutating func word() -> String? {
        guard let first = at(place), first.isLetter else { return nil }
        let end = text[place...].firstIndex {
            !($0.isLetter || $0 == "'") || $0.isASCII != first.isASCII && $0 != "'"
        }
        defer { place = end ?? text.count }
        return String(text[place..<(end ?? text.count)]).lowercased()
    }

    // MARK: - The letter

    /// The letter at the present place and the place after it.
    private func label() -> (letter: Character, end: Int)? { label(at: place) }

    private func label(at start: Int) -> (letter: Character, end: Int)? {
        guard let first = at(start) else { return nil }
        if let close: Character = first == "(" ? ")" : first == "[" ? "]" : nil {
            guard let found = Self.upper(at(start + 1)), at(start + 2) == close else { return nil }
            return (found, start + 3)
        }
        guard let letter = Self.upper(first) else { return nil }
        let next = at(start + 1)
        if let next, next.isNumber || "'+#".contains(next) || next == "(" || next.isLetter && next.isASCII {
            return nil
        }
        // A small letter is mostly a word or a name.
        if first.isLowercase, let next, !").:".contains(next), !isAfterOptionWord(start) { return nil }
        return (letter, start + 1)
    }

    private func isAfterOptionWord(_ start: Int) -> Bool {
        Self.optionWords.contains(lastWord(before: start))
    }

    private static func upper(_ character: Character?) -> Character? {
        guard let character, let ascii = character.asciiValue else { return nil }
        // Bit 0x20 tells the cases of ASCII letters apart.
        let upper = ascii & ~0x20
        guard ascii >= UInt8(ascii: "A"), (UInt8(ascii: "A")...UInt8(ascii: "J")).contains(upper) else {
            return nil
        }
        return Character(Unicode.Scalar(upper))
    }

    // MARK: - The tail

    private func isTail(from end: Int, of letter: Character) -> Bool {
        var tail = ChoiceReading(text: text)
        tail.place = end
        let isNewLine = at(end)?.isNewline ?? false
        tail.skip { $0.isWhitespace }
        guard let next = tail.at(tail.place) else { return true }
        if next == "?" { return false }
        if isNewLine || ").:,;-–—=!(".contains(next) {
            while let next = tail.at(tail.place), next.isWhitespace || ").:,;-–—=!(".contains(next),
                next != "(" || tail.label() == nil
            { tail.place += 1 }
            return tail.isText(after: letter)
        }
        let behind = tail
        if let word = tail.word() {
            let said = tail.words(6)
            if Self.endings.contains(word) { return tail.isText(after: letter) }
            if Self.reasons.contains(word) {
                return !said.prefix(4).contains { ["or", "nor", "well"].contains($0) }
            }
            if Self.copulas.contains(word) || Self.copulas.contains("\(word) \(said.first ?? "")") {
                return !said.contains(where: Self.denial.contains)
                    && said.contains(where: Self.praise.contains)
            }
        }
        // Parentheses set a letter off from the text of its option; so do the words before, but for `the answer is a cat`.
        if ")]".contains(text[end - 1])
            || isAnnounced && letter != "A" && letter != "I" && text[end - 1].isUppercase
        {
            return behind.isText(after: letter)
        }
        return !text[end...].contains { $0.isLetter }
    }

    /// Whether the rest is the text of the option, or a reason, and names no other option.
    private func isText(after letter: Character) -> Bool {
        var rest = self
        guard let first = rest.word() else { return !namesAnother(than: letter) }
        if ["or", "and", "nor", "plus", "is", "wrong", "incorrect", "false", "no"].contains(first) {
            return false
        }
        // Options are also written about others: `D. Both A and B`, `D. A and B only`.
        if ["both", "neither", "either"].contains(first) || endsWithOnly { return true }
        if first == "not" {
            rest.skip { $0.isWhitespace }
            return rest.label() != nil
        }
        return Self.reasons.contains(first) && first != "it" && first != "as" && first != "for"
            || !namesAnother(than: letter)
    }

    /// Whether another option stands at the beginning, at the start of a line, in parentheses, or after `or` and `and`.
    private func namesAnother(than letter: Character) -> Bool {
        for start in place..<text.count {
            guard let label = label(at: start), label.letter != letter || start == place,
                start == 0 || !isWordy(start - 1)
            else { continue }
            let isBracketed = text[start] == "(" || text[start] == "["
            // `i.e.` names no option.
            if text[start].isLowercase { continue }
            if isBracketed, label.letter != letter { return true }
            let isJoined = lastWord(before: start) == "or"
            let isFirst = start == place || text[start - 1].isNewline
            guard isFirst || isJoined else { continue }
            var after = ChoiceReading(text: text)
            after.place = label.end
            after.skip { $0 == " " }
            guard let next = after.at(after.place) else { return true }
            if ",).:;/&\n".contains(next) { return true }
            if let word = after.word(), ["and", "or", "are", "is", "both"].contains(word) { return true }
        }
        return false
    }

    private var endsWithOnly: Bool {
        let end = text.lastIndex { !$0.isWhitespace && $0 != "." } ?? 0
        return lastWord(before: end + 1) == "only"
    }

    /// The word that ends before a place, at most as long as the words that matter here.
    private func lastWord(before end: Int) -> String {
        let near = text[max(0, end - 12)..<end]
        return near.split(whereSeparator: { !$0.isLetter }).last.map { String($0).lowercased() } ?? ""
    }

    private func isWordy(_ index: Int) -> Bool {
        text[index].isLetter || text[index].isNumber || text[index] == "\\"
    }

    private func words(_ count: Int) -> [String] {
        var rest = self
        var words: [String] = []
        while words.count < count {
            rest.skip { $0 == " " }
            guard let word = rest.word() else { break }
            words.append(word)
        }
        return words
    }
}
