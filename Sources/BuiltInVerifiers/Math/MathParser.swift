/// Reads mathematical text into a tree; nil when any of it is not understood.
///
/// From the loosest to the tightest binding:
///
///     list         relation {("," | ";" | "and" | "or") relation}
///     relation     sets {("=" | "<" | "≤" | … | "∈") sets}
///     sets         sum {("∪" | "∩" | "∖") sum}
///     sum          term {("+" | "−" | "±") term}
///     term         adjacent {("·" | "/" | ":") adjacent}
///     adjacent     factor {factor} [unit]
///     factor       base {"!" | "^" base | "_" base | "%" | "°"}
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
        guard parser.isProse else { return result }
        // `She has 9` is not a product; `we have 4 + 5 = 9` says 9.
        guard case .relation(let sides, let kinds) = result, kinds.allSatisfy({ $0 == .equal }) else {
            return nil
        }
        // `6 when n = 18` says 6.
        if case .number? = tokens.first?.kind, sides.first?.hasVariables ?? true { return nil }
        return sides.last
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

// Sums and products.
extension MathParser {
    mutating func sum() -> MathExpression? {
        var terms: [MathExpression] = []
        repeat {
            guard let term = signedTerm() else { return nil }
            terms.append(term)
        } while startsSign
        return terms.count == 1 ? terms[0] : .sum(terms)
    }

    private var startsSign: Bool {
        switch next {
        case .symbol("+"), .symbol("-"), .command(.plusMinus), .command(.minusPlus): true
        default: false
        }
    }

    private mutating func signedTerm() -> MathExpression? {
        let sign = takeSigns()
        return term().map(sign)
    }

    /// All signs here, as one operation on the term that follows.
    mutating func takeSigns() -> (MathExpression) -> MathExpression {
        var isNegative = false
        var isBoth: Bool?
        while true {
            if take("-") {
                isNegative.toggle()
            } else if take(.plusMinus) {
                isBoth = false
            } else if take(.minusPlus) {
                isBoth = true
            } else if !take("+") {
                break
            }
        }
        return { expression in
            if let isBoth { return .plusMinus(expression, isInverted: isBoth != isNegative) }
            return isNegative ? .negative(expression) : expression
        }
    }

    private mutating func term() -> MathExpression? {
        guard var result = adjacent() else { return nil }
        var factors = [result]
        var divisors: [MathExpression] = []
        func combined() -> MathExpression {
            let above = factors.count == 1 ? factors[0] : .product(factors)
            return divisors.isEmpty
                ? above : .quotient(above, divisors.count == 1 ? divisors[0] : .product(divisors))
        }
        while true {
            if take(.times) || take("*") {
                guard let factor = signedAdjacent() else { return nil }
                factors.append(factor)
            } else if take("/") || take(.over) {
                isDivisor = true
                defer { isDivisor = false }
                guard let divisor = signedAdjacent() else { return nil }
                divisors.append(divisor)
            } else if takePercent() {
                if case .percent = factors[0] { return nil }
                // `1/2%` is half a percent.
                factors = [.percent(combined())]
                divisors = []
                if startsFactor, let factor = adjacent() { factors.append(factor) }
            } else if next == .symbol(":"), !isInSet, place + 1 < tokens.count {
                var parts = [combined()]
                while take(":") {
                    guard let part = signedAdjacent() else { return nil }
                    parts.append(part)
                }
                factors = [.ratio(parts)]
                divisors = []
            } else {
                result = combined()
                return takeUnit(after: result) ?? result
            }
        }
    }

    private mutating func takePercent() -> Bool {
        if take("%") { return true }
        guard next == .symbol("{"), kind(at: place + 1) == .symbol("%"), kind(at: place + 2) == .symbol("}")
        else {
            return false
        }
        place += 3
        return true
    }

    private mutating func signedAdjacent() -> MathExpression? {
        let sign = takeSigns()
        return adjacent().map(sign)
    }

    /// Factors side by side, a mixed number among them, and a unit after a number.
    private mutating func adjacent() -> MathExpression? {
        guard let first = factor() else { return nil }
        if let mixed = takeMixedPart(after: first) { return takeUnit(after: mixed) ?? mixed }
        var factors = [first]
        while place < tokens.count {
            let value = factors.count == 1 ? factors[0] : .product(factors)
            if isDivisor, unitWord(at: place, after: value) != nil { break }
            if !isDivisor, let quantity = takeUnit(after: value) { return quantity }
            guard startsFactor else { break }
            if case .number? = next {
                // `2 3` is not a product.
                if case .number? = factors.last { return nil }
            }
            guard let factor = factor() else { return nil }
            factors.append(factor)
        }
        return factors.count == 1 ? first : .product(factors)
    }

    /// The fraction of a mixed number: the part after the 1 in `1\frac{1}{2}` or `1 1/2`.
    mutating func takeMixedPart(after first: MathExpression) -> MathExpression? {
        guard case .number(let whole) = first, !whole.isDecimal else { return nil }
        let start = place
        if next == .symbol("{"), kind(at: place + 1) == .command(.fraction) {
            if let part = nested({ $0.braced() }),
                case .quotient(.number(let above), .number(let below)) = part,
                !above.isDecimal, !below.isDecimal
            {
                return .sum([first, part])
            }
        } else if next == .command(.fraction) {
            if let part = factor(), case .quotient(.number(let above), .number(let below)) = part,
                !above.isDecimal, !below.isDecimal
            {
                return .sum([first, part])
            }
        } else if case .number(let above)? = next, tokens[place].isSpaced,
            kind(at: place + 1) == .symbol("/"), case .number(let below)? = kind(at: place + 2),
            !above.isDecimal, !below.isDecimal
        {
            place += 3
            return .sum([first, .quotient(.number(above), .number(below))])
        }
        place = start
        return nil
    }

    var startsFactor: Bool {
        switch next {
        case .number, .word, .begin: !isSeparator(next)
        case .symbol("("): kind(at: place + 1) != .command(.modulo)
        case .symbol("{"): kind(at: place + 1) != .symbol("%")
        case .command(.bar), .symbol("|"): openBars == 0 && !isInSet
        case .command(let command):
            switch command {
            case .fraction, .root, .binomial, .infinity, .pi, .openFloor, .openCeiling, .overline, .function,
                .letter:
                true
            default: false
            }
        default: false
        }
    }
}
