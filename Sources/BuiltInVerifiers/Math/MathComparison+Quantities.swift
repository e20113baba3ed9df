import Reasoning

// Numbers with units, angles, times and dates.
extension MathComparison {
    /// Compares two quantities whose units are known, also when the units differ; nil for anything else.
    mutating func quantities(_ expected: MathExpression, _ answer: MathExpression) -> Verdict? {
        guard let left = expected.unit, let right = answer.unit, left != right else { return nil }
        if comparesNouns, left.powers.isEmpty, right.powers.isEmpty,
            Set(left.nouns).isDisjoint(with: right.nouns)
        {
            return .wrong
        }
        guard let one = left.measure, let other = right.measure, left.powers != right.powers else {
            return nil
        }
        guard one.dimension == other.dimension else { return .wrong }
        return equal(
            .product([expected.withoutUnit] + one.size), .product([answer.withoutUnit] + other.size))
    }

    /// An angle in degrees beside one that is a multiple of π.
    mutating func angles(_ expected: MathExpression, _ answer: MathExpression) -> Verdict? {
        func isMultiple(_ expression: MathExpression) -> Bool { expression.hasPi && !expression.hasVariables }
        func radians(_ degrees: MathExpression) -> MathExpression {
            .quotient(.product([degrees.withoutUnit, .constant(.pi)]), .integer(180))
        }
        if expected.isInDegrees, answer.unit?.powers == ["rad": 1] {
            return equal(radians(expected), answer.withoutUnit)
        }
        if answer.isInDegrees, expected.unit?.powers == ["rad": 1] {
            return equal(expected.withoutUnit, radians(answer))
        }
        if expected.isInDegrees, isMultiple(answer) { return equal(radians(expected), answer) }
        if answer.isInDegrees, isMultiple(expected) { return equal(expected, radians(answer)) }
        return nil
    }

    /// A time or date is right where the same one is expected, however it is written.
    mutating func literals(_ expected: MathExpression, _ answer: MathExpression) -> Verdict? {
        switch (expected, answer) {
        case (.literal(let left), .literal(let right)): return left.isSame(as: right) ? .correct : .wrong
        // `7:32` reads as a time even where it is a ratio.
        case (.literal(let time), .ratio(let parts)):
            return time.ratio.map { all($0, parts) } ?? .undecided
        case (.ratio(let parts), .literal(let time)):
            return time.ratio.map { ratios(parts, $0) } ?? .undecided
        case (.literal, _), (_, .literal): return .undecided
        default: return nil
        }
    }

    /// Ratios of three and more are equal when all their parts have one quotient.
    mutating func ratios(_ expected: [MathExpression], _ answer: [MathExpression]) -> Verdict {
        guard expected.count == answer.count, (expected + answer).allSatisfy(\.isScalar) else {
            return .wrong
        }
        var result = Verdict.correct
        for index in expected.indices.dropFirst() {
            let verdict = equal(
                .product([expected[0], answer[index]]), .product([expected[index], answer[0]]))
            if verdict == .wrong { return verdict }
            if verdict != .correct { result = verdict }
        }
        return result
    }

    /// Residues are equal modulo the same number.
    mutating func congruences(_ expected: MathExpression, _ answer: MathExpression) -> Verdict? {
        guard case .congruence(let name, let value, let modulus) = expected else {
            if case .congruence = answer { return .undecided }
            return nil
        }
        guard case .congruence(let otherName, let other, let otherModulus) = answer else { return .undecided }
        if let name, let otherName, !isSame(name, otherName) { return .wrong }
        let verdict = verdict(modulus, otherModulus)
        guard verdict == .correct else { return verdict }
        guard let divisor = Fraction(exactly: modulus, budget: &budget)?.integer, divisor > 0,
            let left = Fraction(exactly: value, budget: &budget)?.integer,
            let right = Fraction(exactly: other, budget: &budget)?.integer
        else { return self.verdict(value, other) }
        return left.subtractingReportingOverflow(right).partialValue % divisor == 0 ? .correct : .wrong
    }

    /// The letter of a choice, the answer behind it, or both; they must not contradict.
    mutating func choices(_ expected: MathExpression, _ answer: MathExpression) -> Verdict? {
        switch (expected, answer) {
        case (.choice(let letter, let value), .choice(let other, let otherValue)):
            return letter == other ? verdict(value, otherValue) : .wrong
        case (.choice(let letter, let value), _):
            if case .variable(let other) = answer, other.utf8.count == 1, other.first?.isUppercase ?? false {
                return letter == other ? .correct : .wrong
            }
            return verdict(value, answer)
        case (.variable(let letter), .choice(let other, let value)):
            if letter == other { return .correct }
            if case .variable(let said) = value, said.utf8.count == 1 { return .wrong }
            return verdict(expected, value)
        case (_, .choice(_, let value)): return verdict(expected, value)
        default: return nil
        }
    }
}

extension MathExpression {
    var isInDegrees: Bool {
        switch self {
        case .degrees: true
        case .quantity(_, let unit): unit.powers == ["deg": 1]
        case .negative(let part): part.isInDegrees
        default: false
        }
    }
}
