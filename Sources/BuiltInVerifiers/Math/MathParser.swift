/// Reads mathematical text into a tree; nil when any of it is not understood.
///
/// From the loosest to the tightest binding:
///
///     text         time | date | number in a base | choice | list
///     list         element {("," | ";" | "and" | "or") element}
///     element      words | relation | name "=" relation
///     relation     sets {("=" | "<" | "≤" | … | "∈") sets} [modulus]
///     sets         sum {("∪" | "∩" | "∖") sum}
///     sum          term {("+" | "−" | "±") term}
///     term         adjacent {("·" | "/" | ":") adjacent | "%"} [unit]
///     adjacent     factor {factor} [unit]
///     factor       base {"!" | "^" base | "_" base | "°"}
///
/// Factors side by side bind tighter than a slash: `1/2x` is `1/(2x)`. Nothing is read twice, so the time is linear in the
/// length, except that looking ahead for words is linear in each bracket.
struct MathParser {
    var tokens: [MathToken]
    var place = 0
    var depth = 0
    /// The count of open bars; inside bars the next bar closes one.
    var openBars = 0
    /// Whether the last argument was one digit of a number whose other digits follow here.
    var wasCut = false
    /// In the braces of a command there are no words but those of `\text`.
    var isInBraces = false
    /// Whether words stand beside words or before numbers, as in a sentence.
    var isProse = false
    /// Whether a bar or colon separates the members of a set from their condition.
    var isInSet = false
    /// Whether a unit belongs to the whole quotient and not to its divisor.
    var isDivisor = false

    /// The deepest nesting of brackets.
    static let depthLimit = 24

    /// The meaning of a whole text; nil when it is not understood.
    static func read(
        _ text: some BidirectionalCollection<Unicode.Scalar>, commas: MathTokenizer.Commas = .thousands
    ) -> MathExpression? {
        guard text.count <= 2 * MathTokenizer.lengthLimit else { return nil }
        let plain = MathSymbols.withoutQuotes(MathSymbols.unwrapped(text))
        guard let tokens = MathTokenizer.tokens(of: plain, commas: commas) else { return nil }
        var parser = MathParser(tokens: tokens)
        if let literal = parser.literal() { return literal }
        guard let result = parser.list(), parser.place == parser.tokens.count else { return nil }
        guard !result.isMalformed else { return nil }
        // `72 and we are done` is no list.
        if case .list(let members) = result, members.contains(where: \.isWords),
            !members.allSatisfy(\.isWords)
        {
            return nil
        }
        // `She has 9` is not a product.
        return parser.isProse ? nil : result
    }

    var next: MathToken.Kind? { place < tokens.count ? tokens[place].kind : nil }

    func kind(at index: Int) -> MathToken.Kind? { index < tokens.count ? tokens[index].kind : nil }

    mutating func take(_ symbol: Unicode.Scalar) -> Bool { take(.symbol(symbol)) }

    mutating func take(_ command: MathCommand) -> Bool { take(.command(command)) }

    mutating func take(_ kind: MathToken.Kind) -> Bool {
        guard next == kind else { return false }
        place += 1
        return true
    }

    /// Runs `body` one level deeper; nil beyond the limit.
    mutating func nested<Result>(_ body: (inout MathParser) -> Result?) -> Result? {
        guard depth < Self.depthLimit else { return nil }
        depth += 1
        defer { depth -= 1 }
        return body(&self)
    }
}

// Lists and relations.
extension MathParser {
    /// One expression, or a list of several.
    mutating func list() -> MathExpression? {
        guard let first = element() else { return nil }
        var elements = [first]
        var isUnion = false
        while isSeparator(next) {
            isUnion = isUnion || next?.isOr ?? false
            takeSeparator()
            // A separator at the end is ignored.
            if next == nil { break }
            guard let element = element() else { return nil }
            elements.append(element)
        }
        if elements.count == 1 { return first }
        return isUnion && elements.contains(where: \.isInequality) ? .union(elements) : .list(elements)
    }

    func isSeparator(_ kind: MathToken.Kind?) -> Bool {
        switch kind {
        case .symbol(","), .symbol(";"): true
        case .word(let word): MathText.isConjunction(word)
        case .text(let words): MathText.isConjunction(MathText.normalised(words)) || words == ","
        default: false
        }
    }

    private mutating func takeSeparator() {
        place += 1
        // As in `1, 2, and 3`.
        if case .word? = next, isSeparator(next) { place += 1 }
        if case .text? = next, isSeparator(next) { place += 1 }
    }

    private mutating func element() -> MathExpression? {
        guard depth == 0 else { return words() ?? relation() }
        let (start, before) = (place, tokens)
        if let words = words() { return words }
        skipLabel()
        if let relation = relation(), next == nil || isSeparator(next), !relation.isMalformed {
            return relation
        }
        (place, tokens) = (start, before)
        return named()
    }

    /// Skips the name of an equation, as in `\ell: 3x + 4y = 0`.
    private mutating func skipLabel() {
        guard kind(at: place + 1) == .symbol(":"),
            tokens[place...].contains(where: { $0.kind == .symbol("=") })
        else { return }
        switch next {
        case .word, .command(.letter), .unknown, .text: place += 2
        default: break
        }
    }

    /// The value behind a left side that is not understood but names something: `P(X \ge 2) = 3/4`, `\#S = 5`.
    private mutating func named() -> MathExpression? {
        let start = place
        var (open, equals, end) = (0, Int?.none, place)
        while end < tokens.count, open > 0 || !isSeparator(tokens[end].kind) {
            switch tokens[end].kind {
            case .symbol("("), .symbol("["), .symbol("{"), .command(.openSet): open += 1
            case .symbol(")"), .symbol("]"), .symbol("}"), .command(.closeSet): open -= 1
            case .symbol("="), .command(.approximately): if open <= 0 { equals = end }
            default: break
            }
            end += 1
        }
        guard let equals, Self.isName(tokens[start..<equals]) else { return nil }
        place = equals + 1
        guard let value = relation(), place == end, value.isScalar || value.isCollection else { return nil }
        return .relation([.opaque("named", []), value], [.equal])
    }

    /// Whether tokens can name something: not a number, a sentence or a price.
    private static func isName(_ tokens: ArraySlice<MathToken>) -> Bool {
        if case .number? = tokens.first?.kind { return false }
        return tokens.contains { $0.kind.isName }
            && !tokens.contains {
                switch $0.kind {
                case .word(let word): isWordy(word) && word != word.uppercased()
                case let kind: kind.currency != nil
                }
            }
    }

    /// An answer in words, up to the next separator; nil, with nothing consumed, when it may be mathematics.
    private mutating func words() -> MathExpression? {
        guard !isInBraces else { return nil }
        var index = place
        var isWordy = false
        var open = 0
        var result = ""
        scan: while let kind = kind(at: index), !isSeparator(kind) {
            switch kind {
            case .word(let word):
                isWordy = isWordy || Self.isWordy(word)
                result += " " + word
            case .text(let words):
                isWordy = isWordy || words.utf8.count > 1
                result += " " + words
            case .symbol("("): open += 1
            case .symbol(")"):
                if open == 0 { break scan }
                open -= 1
            case .symbol("-"), .symbol("."), .symbol("'"), .symbol("!"): break
            case .symbol("}"), .symbol("]"), .command(.closeSet), .symbol("&"), .newRow, .end: break scan
            default: return nil
            }
            index += 1
        }
        let text = MathText.normalised(result)
        guard isWordy, open == 0, !text.isEmpty else { return nil }
        place = index
        return .text(text)
    }

    /// Whether a word is too long for a product of letters and is not a mathematical name.
    private static func isWordy(_ word: String) -> Bool {
        (word.utf8.count >= 3 || word.lowercased() == "no" || isRoman(word))
            && MathFunction.byName[word] == nil && !MathText.isProductOfLetters(word)
            && !MathText.greekLetters.contains(word) && infinities[word.lowercased()] == nil
    }

    private static func isRoman(_ word: String) -> Bool {
        word.utf8.count > 1 && word.allSatisfy { "IVXLCDM".contains($0) }
    }

    static let infinities: [String: MathExpression] = [
        "inf": .constant(.infinity), "infinity": .constant(.infinity), "infty": .constant(.infinity),
        "oo": .constant(.infinity),
    ]

    /// One set or number, or a chain of them as in `1 < x ≤ 2`.
    mutating func relation() -> MathExpression? {
        // `= 5` and `≈ 5` say 5.
        if next == .symbol("=") || next == .command(.approximately) { place += 1 }
        guard let first = sets() else { return nil }
        var sides = [first]
        var relations: [MathExpression.Relation] = []
        while let relation = takeRelation() {
            guard let side = words() ?? sets() else { return nil }
            sides.append(side)
            relations.append(relation)
        }
        if let modulus = takeModulus() {
            let isCongruence = relations.allSatisfy { $0 == .congruent || $0 == .equal } && sides.count <= 2
            guard isCongruence, let value = sides.last else { return nil }
            return .congruence(name: sides.count == 2 ? first : nil, value, modulus: modulus)
        }
        return relations.isEmpty ? first : .relation(sides, relations)
    }

    /// `\pmod{7}`, `\bmod 7` and `(mod 7)`.
    private mutating func takeModulus() -> MathExpression? {
        if take(.modulo) { return sum() }
        guard next == .symbol("("), kind(at: place + 1) == .command(.modulo) else { return nil }
        place += 2
        guard let modulus = sum(), take(")") else { return nil }
        return modulus
    }

    private mutating func takeRelation() -> MathExpression.Relation? {
        let relation: MathExpression.Relation? =
            switch next {
            case .symbol("="): .equal
            case .command(.approximately): .approximate
            case .command(.notEqual): .notEqual
            case .command(.less): .less
            case .command(.lessOrEqual): .lessOrEqual
            case .command(.greater): .greater
            case .command(.greaterOrEqual): .greaterOrEqual
            case .command(.element): .element
            case .command(.congruent): .congruent
            default: nil
            }
        if relation != nil { place += 1 }
        return relation
    }

    private mutating func sets() -> MathExpression? {
        guard var result = sum() else { return nil }
        while true {
            if take(.union) {
                guard let right = sum() else { return nil }
                if case .union(let parts) = result {
                    result = .union(parts + [right])
                } else {
                    result = .union([result, right])
                }
            } else if take(.intersection) {
                guard let right = sum() else { return nil }
                result = .intersection([result, right])
            } else if take(.difference) {
                guard let right = sum() else { return nil }
                result = .difference(result, right)
            } else {
                return result
            }
        }
    }
}
