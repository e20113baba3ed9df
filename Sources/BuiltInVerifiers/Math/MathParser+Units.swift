// Words after a number, which say what it counts or measures.
extension MathParser {
    private static let scales: [String: Int] = [
        "hundred": 2, "thousand": 3, "million": 6, "billion": 9, "trillion": 12,
    ]

    /// `value` with the unit that follows it; nil, with nothing consumed, when none follows.
    ///
    ///     5 cm    5\text{ cm}^2    5 km/h    5 miles per hour    5\$    5 percent    5th    5 million
    mutating func takeUnit(after value: MathExpression) -> MathExpression? {
        if next == .symbol("$") || next == .symbol("€") || next == .symbol("£") {
            guard Self.isCounted(value), !startsNumber(at: place + 1) else { return nil }
            defer { place += 1 }
            if case .symbol(let sign)? = next { return .quantity(value, unit: String(Character(sign))) }
        }
        guard let word = unitWord(at: place, after: value) else { return nil }
        if let zeros = Self.scales[word.lowercased()] {
            place += 1
            let scaled = MathExpression.product([
                value, .number(MathNumber(digits: [1] + [UInt8](repeating: 0, count: zeros), places: 0)),
            ])
            return nested { $0.takeUnit(after: scaled) } ?? scaled
        }
        place += 1
        var words = [word]
        takeExponent()
        while place < tokens.count {
            if next == .symbol("/"), let word = plainWord(at: place + 1) {
                words.append("per " + word)
                place += 2
            } else if next == .command(.times), let word = plainWord(at: place + 1) {
                words.append(word)
                place += 2
            } else if let word = plainWord(at: place), words.count < 8 {
                words.append(word)
                place += 1
            } else {
                break
            }
            takeExponent()
        }
        let unit = words.count == 1 ? MathText.unit(word) ?? word : Self.unit(of: words)
        return unit == "pct" ? .percent(value) : .quantity(value, unit: unit)
    }

    /// The known name of a unit: `square centimeters` becomes `cm`; an unknown unit stays as it is.
    private static func unit(of words: [String]) -> String {
        let rest = words.drop { ["sq", "cu"].contains(MathText.unit($0)) }
        if rest.count == 1, let word = rest.first { return MathText.unit(word) ?? word }
        return words.joined(separator: " ")
    }

    /// Skips the power of a unit, such as `cm^2`: it does not change the number.
    private mutating func takeExponent() {
        guard next == .symbol("^") else { return }
        if case .number? = kind(at: place + 1) {
            place += 2
        } else if kind(at: place + 1) == .symbol("{"), kind(at: place + 3) == .symbol("}") {
            place += 4
        } else if kind(at: place + 1) == .symbol("{"), kind(at: place + 4) == .symbol("}") {
            place += 5
        }
    }

    private func plainWord(at index: Int) -> String? {
        switch kind(at: index) {
        case .word(let word) where !MathText.isConjunction(word): word
        case .text(let word) where !MathText.isConjunction(word): word
        default: nil
        }
    }

    private func startsNumber(at index: Int) -> Bool {
        if case .number? = kind(at: index) { return true }
        return false
    }

    /// The word at `index`, if after `value` it can only be a unit.
    private func unitWord(at index: Int, after value: MathExpression) -> String? {
        switch kind(at: index) {
        case .text(let words):
            return MathText.isConjunction(MathText.normalised(words)) ? nil : words
        case .word(let word):
            guard Self.isCounted(value), !MathText.isConjunction(word), MathFunction.byName[word] == nil,
                !MathText.greekLetters.contains(word), word != "pi", Self.infinities[word] == nil
            else { return nil }
            if word.utf8.count == 1 {
                // `5 m/s` is a measurement; `5 m` may be a product.
                guard MathText.unitLetters.contains(word), kind(at: index + 1) == .symbol("/"),
                    let divisor = plainWord(at: index + 2)
                else { return nil }
                return MathText.unit(divisor) != nil || divisor == "s" || divisor == "h" ? word : nil
            }
            return MathText.unit(word) != nil || word.utf8.count > 3
                || (tokens[index].isSpaced && word.utf8.count > 2) ? word : nil
        default: return nil
        }
    }

    /// A number without letters, which a word may follow as its unit.
    private static func isCounted(_ value: MathExpression) -> Bool { value.isScalar && !value.hasVariables }
}
