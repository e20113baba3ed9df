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
