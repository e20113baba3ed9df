// Brackets, commands with arguments, and matrices.
extension MathParser {
    /// `(…)` and `[…]`: the expression in them, or a tuple, which may be an interval.
    mutating func bracketed() -> MathExpression? {
        let opensAtStart = next == .symbol("(")
        place += 1
        let bars = openBars
        openBars = 0
        defer { openBars = bars }
        guard let inside = list() else { return nil }
        let opensAtEnd = next == .symbol(")")
        guard opensAtEnd || next == .symbol("]") else { return nil }
        place += 1
        if case .list(let members) = inside {
            guard opensAtStart == opensAtEnd || members.count == 2 else { return nil }
            return .tuple(members, opensAtStart: opensAtStart, opensAtEnd: opensAtEnd)
        }
        return opensAtStart == opensAtEnd ? inside : nil
    }

    mutating func braced() -> MathExpression? {
        place += 1
        let (bars, wasInBraces) = (openBars, isInBraces)
        openBars = 0
        isInBraces = true
        defer { (openBars, isInBraces) = (bars, wasInBraces) }
        if take("}") { return .set([]) }
        guard let inside = list() else { return nil }
        if take(.choose) {
            guard let below = sum(), take("}") else { return nil }
            return .function(.binomial, [inside, below])
        }
        return take("}") ? inside : nil
    }

    mutating func absolute() -> MathExpression? {
        place += 1
        openBars += 1
        defer { openBars -= 1 }
        guard let inside = sum(), take("|") || take(.bar) else { return nil }
        return .function(.absolute, [inside])
    }

    mutating func commanded(_ command: MathCommand) -> MathExpression? {
        place += 1
        switch command {
        case .fraction:
            guard let above = argument(), let below = argument(isRest: wasCut) else { return nil }
            return .quotient(above, below)
        case .root: return root()
        case .binomial:
            guard let above = argument(), let below = argument() else { return nil }
            return .function(.binomial, [above, below])
        case .infinity: return .constant(.infinity)
        case .dots: return .dots
        case .pi: return .constant(.pi)
        case .reals: return .constant(.reals)
        case .emptySet: return .set([])
        case .letter(let name): return name.utf8.count == 1 ? letterNamed(name) : .variable(name)
        case .function(let function): return self.function(function)
        case .overline:
            guard let inside = argument() else { return nil }
            return .opaque("overline", [inside])
        case .openSet: return set()
        case .openFloor:
            guard let inside = sum(), take(.closeFloor) else { return nil }
            return .function(.floor, [inside])
        case .openCeiling:
            guard let inside = sum(), take(.closeCeiling) else { return nil }
            return .function(.ceiling, [inside])
        case .openAngle:
            guard case .list(let members)? = list(), take(.closeAngle) else { return nil }
            return .tuple(members, opensAtStart: true, opensAtEnd: true)
        default: return nil
        }
    }

    private func letterNamed(_ name: String) -> MathExpression {
        name == "i" ? .constant(.imaginaryUnit) : .variable(name)
    }

    private mutating func set() -> MathExpression? {
        if take(.closeSet) { return .set([]) }
        let wasInSet = isInSet
        isInSet = true
        defer { isInSet = wasInSet }
        guard let inside = list() else { return nil }
        if take("|") || take(.bar) || take(":") {
            // `{x | x < 3}` and `{x ∈ ℝ : x < 3}` are described by their condition.
            guard let condition = list(), take(.closeSet) else { return nil }
            switch inside {
            case .relation(let sides, [.element]) where sides[0].isName && sides[1] == .constant(.reals):
                return condition
            default: return inside.isName ? condition : nil
            }
        }
        guard take(.closeSet) else { return nil }
        if case .list(let members) = inside { return .set(members) }
        return .set([inside])
    }

    /// The argument of a command: a group in braces, else one digit, one letter or one command.
    ///
    /// - Parameter isRest: all digits that follow are the argument.
    mutating func argument(isRest: Bool = false) -> MathExpression? {
        wasCut = false
        if next == .symbol("{") { return nested { $0.braced() } }
        switch next {
        case .number(let number) where !number.isDecimal && number.digits.count > 1 && !isRest:
            tokens[place].kind = .number(MathNumber(digits: Array(number.digits.dropFirst()), places: 0))
            wasCut = true
            return .number(MathNumber(Int(number.digits[0])))
        case .number(let number):
            place += 1
            return .number(number)
        case .symbol("-"):
            place += 1
            return nested { $0.argument() }.map { .negative($0) }
        case .word, .command, .symbol("("): return nested { $0.base() }
        default: return nil
        }
    }

    private mutating func root() -> MathExpression? {
        var degree = 2
        if take("[") {
            guard case .number(let number)? = next, let value = number.integer, (2...64).contains(value)
            else { return nil }
            place += 1
            degree = value
            guard take("]") else { return nil }
        }
        // LaTeX takes one digit, but people who write √12 mean both.
        return argument(isRest: true).map { .root($0, degree: degree) }
    }

    /// A function after its name: `\sin^2 x`, `\log_2 (8)`, `max(1, 2)`.
    mutating func function(_ function: MathFunction) -> MathExpression? {
        var base: MathExpression?
        var exponent: MathExpression?
        while true {
            if base == nil, take("_") {
                guard let argument = argument() else { return nil }
                base = argument
            } else if exponent == nil, take("^") {
                let sign = takeSigns()
                guard let argument = argument(isRest: true) else { return nil }
                exponent = sign(argument)
            } else {
                break
            }
        }
        guard base == nil || function == .logarithm, var arguments = arguments(of: function) else {
            return nil
        }
        if function == .squareRoot {
            guard arguments.count == 1 else { return nil }
            return exponent.map { .power(.root(arguments[0], degree: 2), $0) }
                ?? .root(arguments[0], degree: 2)
        }
        if function == .logarithm { arguments.append(base ?? .number(MathNumber(10))) }
        guard let exponent else { return .function(function, arguments) }
        if exponent == .negative(.one), let inverse = function.inverse {
            return .function(inverse, arguments)
        }
        return .power(.function(function, arguments), exponent)
    }

    private mutating func arguments(of function: MathFunction) -> [MathExpression]? {
        if next == .symbol("(") || next == .symbol("{") || next == .symbol("[") {
            let inside = next == .symbol("{") ? nested { $0.braced() } : nested { $0.bracketed() }
            switch inside {
            case .tuple(let members, _, _)?, .list(let members)?:
                switch function {
                case .maximum, .minimum, .greatestCommonDivisor, .leastCommonMultiple, .binomial:
                    return members
                default: return nil
                }
            case let argument?: return [argument]
            case nil: return nil
            }
        }
        // `\sin 2x \cos x` is a product of two functions.
        var factors: [MathExpression] = []
        while startsFactor, factors.count < 8 {
            if case .command(.function)? = next, !factors.isEmpty { break }
            if case .word(let word)? = next, MathFunction.byName[word] != nil, !factors.isEmpty { break }
            guard let factor = factor() else { return nil }
            factors.append(factor)
        }
        guard !factors.isEmpty else { return nil }
        return [factors.count == 1 ? factors[0] : .product(factors)]
    }

    /// The rows of `cases` are members; of `align` and its siblings the last row counts, as in prose.
    private mutating func rows(of name: String) -> MathExpression? {
        guard let end = tokens[place...].firstIndex(where: { $0.kind == .end(name) }) else { return nil }
        let rows = tokens[(place + 1)..<end].filter { $0.kind != .symbol("&") }.split { $0.kind == .newRow }
        place = end + 1
        var members: [MathExpression] = []
        for row in name == "cases" ? rows[...] : rows.suffix(1) {
            var parser = MathParser(tokens: Array(row))
            parser.depth = depth
            guard let member = parser.relation() ?? nil, parser.place == row.count else { return nil }
            members.append(member)
        }
        guard let first = members.first else { return nil }
        return members.count == 1 ? first : .list(members)
    }

    mutating func matrix(_ name: String) -> MathExpression? {
        if ["cases", "align", "align*", "aligned", "gather", "gather*", "equation", "equation*"].contains(
            name)
        {
            return rows(of: name)
        }
        guard ["matrix", "pmatrix", "bmatrix", "Bmatrix", "smallmatrix", "array", "vmatrix"].contains(name)
        else {
            return nil
        }
        place += 1
        if name == "array", take("{") {
            while next != nil, next != .symbol("}") { place += 1 }
            guard take("}") else { return nil }
        }
        var rows: [[MathExpression]] = [[]]
        while next != .end(name) {
            if take(.newRow) {
                rows.append([])
                continue
            }
            if let row = rows.last, !row.isEmpty { guard take("&") else { return nil } }
            guard let cell = sum() else { return nil }
            rows[rows.count - 1].append(cell)
        }
        place += 1
        if rows.last?.isEmpty ?? false { rows.removeLast() }
        guard let width = rows.first?.count, width > 0, rows.allSatisfy({ $0.count == width }) else {
            return nil
        }
        return name == "vmatrix" ? Self.determinant(rows) : .matrix(rows)
    }

    /// The determinant of a matrix of up to three rows, expanded along its first row.
    private static func determinant(_ rows: [[MathExpression]]) -> MathExpression? {
        guard let first = rows.first, first.count == rows.count, rows.count <= 3 else { return nil }
        if rows.count == 1 { return first[0] }
        var terms: [MathExpression] = []
        for (column, cell) in first.enumerated() {
            let minor = rows.dropFirst().map { row in row.indices.filter { $0 != column }.map { row[$0] } }
            guard let below = determinant(minor) else { return nil }
            let term = MathExpression.product([cell, below])
            terms.append(column % 2 == 0 ? term : .negative(term))
        }
        return .sum(terms)
    }
}
