// Formulas and numbers in prose.
extension AnswerExtraction {
    /// A delimiter that opens a formula.
    private enum Opening { case dollar, dollars, parenthesis, bracket }

    /// The longest formula, in bytes.
    private static let formulaLimit = 1000

    /// The last formulas in delimiters, delimiters included, in one pass.
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
            if found.count > 8 { found.removeFirst() }
            return true
        }
        var index = range.lowerBound
        while index < range.upperBound {
            let next = index + 1 < range.upperBound ? bytes[index + 1] : 0
            switch (bytes[index], next) {
            case (UInt8(ascii: "\\"), UInt8(ascii: "(")): open = (.parenthesis, index)
            case (UInt8(ascii: "\\"), UInt8(ascii: "[")): open = (.bracket, index)
            case (UInt8(ascii: "\\"), UInt8(ascii: ")")): _ = close(.parenthesis, at: index, length: 2)
            case (UInt8(ascii: "\\"), UInt8(ascii: "]")): _ = close(.bracket, at: index, length: 2)
            case (UInt8(ascii: "$"), UInt8(ascii: "$")):
                if !close(.dollars, at: index, length: 2) { open = (.dollars, index) }
            case (UInt8(ascii: "$"), _):
                // `$5 and $6` are two amounts.
                if Self.isDigit(next) || !close(.dollar, at: index, length: 1),
                    open?.kind ?? .dollar == .dollar
                {
                    open = (.dollar, index)
                }
            case (UInt8(ascii: "\n"), _): if open?.kind == .dollar { open = nil }
            default: break
            }
            let isPair =
                bytes[index] == UInt8(ascii: "\\") || (bytes[index] == next && next == UInt8(ascii: "$"))
            index += isPair ? 2 : 1
        }
        return found
    }

    /// The last formula, and the formulas before it that are separated only by a comma or a conjunction.
    func joinedFormulas(_ formulas: [Range<Int>]) -> String {
        var parts: [String] = []
        var next: Range<Int>?
        for formula in formulas.reversed() {
            if let next {
                let between = text(formula.upperBound..<next.lowerBound).lowercased()
                    .filter { !" ,".contains($0) }
                guard ["", "and", "or"].contains(between), next.lowerBound - formula.upperBound < 12 else {
                    break
                }
            }
            let inside = MathSymbols.unwrapped(text(formula).unicodeScalars)
            var view = String.UnicodeScalarView()
            view.append(contentsOf: inside)
            parts.append(String(view))
            next = formula
        }
        return parts.reversed().joined(separator: ",")
    }

    // Characters that occur in computations, begin them, may precede a separate number, and attach it to what follows.
    private static let computing = Array(".,+-*/^()=%$".utf8)
    private static let beginning = Array("-.($".utf8)
    private static let preceding = Array("=$(*:,>\"'`".utf8)
    private static let binding = Array("^_\\{}".utf8)

    /// The last number that stands alone between words, with the computation that it is part of.
    func lastNumber(in range: Range<Int>) -> Range<Int>? {
        var end = range.upperBound
        for _ in 0..<16 {
            guard let digit = (range.lowerBound..<end).last(where: { Self.isDigit(bytes[$0]) }) else {
                return nil
            }
            let run = run(around: digit, in: range)
            if let number = number(in: run, ending: digit + 1) { return number }
            end = run.lowerBound
        }
        return nil
    }

    /// The first number after the last equals sign; without an equals sign the first number.
    func firstNumber(in range: Range<Int>) -> Range<Int>? {
        let sign = range.last { bytes[$0] == UInt8(ascii: "=") }
        var start = sign.map { $0 + 1 } ?? range.lowerBound
        for _ in 0..<16 {
            guard let digit = (start..<range.upperBound).first(where: { Self.isDigit(bytes[$0]) }) else {
                return nil
            }
            let run = run(around: digit, in: range)
            let digits = run.last { Self.isDigit(bytes[$0]) } ?? digit
            if let number = number(in: run, ending: digits + 1) { return number }
            start = run.upperBound
        }
        return nil
    }

    /// The characters around a digit that can belong to a number or a computation.
    private func run(around digit: Int, in range: Range<Int>) -> Range<Int> {
        func belongs(_ byte: UInt8) -> Bool {
            Self.isDigit(byte) || byte == 32 || Self.computing.contains(byte)
        }
        var (start, end) = (digit, digit + 1)
        while start > range.lowerBound, digit - start < 200, belongs(bytes[start - 1]) { start -= 1 }
        while end < range.upperBound, end - digit < 200, belongs(bytes[end]) { end += 1 }
        while start < end, bytes[start] == 32 || bytes[start] == 44 || bytes[start] == 61 { start += 1 }
        return start..<end
    }

    /// The computation that fills the run, otherwise its last number; nil when the number is part of something unknown.
    private func number(in run: Range<Int>, ending end: Int) -> Range<Int>? {
        if let first = bytes[run].first, Self.isDigit(first) || Self.beginning.contains(first),
            isFree(before: run.lowerBound), isFree(after: run.upperBound),
            MathParser.read(text(run).unicodeScalars) != nil
        {
            return run
        }
        var start = end
        while start > run.lowerBound,
            Self.isDigit(bytes[start - 1]) || bytes[start - 1] == 46 || bytes[start - 1] == 44
                || bytes[start - 1] == 47
        { start -= 1 }
        while start < end, !Self.isDigit(bytes[start]), bytes[start] != 46 { start += 1 }
        if start > 0, bytes[start - 1] == UInt8(ascii: "-"), isFree(before: start - 1) { start -= 1 }
        guard isFree(before: start), isFree(after: end) else { return nil }
        let hasPercent = end < bytes.count && bytes[end] == UInt8(ascii: "%")
        let range = start..<(hasPercent ? end + 1 : end)
        if MathParser.read(text(range).unicodeScalars) != nil { return range }
        let digits = (start..<end).last { !Self.isDigit(bytes[$0]) }.map { $0 + 1 } ?? start
        return digits < end ? digits..<range.upperBound : nil
    }

    private func isFree(before index: Int) -> Bool {
        guard index > 0 else { return true }
        let byte = bytes[index - 1]
        return Self.isSpace(byte) || Self.preceding.contains(byte) || byte >= 128
    }

    private func isFree(after index: Int) -> Bool {
        guard index < bytes.count else { return true }
        return !Self.binding.contains(bytes[index])
    }
}
