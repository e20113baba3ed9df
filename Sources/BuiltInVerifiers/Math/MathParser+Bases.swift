// Numbers in another base.
extension MathParser {
    /// `3A_{16}`, `1010_{(2)}`, `1010 base 2`, `1010 (base 2)`: digits and letters as a whole text; nil for anything else.
    mutating func basedNumber() -> MathExpression? {
        var digits = ""
        let start = place
        defer { place = start }
        while let part = Self.digits(next), place == 0 || !tokens[place].isSpaced {
            digits += part
            place += 1
        }
        guard digits.first?.isNumber ?? false || digits.count > 1, let base = writtenBase(),
            place == tokens.count
        else {
            return nil
        }
        return .based(MathText.digits(digits), base: base)
    }

    private static func digits(_ kind: MathToken.Kind?) -> String? {
        switch kind {
        case .number(let number): number.isDecimal ? nil : number.written
        case .word(let word), .text(let word): word.allSatisfy { $0.isHexDigit } ? word : nil
        default: nil
        }
    }

    private mutating func writtenBase() -> String? {
        if take("_") { return subscriptName() }
        let hasParenthesis = take("(")
        guard take(.word("base")) || take(.text("base")), case .number(let base)? = next else {
            return nil
        }
        place += 1
        guard !hasParenthesis || take(")") else { return nil }
        return base.written
    }
}

extension MathText {
    /// The digits of a number without leading zeros, letters in lower case.
    static func digits(_ text: String) -> String {
        let rest = text.lowercased().drop { $0 == "0" }
        return rest.isEmpty ? "0" : String(rest)
    }
}

extension MathExpression {
    /// The digits of a whole number as they were written; letters are digits too.
    var writtenDigits: String? {
        switch self {
        case .number(let number): number.isDecimal ? nil : MathText.digits(number.written)
        case .based(let digits, _): digits
        case .variable(let name): name.allSatisfy(\.isHexDigit) ? name.lowercased() : nil
        case .constant(.e): "e"
        case .product(let factors):
            factors.reduce("" as String?) { digits, factor in
                guard let digits, let more = factor.writtenDigits else { return nil }
                return digits + more
            }
        default: nil
        }
    }
}
