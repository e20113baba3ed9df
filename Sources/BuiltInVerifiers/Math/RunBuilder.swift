/// Puts the chunks of prose together into runs of mathematics.
///
///     The change was minus 3 degrees, not 5.     runs: "- 3 degrees", and a doubtful "5"
struct RunBuilder {
    private(set) var runs: [AnswerExtraction.Run] = []
    private var parts: [String] = []
    private var isFormula = false
    /// The word that separates members, until it is known whether mathematics follows.
    private var conjunction = false
    private var isDoubtful = false
    /// Words that came before make the next run doubtful.
    private var doubtsNext = false
    private var lastWord = ""
    private var wordBefore = ""
    /// Whether a number or formula is the last thing that was read.
    private var isAfterRun = false

    mutating func add(_ chunk: AnswerExtraction.Chunk) {
        switch chunk {
        case .newLine: endSentence()
        case .formula(let text):
            isFormula = isFormula || parts.isEmpty
            append(text, hasMathematics: true)
        case .text(let text, let startsLine):
            if startsLine, isListMark(text) { return }
            add(ProseChunk(text))
        }
    }

    mutating func finish() { endSentence() }

    /// `2.` or `3)` at the start of a line counts the line.
    private func isListMark(_ text: String) -> Bool {
        text.utf8.count <= 3 && (text.hasSuffix(".") || text.hasSuffix(")"))
            && text.dropLast().allSatisfy { ("0"..."9").contains($0) }
    }

    private mutating func add(_ chunk: ProseChunk) {
        switch chunk.kind {
        case .mathematics("a"), .mathematics("I"): add(word: "a", chunk)
        case .word(let word): add(word: word, chunk)
        case .mathematics(let text): append(text, hasMathematics: chunk.hasContent)
        case .nothing: break
        }
        guard let mark = chunk.end else { return }
        switch mark {
        case ",":
            if case .word = chunk.kind {
                endRun()
            } else if !parts.isEmpty {
                append(",", hasMathematics: false)
            }
        case "?":
            isDoubtful = true
            endSentence()
        case ".", "!": endSentence()
        default: endRun()
        }
    }

    private mutating func append(_ text: String, hasMathematics: Bool) {
        if parts.isEmpty {
            isDoubtful = doubtsNext
            doubtsNext = false
        }
        if conjunction, parts.last != "," { parts.append(",") }
        conjunction = false
        parts.append(text)
        isAfterRun = true
        (wordBefore, lastWord) = (lastWord, hasMathematics ? "5" : lastWord)
    }

    private mutating func add(word: String, _ chunk: ProseChunk) {
        defer { (wordBefore, lastWord) = (lastWord, word) }
        if let spelled = ProseWords.spelled[word] { return append(spelled, hasMathematics: false) }
        if !parts.isEmpty {
            if MathText.isConjunction(word) || word == "to" {
                conjunction = true
                return
            }
            if !conjunction, ProseWords.continues(word), chunk.start == nil || chunk.start == "(" {
                return append(
                    (chunk.start.map { String(Character($0)) } ?? "") + word
                        + (chunk.end == ")" ? ")" : ""), hasMathematics: false)
            }
        }
        let deniesLast = ProseWords.denying.contains(word) && (lastWord == "is" || lastWord == "was")
        // `7 or more`, `7 and a half`
        let extendsLast =
            conjunction && ProseWords.comparing.contains(word)
            || ProseWords.parts.contains(word) && lastWord == "a" && wordBefore == "and"
        if deniesLast || extendsLast { doubtLast() }
        endRun()
        if ProseWords.doubting.contains(word) || word == "but" && lastWord == "all" { doubtsNext = true }
        if word == "of", ProseWords.parts.contains(lastWord) || lastWord == "5" { doubtsNext = true }
        if ProseWords.operating.contains(word) || word == "by" && lastWord.hasSuffix("ed") {
            doubtsNext = true
        }
    }

    private mutating func doubtLast() {
        if !parts.isEmpty {
            isDoubtful = true
        } else if isAfterRun, let last = runs.indices.last {
            runs[last] = AnswerExtraction.Run(
                text: runs[last].text, isFormula: runs[last].isFormula, isDoubtful: true)
        }
    }

    private mutating func endRun() {
        defer {
            parts = []
            isFormula = false
            conjunction = false
            isDoubtful = false
        }
        while let last = parts.last, last == "," || ProseChunk.dashes.contains(last) { parts.removeLast() }
        let text = ProseChunk.balanced(parts.joined(separator: " "))
        guard isFormula || ProseChunk.isMathematics(text) else { return }
        runs.append(AnswerExtraction.Run(text: text, isFormula: isFormula, isDoubtful: isDoubtful))
    }

    private mutating func endSentence() {
        endRun()
        doubtsNext = false
        (wordBefore, lastWord) = ("", "")
        isAfterRun = false
    }
}
