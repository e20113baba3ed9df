import ComplexModule
import Reasoning

// Single numbers and expressions.
extension MathComparison {
    mutating func scalars(_ expected: MathExpression, _ answer: MathExpression) -> Verdict {
        if let verdict = quantities(expected, answer) ?? angles(expected, answer) { return verdict }
        let (left, right) = (expected.withoutUnit, answer.withoutUnit)
        if let word = left.spelled, word == right.spelled { return .correct }
        if left.isInfinite || right.isInfinite { return infinities(left, right) }
        switch (left, right) {
        case (.number(let first), .number(let second)):
            if first.isEqual(to: second) { return .correct }
            return isRounding(first, of: second) ? .correct : .wrong
        case (.based(let first, let firstBase), .based(let second, let secondBase)):
            return first == second && firstBase == secondBase ? .correct : .wrong
        case (.based(let digits, _), let other), (let other, .based(let digits, _)):
            return other.writtenDigits == digits ? .correct : .wrong
        case (.negative(let first), .negative(let second)): return scalars(first, second)
        // Beside a plain number, a percentage may mean its value or its figure.
        case (.percent(let first), .percent(let second)): return scalars(first, second)
        case (.percent(let figure), let other), (let other, .percent(let figure)):
            guard other.isScalar, !other.hasVariables else { return .wrong }
            let asFigure = scalars(figure, other)
            // A share of less than 1 is no figure: 0.25 % is not 0.25.
            if asFigure == .correct, expected.isPercent || isAtLeastOne(figure) { return asFigure }
            return equal(left, right)
        default: break
        }
        guard left.isScalar, right.isScalar else { return .undecided }
        let verdict = equal(left, right)
        // `5 m` reads as a product, but where a number is expected it is a measurement.
        if verdict == .wrong, !left.hasVariables, let measured = right.measured {
            return scalars(expected, measured)
        }
        return verdict
    }

    private mutating func isAtLeastOne(_ figure: MathExpression) -> Bool {
        guard let value = Fraction(exactly: figure, budget: &budget) else { return true }
        return value.numerator.magnitude >= value.denominator.magnitude
    }

    private func infinities(_ left: MathExpression, _ right: MathExpression) -> Verdict {
        if left == right { return .correct }
        return left.isInfinite && right.isInfinite || left.isPlainNumber || right.isPlainNumber
            ? .wrong : .undecided
    }

    private func isRounding(_ first: MathNumber, of second: MathNumber) -> Bool {
        first.isDecimal && second.isDecimal
            && min(first.places, second.places) >= Self.roundingPlaces
            && Self.roundsAlike(first.double, second.double)
    }

    /// The decimals that a number must have to stand for a number with endless decimals.
    static let roundingPlaces = 6

    static func roundsAlike(_ left: Double, _ right: Double) -> Bool {
        (left * 1e6).rounded() == (right * 1e6).rounded() && abs(left - right) <= 1e-3 * abs(left)
    }

    /// Whether one is the other rounded to six or more decimals: 0.333333 stands for ⅓.
    mutating func isRounded(_ left: MathExpression, _ right: MathExpression) -> Bool {
        guard !left.hasVariables, !right.hasVariables else { return false }
        let (leftPlaces, rightPlaces) = (left.decimalPlaces, right.decimalPlaces)
        guard max(leftPlaces ?? 0, rightPlaces ?? 0) >= Self.roundingPlaces else { return false }
        for (expression, places) in [(left, leftPlaces), (right, rightPlaces)] {
            if places != nil { continue }
            // A number that ends before the sixth decimal needs no rounding.
            guard let exact = Fraction(exactly: expression, budget: &budget) else { continue }
            if 1_000_000 % exact.denominator == 0 { return false }
        }
        if let leftPlaces, let rightPlaces, min(leftPlaces, rightPlaces) < Self.roundingPlaces {
            return false
        }
        var evaluator = MathEvaluator<Complex<Double>>(point: 0, foldsCase: foldsCase, budget: budget)
        defer { budget = evaluator.budget }
        guard let first = evaluator.value(of: left), let second = evaluator.value(of: right) else {
            return false
        }
        return first.isReal && second.isReal && Self.roundsAlike(first.real, second.real)
    }
}

extension MathExpression {
    var unit: MathUnit? {
        switch self {
        case .quantity(_, let unit): unit
        case .negative(let part): part.unit
        default: nil
        }
    }

    /// Without the unit and the sign of degrees.
    var withoutUnit: MathExpression {
        switch self {
        case .quantity(let part, _), .degrees(let part): part.withoutUnit
        case .negative(let part): .negative(part.withoutUnit)
        default: self
        }
    }

    fileprivate var isPercent: Bool { if case .percent = self { true } else { false } }

    var isInfinite: Bool {
        switch self {
        case .constant(.infinity), .negative(.constant(.infinity)): true
        default: false
        }
    }

    fileprivate var isPlainNumber: Bool {
        switch self {
        case .number: true
        case .negative(let part): part.isPlainNumber
        default: false
        }
    }

    /// The written places after the point of a decimal number; nil for any other expression.
    fileprivate var decimalPlaces: Int? {
        switch self {
        case .number(let number): number.isDecimal ? number.places : nil
        case .negative(let part): part.decimalPlaces
        case .percent(.number(let number)): number.places + 2
        default: nil
        }
    }

    /// A product of a number and a letter that is a unit, as a quantity.
    fileprivate var measured: MathExpression? {
        guard case .product(let factors) = self, factors.count == 2, !factors[0].hasVariables else {
            return nil
        }
        switch factors[1] {
        case .variable(let letter) where MathText.unitLetters.contains(letter):
            return .quantity(factors[0], unit: MathUnit(letter))
        case .power(.variable(let letter), .number(let power)) where MathText.unitLetters.contains(letter):
            return .quantity(factors[0], unit: MathUnit(letter).raised(to: power.integer ?? 1))
        default: return nil
        }
    }
}
