// Factors, to which powers, factorials and subscripts bind.
extension MathParser {
    mutating func factor() -> MathExpression? {
        guard var result = base() else { return nil }
        // Each postfix operator nests the tree one level deeper.
        for _ in 0..<Self.depthLimit {
            switch next {
            case .symbol("!"):
                place += 1
                result = .function(.factorial, [result])
            case .command(.degree):
                place += 1
                result = degrees(result)
            case .symbol("^"):
                place += 1
                guard let raised = nested({ $0.raised(result) }) else { return nil }
                result = raised
            case .symbol("_"):
                guard let subscripted = subscripted(result) else { return nil }
                result = subscripted
            case .symbol("'"):
                guard case .variable(let name) = result else { return nil }
                place += 1
                result = .variable(name + "'")
            default:
                return result
            }
        }
        return nil
    }

    /// An angle with its minutes and seconds, or a temperature in `°C` or `°F`.
    private mutating func degrees(_ value: MathExpression) -> MathExpression {
        switch next {
        case .word(let letter), .text(let letter):
            guard letter == "C" || letter == "F" else { return .degrees(value) }
            place += 1
            return .quantity(value, unit: MathUnit("°" + letter))
        default: break
        }
        var parts = [value]
        for (mark, size) in [("'" as Unicode.Scalar, 60), ("\"", 3600)] {
            guard case .number(let part)? = next, kind(at: place + 1) == .symbol(mark) else { continue }
            place += 2
            parts.append(.quotient(.number(part), .number(MathNumber(size))))
        }
        return .degrees(parts.count == 1 ? value : .sum(parts))
    }

    /// The result of `^` on `base`: a power, degrees for `^\circ`, or the number itself for `^{th}`.
    private mutating func raised(_ base: MathExpression) -> MathExpression? {
        if take(.degree) { return degrees(base) }
        if next == .symbol("{"), kind(at: place + 2) == .symbol("}") {
            switch kind(at: place + 1) {
            case .command(.degree):
                place += 3
                return degrees(base)
            case .word(let word) where MathText.unit(word) == "ordinal",
                .text(let word) where MathText.unit(word) == "ordinal":
                place += 3
                return base
            default: break
            }
        }
        let sign = takeSigns()
        let wasInBraces = isInBraces
        isInBraces = true
        defer { isInBraces = wasInBraces }
        guard let exponent = exponent() else { return nil }
        return .power(base, sign(exponent))
    }

    /// `2^3^2` is `2^(3^2)`.
    private mutating func exponent() -> MathExpression? {
        guard var result = base() else { return nil }
        if next == .symbol("!") {
            place += 1
            result = .function(.factorial, [result])
        }
        if take("^") { return nested { $0.raised(result) } }
        return result
    }

    /// `x_1` is a variable of its own, `101_2` a number in another base.
    private mutating func subscripted(_ base: MathExpression) -> MathExpression? {
        place += 1
        guard let name = subscriptName() else { return nil }
        switch base {
        case .variable(let letter): return .variable("\(letter)_\(name)")
        case .number(let number):
            return number.isDecimal ? nil : .based(MathText.digits(number.written), base: name)
        default: return nil
        }
    }

    /// The text of a subscript: one token, or several in braces.
    mutating func subscriptName() -> String? {
        guard take("{") else {
            defer { place += 1 }
            return next.flatMap(Self.name)
        }
        var name = ""
        while let kind = next, kind != .symbol("}"), name.utf8.count < 32 {
            if kind == .symbol("(") || kind == .symbol(")") {
                place += 1
                continue
            }
            guard let part = Self.name(kind) else { return nil }
            name += part
            place += 1
        }
        return take("}") ? name : nil
    }

    private static func name(_ kind: MathToken.Kind) -> String? {
        switch kind {
        case .number(let number): number.integer.map { "\($0)" }
        case .word(let word), .text(let word): word
        case .command(.letter(let name)): name
        case .symbol(let symbol) where ",+-".unicodeScalars.contains(symbol): String(Character(symbol))
        default: nil
        }
    }

    mutating func base() -> MathExpression? {
        guard place < tokens.count else { return nil }
        switch tokens[place].kind {
        case .number(let number):
            place += 1
            takeOrdinal()
            return repeated(number) ?? .number(number)
        case .word(let word): return word.count == 1 ? letter(word) : named(word)
        case .text(let words):
            guard words.utf8.count > 1 else { return letter(words) }
            place += 1
            return .variable(MathText.normalised(words))
        case .symbol("("), .symbol("["): return nested { $0.bracketed() }
        case .symbol("{"): return nested { $0.braced() }
        case .symbol("|"), .command(.bar): return nested { $0.absolute() }
        case .symbol where next?.currency != nil: return currency()
        case .begin(let name): return nested { $0.matrix(name) }
        case .command(let command): return nested { $0.commanded(command) }
        default: return nil
        }
    }

    /// The letters of `5th`.
    private mutating func takeOrdinal() {
        if case .word(let word)? = next, !tokens[place].isSpaced, MathText.unit(word) == "ordinal" {
            place += 1
        }
    }

    /// The fraction of a repeating decimal: `0.\overline{3}`, or `0.\overline{09}`, whose period has two digits.
    private mutating func repeated(_ number: MathNumber) -> MathExpression? {
        guard number.isDecimal, next == .command(.overline), kind(at: place + 1) == .symbol("{"),
            case .number(let period)? = kind(at: place + 2), !period.isDecimal,
            kind(at: place + 3) == .symbol("}"), let digits = period.integer, digits > 0
        else { return nil }
        place += 4
        let below = [UInt8](repeating: 9, count: period.width) + [UInt8](repeating: 0, count: number.places)
        return .sum([
            .number(number),
            .quotient(.number(period), .number(MathNumber(digits: below, places: 0))),
        ])
    }

    private mutating func currency() -> MathExpression? {
        guard let sign = next?.currency else { return nil }
        place += 1
        let change = takeSigns()
        guard let value = base() else { return nil }
        switch value {
        case .number: return .quantity(change(takeMixedPart(after: value) ?? value), unit: MathUnit(sign))
        case .quotient: return .quantity(change(value), unit: MathUnit(sign))
        default: return nil
        }
    }

    private mutating func letter(_ letter: String) -> MathExpression? {
        place += 1
        return letterValue(letter)
    }

    /// The meaning of one letter; the letter of a function before a parenthesis is applied to its content.
    private mutating func letterValue(_ letter: String) -> MathExpression? {
        switch letter {
        case "e": return .constant(.e)
        case "i": return .constant(.imaginaryUnit)
        case "C" where next == .symbol("(") && isPairOfNumbers:
            guard case .tuple(let members, _, _)? = nested({ $0.bracketed() }) else { return nil }
            // A binomial coefficient to some, a point's name to others: equal to itself only.
            return .opaque(letter, members)
        case "f", "g", "h", "F", "G", "H":
            guard take("(") else { return .variable(letter) }
            guard let arguments = nested({ $0.list() }), take(")") else { return nil }
            if case .list(let several) = arguments { return .opaque(letter, several) }
            return .opaque(letter, [arguments])
        default: return .variable(letter)
        }
    }

    /// Whether two numbers in parentheses stand here, as in `C(5, 2)`.
    private var isPairOfNumbers: Bool {
        guard case .number? = kind(at: place + 1), case .number? = kind(at: place + 3) else { return false }
        return kind(at: place + 2) == .symbol(",") && kind(at: place + 4) == .symbol(")")
    }

    /// Whether the word is not a product of letters, stands beside a word, or stands before a number.
    private func standsInSentence(_ word: String) -> Bool {
        if word.utf8.count > 3 && !MathText.isProductOfLetters(word) { return true }
        if place > 0, case .word = tokens[place - 1].kind, tokens[place].isSpaced { return true }
        guard place + 1 < tokens.count, tokens[place + 1].isSpaced else { return false }
        switch tokens[place + 1].kind {
        case .word, .number: return true
        default: return false
        }
    }

    /// A word of several letters: a function, a constant, a name, or a product of letters.
    private mutating func named(_ word: String) -> MathExpression? {
        if let function = MathFunction.byName[word] {
            place += 1
            return nested { $0.function(function) }
        }
        if word == "pi" || word == "Pi" || word == "PI" {
            place += 1
            return .constant(.pi)
        }
        if let infinity = Self.infinities[word.lowercased()] {
            place += 1
            return infinity
        }
        if MathText.greekLetters.contains(word) {
            place += 1
            return .variable(word)
        }
        guard !MathText.isConjunction(word) else { return nil }
        // `sinx`, `sqrtx`
        for length in [4, 3, 2] where word.utf8.count == length + 1 {
            guard let function = MathFunction.byName[String(word.prefix(length))] else { continue }
            tokens[place].kind = .word(String(word.dropFirst(length)))
            return nested { $0.function(function) }
        }
        isProse = isProse || standsInSentence(word)
        // Only ASCII letters are read one by one: other letters take several bytes for one character.
        guard word.utf8.count <= 3 || MathText.isProductOfLetters(word), word.utf8.allSatisfy({ $0 < 128 })
        else {
            place += 1
            return .variable(word)
        }
        let first = String(word.prefix(1))
        tokens[place] = MathToken(kind: .word(String(word.dropFirst())), isSpaced: false)
        return letterValue(first)
    }
}
