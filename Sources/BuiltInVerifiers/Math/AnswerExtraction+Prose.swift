// Mathematics between words.
extension AnswerExtraction {
    /// Mathematics that stands between words, as long as it goes on.
    ///
    ///     The solution is x = 3, y = 4, as required.     x = 3, y = 4
    struct Run {
        var text: String
        let isFormula: Bool
        /// Words around it say that it is not the answer, or only a part of something larger.
        let isDoubtful: Bool

        var meaning: MathExpression? { isDoubtful ? nil : MathParser.read(Array(text.unicodeScalars)) }
    }

    /// The runs in a part of the text that hold a digit, a command, an operator or a formula in delimiters.
    func runs(in range: Range<Int>) -> [Run] {
        var builder = RunBuilder()
        for chunk in chunks(in: range) { builder.add(chunk) }
        builder.finish()
        return builder.runs
    }

    /// A piece of text between white space, or a formula in delimiters.
    enum Chunk {
        case formula(String)
        case text(String, startsLine: Bool)
        case newLine
    }

    private func chunks(in range: Range<Int>) -> [Chunk] {
        var chunks: [Chunk] = []
        var formulas = formulas(in: range)[...]
        var index = range.lowerBound
        var startsLine = true
        while index < range.upperBound {
            if let formula = formulas.first, formula.lowerBound <= index {
                formulas.removeFirst()
                guard formula.lowerBound == index else { continue }
                let width = text[index] == "$" && text[index + 1] != "$" ? 1 : 2
                chunks.append(.formula(string((index + width)..<(formula.upperBound - width))))
                index = formula.upperBound
                startsLine = false
            } else if text[index] == "\n" {
                chunks.append(.newLine)
                startsLine = true
                index += 1
            } else if MathSymbols.isSpace(text[index]) {
                index += 1
            } else {
                let end = chunkEnd(from: index, limit: formulas.first?.lowerBound ?? range.upperBound)
                chunks.append(.text(string(index..<end), startsLine: startsLine))
                startsLine = false
                index = end
            }
        }
        return chunks
    }

    /// White space ends a chunk, except in braces and after a backslash.
    private func chunkEnd(from start: Int, limit: Int) -> Int {
        var open = 0
        var index = start
        while index < limit {
            switch text[index] {
            case "{": open += 1
            case "}": open -= 1
            case "\\": index += 1
            case let scalar where MathSymbols.isSpace(scalar) && (open <= 0 || scalar == "\n"): return index
            default: break
            }
            index += 1
        }
        return limit
    }

    /// A delimiter that opens a formula.
    private enum Opening { case dollar, dollars, parenthesis, bracket }

    /// The longest formula, in characters.
    private static let formulaLimit = 1000

    /// The formulas in delimiters, delimiters included, in one pass.
    func formulas(in range: Range<Int>) -> [Range<Int>] {
        var found: [Range<Int>] = []
        var open: (kind: Opening, start: Int)?
        /// Takes the formula that a delimiter closes; false when no formula of that kind is open.
        func close(_ kind: Opening, at index: Int, length: Int) -> Bool {
            guard let opened = open, opened.kind == kind else { return false }
            open = nil
            let inside = index - opened.start - length
            guard inside > 0, inside <= Self.formulaLimit else { return true }
            found.append(opened.start..<(index + length))
            return true
        }
        var index = range.lowerBound
        while index < range.upperBound {
            let next: Unicode.Scalar = index + 1 < range.upperBound ? text[index + 1] : " "
            switch (text[index], next) {
            case ("\\", "("): open = (.parenthesis, index)
            case ("\\", "["): open = (.bracket, index)
            case ("\\", ")"): _ = close(.parenthesis, at: index, length: 2)
            case ("\\", "]"): _ = close(.bracket, at: index, length: 2)
            case ("$", "$"):
                if !close(.dollars, at: index, length: 2) { open = (.dollars, index) }
            case ("$", _):
                // `$5 and $6` are two amounts.
                if MathTokenizer.isDigit(next) || !close(.dollar, at: index, length: 1),
                    open?.kind ?? .dollar == .dollar
                {
                    open = (.dollar, index)
                }
            case ("\n", _): if open?.kind == .dollar { open = nil }
            default: break
            }
            let isPair = text[index] == "\\" || (text[index] == next && next == "$")
            index += isPair ? 2 : 1
        }
        return found
    }
}
