/// A piece of prose between white space: a word, mathematics, or neither, and the punctuation after it.
struct ProseChunk {
    enum Kind {
        /// In lower case.
        case word(String)
        case mathematics(String)
        case nothing
    }

    let kind: Kind
    /// An opening parenthesis or quotation mark before a word.
    let start: Unicode.Scalar?
    /// The punctuation that ends the chunk.
    let end: Unicode.Scalar?
    /// Whether it holds more than operators.
    let hasContent: Bool

    static let dashes: Set<String> = ["-", "\u{2013}", "\u{2014}"]
    private static let marks = Set("*_\"`>#".unicodeScalars)
    private static let ends = Set(".,;:?!".unicodeScalars)

    init(_ text: String) {
        var scalars = Array(text.unicodeScalars)[...]
        while let first = scalars.first, Self.marks.contains(first) { scalars.removeFirst() }
        var end: Unicode.Scalar?
        while let last = scalars.last, Self.marks.contains(last) || Self.ends.contains(last) {
            // A factorial and a LaTeX space stay.
            let before = scalars.dropLast().last
            if last == "!", let before, MathTokenizer.isDigit(before) || before == ")" { break }
            if before == "\\" || scalars.elementsEqual("...".unicodeScalars) { break }
            if last == ".", scalars.suffix(3).elementsEqual("...".unicodeScalars) { break }
            if Self.ends.contains(last) { end = last }
            scalars.removeLast()
        }
        let (core, start) = Self.core(scalars)
        if let word = Self.word(core) {
            kind = .word(word)
            self.start = start
            self.end = end ?? (scalars.last == ")" ? ")" : nil)
            hasContent = false
            return
        }
        // `<|im_end|>` ends what a model writes.
        let rest = text.hasPrefix("<|") ? [] : Self.withoutForeignWords(scalars)
        self.start = nil
        self.end = end
        if rest.isEmpty || !(Self.isMathematics(String(rest)) || Self.isLetter(rest)) {
            kind = .nothing
            hasContent = false
        } else {
            kind = .mathematics(String(rest))
            hasContent = rest.contains { MathTokenizer.isDigit($0) || $0.properties.isAlphabetic }
        }
    }

    private static func isLetter(_ scalars: [Unicode.Scalar]) -> Bool {
        scalars.contains { $0.properties.isAlphabetic || "()[]{}|".unicodeScalars.contains($0) }
    }

    /// The letters inside parentheses and quotation marks, and the mark before them.
    private static func core(
        _ scalars: ArraySlice<Unicode.Scalar>
    ) -> (ArraySlice<Unicode.Scalar>, Unicode.Scalar?) {
        var core = scalars
        var start: Unicode.Scalar?
        while let first = core.first, "([{'".unicodeScalars.contains(first) {
            start = start ?? first
            core.removeFirst()
        }
        while let last = core.last, ")]}'.,;:".unicodeScalars.contains(last) { core.removeLast() }
        return (core, start)
    }

    /// A word in lower case; nil for mathematics, such as single letters, functions and Greek letters.
    private static func word(_ core: ArraySlice<Unicode.Scalar>) -> String? {
        guard let first = core.first, first.properties.isAlphabetic else { return nil }
        guard core.allSatisfy({ $0.properties.isAlphabetic || "'-./".unicodeScalars.contains($0) }) else {
            return nil
        }
        let word = String(core).lowercased()
        if ["a.m", "p.m", "i.e", "e.g"].contains(word) { return word }
        let pieces = word.split { "'-./".contains($0) }
        guard let longest = pieces.map(\.count).max(), longest >= 2 else { return nil }
        if pieces.count == 1, isName(String(core)) { return nil }
        return word
    }

    private static func isName(_ word: String) -> Bool {
        MathFunction.byName[word] != nil || MathText.greekLetters.contains(word) || word == "pi"
            || word == "mod"
    }

    /// Without words of scripts that put no space between words and numbers, as in `答案是5`; numerals stay.
    private static func withoutForeignWords(_ scalars: ArraySlice<Unicode.Scalar>) -> [Unicode.Scalar] {
        func isForeign(_ scalar: Unicode.Scalar) -> Bool {
            scalar.value >= 0x2E80 && scalar.properties.isAlphabetic
                && !"〇零一二三四五六七八九十百千万萬亿億兆半"
                    .unicodeScalars.contains(scalar)
                && MathSymbols.kinds(of: scalar) == nil
        }
        var rest = scalars
        while let first = rest.first, isForeign(first) { rest.removeFirst() }
        while let last = rest.last, isForeign(last) { rest.removeLast() }
        return Array(rest)
    }

    /// Whether a text holds a digit, a command, an operator between operands, or a character of mathematics.
    static func isMathematics(_ text: String) -> Bool {
        text.unicodeScalars.contains {
            MathTokenizer.isDigit($0) || "\\=+-<>^/%$*".unicodeScalars.contains($0)
                || (!$0.isASCII && MathSymbols.kinds(of: $0) != nil)
        }
    }

    /// Without parentheses that are opened or closed outside of the text.
    static func balanced(_ text: String) -> String {
        var scalars = Array(text.unicodeScalars)
        var opened: [Int] = []
        var unmatched: Set<Int> = []
        for (index, scalar) in scalars.enumerated() {
            switch scalar {
            case "(", "[": opened.append(index)
            case ")", "]": if opened.popLast() == nil { unmatched.insert(index) }
            default: break
            }
        }
        unmatched.formUnion(opened)
        // Only those at the ends are punctuation; others are part of what is not understood.
        while let last = scalars.indices.last, unmatched.contains(last) { scalars.removeLast() }
        var start = 0
        while start < scalars.count, unmatched.contains(start) { start += 1 }
        return String(scalars[start...])
    }
}

extension String {
    init(_ scalars: some Sequence<Unicode.Scalar>) {
        var view = UnicodeScalarView()
        view.append(contentsOf: scalars)
        self.init(view)
    }
}
