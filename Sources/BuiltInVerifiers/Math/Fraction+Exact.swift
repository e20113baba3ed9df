extension Fraction {
    /// The value of an expression of rational numbers; nil when the value is not rational or beyond 128 bits.
    ///
    /// - Parameter budget: steps that may still be taken.
    init?(exactly expression: MathExpression, budget: inout Int) {
        guard let value = Self.value(of: expression, &budget) else { return nil }
        self = value
    }

    private static func value(of expression: MathExpression, _ budget: inout Int) -> Fraction? {
        budget -= 50
        guard budget > 0 else { return nil }
        switch expression {
        case .number(let number):
            guard number.digits.count <= 18, number.places <= 18 else { return nil }
            let whole = Fraction(number.digits.reduce(0) { $0 * 10 + Int($1) })
            return number.places == 0
                ? whole
                : whole.divided((0..<number.places).reduce(Fraction(1)) { power, _ in power.tenfold }).number
        case .negative(let part):
            return value(of: part, &budget).flatMap { Fraction(0).subtracted($0).number }
        case .percent(let part): return value(of: part, &budget).flatMap { $0.divided(Fraction(100)).number }
        case .quantity(let part, _), .degrees(let part): return value(of: part, &budget)
        case .sum(let parts): return combined(parts, Fraction(0), &budget, { $0.added($1) })
        case .product(let parts): return combined(parts, Fraction(1), &budget, { $0.multiplied($1) })
        case .quotient(let above, let below):
            guard let above = value(of: above, &budget), let below = value(of: below, &budget) else {
                return nil
            }
            return above.divided(below).number
        case .power(let base, let exponent):
            guard let exponent = value(of: exponent, &budget)?.integer, (-128...128).contains(exponent),
                let base = value(of: base, &budget)
            else { return nil }
            budget -= 50 * abs(exponent)
            guard budget > 0 else { return nil }
            let size = (0..<exponent.magnitude).reduce(Fraction(1) as Fraction?) { power, _ in
                power?.multiplied(base).number
            }
            return exponent < 0 ? size.flatMap { Fraction(1).divided($0).number } : size
        case .root(let part, let degree): return value(of: part, &budget)?.root(degree)
        default: return nil
        }
    }

    private static func combined(
        _ parts: [MathExpression], _ start: Fraction, _ budget: inout Int,
        _ operation: (Fraction, Fraction) -> Outcome
    ) -> Fraction? {
        var result = start
        for part in parts {
            guard let value = value(of: part, &budget), let next = operation(result, value).number else {
                return nil
            }
            result = next
        }
        return result
    }

    private var tenfold: Fraction { multiplied(Fraction(10)).number ?? self }

    /// nil unless it is whole and fits in 64 bits.
    var integer: Int? { denominator == 1 ? Int(exactly: numerator) : nil }

    var double: Double { Double(numerator) / Double(denominator) }

    /// The root, if it is rational and small enough to compute with.
    func root(_ degree: Int) -> Fraction? {
        guard numerator >= 0 || degree % 2 == 1,
            let above = Self.root(numerator.magnitude, degree),
            let below = Self.root(denominator.magnitude, degree)
        else { return nil }
        return Fraction(numerator < 0 ? -above : above).divided(Fraction(below)).number
    }

    private static func root(_ value: UInt128, _ degree: Int) -> Int? {
        let guess = degree == 2 ? Double(value).squareRoot() : Double(value).root(degree)
        guard guess < 1e15 else { return nil }
        for candidate in [guess.rounded(), guess.rounded() + 1, guess.rounded() - 1] where candidate >= 0 {
            var power: UInt128 = 1
            var overflow = false
            for _ in 0..<degree where !overflow {
                (power, overflow) = power.multipliedReportingOverflow(by: UInt128(candidate))
            }
            if !overflow, power == value { return Int(candidate) }
        }
        return nil
    }
}

extension Fraction.Outcome {
    fileprivate var number: Fraction? {
        if case .number(let number) = self { return number }
        return nil
    }
}
