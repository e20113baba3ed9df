// Words after a number, which say what it counts or measures.
extension MathParser {
    /// `value` with the unit that follows it; nil, with nothing consumed, when none follows.
    ///
    ///     5 cm    5\text{ cm}^2    5 km/h    5 miles per hour    5\$    5 percent    5th    5 million    5 ft 10 in
    mutating func takeUnit(after value: MathExpression) -> MathExpression? {
        if let sign = next?.currency {
            guard Self.isCounted(value), !startsNumber(at: place + 1) else { return nil }
            place += 1
            return .quantity(value, unit: MathUnit(sign))
        }
        if let unit = fractionOfUnits() { return .quantity(value, unit: unit) }
        guard let word = unitWord(at: place, after: value) else { return nil }
        if let scale = MathText.scale(word) {
            place += 1
            let scaled = MathExpression.product([value, .number(MathNumber(scale))])
            // `9 thousand 500`
            if case .number(let rest)? = next, !rest.isDecimal, let small = rest.integer, small < scale {
                place += 1
                return .sum([scaled, .number(rest)])
            }
            return nested { $0.takeUnit(after: scaled) } ?? scaled
        }
        place += 1
        let unit = unit(startingWith: word)
        if unit.powers == ["pct": 1] { return .percent(value) }
        return smallerPart(after: value, unit) ?? .quantity(value, unit: unit)
    }

    /// The words and exponents of one unit, of which the first word is read.
    private mutating func unit(startingWith word: String) -> MathUnit {
        var words = [word]
        takeExponent(&words)
        while place < tokens.count, words.count < 8 {
            if next == .symbol("/"), let word = plainWord(at: place + 1) {
                words += ["per", word]
                place += 2
            } else if next == .command(.times), let word = plainWord(at: place + 1) {
                words.append(word)
                place += 2
            } else if let word = plainWord(at: place) {
                words.append(word)
                place += 1
            } else {
                break
            }
            takeExponent(&words)
        }
        return MathUnit(words.joined(separator: " "))
    }

    /// The power of a unit, as in `cm^2` and `s^{-1}`.
    private mutating func takeExponent(_ words: inout [String]) {
        guard next == .symbol("^") else { return }
        var index = place + 1
        let hasBraces = kind(at: index) == .symbol("{")
        if hasBraces { index += 1 }
        let isNegative = kind(at: index) == .symbol("-")
        if isNegative { index += 1 }
        guard case .number(let number)? = kind(at: index), let power = number.integer, power < 10 else {
            return
        }
        if hasBraces {
            guard kind(at: index + 1) == .symbol("}") else { return }
            index += 1
        }
        place = index + 1
        words[words.count - 1] += "^\(isNegative ? "-" : "")\(power)"
    }

    /// Reads a quotient of units, as in `\frac{\text{mi}}{\text{h}}`.
    private mutating func fractionOfUnits() -> MathUnit? {
        guard next == .command(.fraction), kind(at: place + 1) == .symbol("{"),
            let above = plainWord(at: place + 2),
            kind(at: place + 3) == .symbol("}"), kind(at: place + 4) == .symbol("{"),
            let below = plainWord(at: place + 5), kind(at: place + 6) == .symbol("}"),
            MathText.unit(above) != nil, MathText.unit(below) != nil
        else { return nil }
        place += 7
        return MathUnit("\(above) per \(below)")
    }

    /// The rest of a quantity in a smaller unit of the same kind: `10 in` in `5 ft 10 in`.
    private mutating func smallerPart(after value: MathExpression, _ unit: MathUnit) -> MathExpression? {
        let start = place
        if case .word(let word)? = next, MathText.isConjunction(word) { place += 1 }
        if case .text(let word)? = next, MathText.isConjunction(word) { place += 1 }
        guard let large = unit.measure, case .number(let number)? = next, let word = plainWord(at: place + 1),
            let small = MathUnit(word).measure, small.dimension == large.dimension
        else {
            place = start
            return nil
        }
        place += 2
        return .quantity(
            .sum([.quotient(.product([value] + large.size), .product(small.size)), .number(number)]),
            unit: MathUnit(word))
    }

    private func plainWord(at index: Int) -> String? {
        switch kind(at: index) {
        case .word(let word), .text(let word): MathText.isConjunction(word) ? nil : word
        default: nil
        }
    }

    private func startsNumber(at index: Int) -> Bool {
        if case .number? = kind(at: index) { return true }
        return false
    }

    /// The word at `index`, if after `value` it can only be a unit.
    func unitWord(at index: Int, after value: MathExpression) -> String? {
        switch kind(at: index) {
        case .text(let words):
            return MathText.isConjunction(MathText.normalised(words)) ? nil : words
        case .word(let word):
            let isFunction =
                MathFunction.byName[word] != nil
                && (MathText.unit(word) == nil || kind(at: index + 1) == .symbol("("))
            guard Self.isCounted(value), !MathText.isConjunction(word), !isFunction,
                word == "in" || !MathUnit.prepositions.contains(Substring(word)),
                ProseWords.spelled[word] == nil || word == "percent",
                !MathText.greekLetters.contains(word), word != "pi", Self.infinities[word] == nil
            else { return nil }
            if word.utf8.count == 1 {
                // `5 m/s` is a measurement; `5 m` may be a product.
                guard MathText.unitLetters.contains(word), kind(at: index + 1) == .symbol("/"),
                    let divisor = plainWord(at: index + 2)
                else { return nil }
                return MathText.unit(divisor) != nil || divisor == "s" || divisor == "h" ? word : nil
            }
            return MathText.unit(word) != nil || MathText.scale(word) != nil || word.utf8.count > 3
                || (tokens[index].isSpaced && word.utf8.count > 2) ? word : nil
        default: return nil
        }
    }

    /// A number without letters, which a word may follow as its unit.
    private static func isCounted(_ value: MathExpression) -> Bool { value.isScalar && !value.hasVariables }
}

extension MathToken.Kind {
    /// The sign of a currency.
    var currency: String? {
        guard case .symbol(let sign) = self, "$€£¥₹".unicodeScalars.contains(sign) else { return nil }
        return String(Character(sign))
    }
}
