import Primitives

/// Computes expressions at one point, where each variable has a value that follows from its name and the point.
struct MathEvaluator<Value: MathValue> {
    /// The number of the pseudo-random point, from 0.
    let point: Int
    /// Whether names of variables are compared without case.
    var foldsCase = false
    /// Steps that may still be taken; one verdict shares one budget.
    var budget: Int
    /// A sum lost digits, so equality of the computed values proves little.
    var isLossy = false
    /// A root, power or logarithm of real numbers was not real.
    var leavesReals = false
    /// A logarithm of a real number was not real.
    var hasComplexLogarithm = false
    private var isInAngle = false

    init(point: Int, foldsCase: Bool, budget: Int) {
        self.point = point
        self.foldsCase = foldsCase
        self.budget = budget
    }

    /// nil where the expression has no value, where its value is out of range, and when the budget is spent.
    mutating func value(of expression: MathExpression) -> Value? {
        budget -= 1
        guard budget > 0 else { return nil }
        switch expression {
        case .number(let number):
            if number.exceedsDouble { isLossy = true }
            budget -= number.digits.count / 4 + (number.places > 0 ? Value.divisionCost : 0)
            return Value(number)
        case .constant(let constant): return Value.constant(constant)
        case .variable(let name):
            // All variables are positive at even points and negative at the second: roots and logarithms differ there.
            let isNegative: Bool? = point == 1 ? true : point % 2 == 0 ? false : nil
            return Value.random(seed: seed(name), isNegative: isNegative)
        case .sum(let parts):
            guard let values = values(of: parts) else { return nil }
            return Value.sum(values, isLossy: &isLossy)
        case .negative(let part): return value(of: part)?.negated
        case .product(let parts):
            guard var result = parts.first.flatMap({ value(of: $0) }) else { return nil }
            for part in parts.dropFirst() {
                guard let factor = value(of: part), let product = result.multiplied(by: factor) else {
                    return nil
                }
                result = product
            }
            return result
        case .quotient(let above, let below):
            guard let above = value(of: above), let below = value(of: below) else { return nil }
            budget -= Value.divisionCost
            return above.divided(by: below)
        case .power(let base, let exponent): return noting(power(base, exponent))
        case .root(let part, let degree):
            guard let value = value(of: part) else { return nil }
            budget -= Value.rootCost
            let root = value.root(degree, exact: Fraction(exactly: part, budget: &budget))
            return value.isReal ? noting(root) : root
        case .function(let function, let arguments): return noting(self.function(function, arguments))
        case .opaque(let name, let arguments):
            guard let values = values(of: arguments) else { return nil }
            return Value.opaque(seed: StableHash.hash(name) &+ UInt64(truncatingIfNeeded: point), values)
        case .percent(let part):
            budget -= Value.divisionCost
            return value(of: part)?.divided(by: Value(100))
        case .degrees(let part):
            guard let value = value(of: part) else { return nil }
            guard isInAngle else { return value }
            return Value.constant(.pi).flatMap { value.multiplied(by: $0) }?.divided(by: Value(180))
        case .quantity(let part, _): return value(of: part)
        case .ratio(let parts):
            guard parts.count == 2, let above = value(of: parts[0]), let below = value(of: parts[1]) else {
                return nil
            }
            budget -= Value.divisionCost
            return above.divided(by: below)
        case .based, .plusMinus, .literal, .choice, .congruence, .text, .tuple, .set, .list, .union,
            .intersection, .difference, .matrix,
            .relation:
            return nil
        }
    }

    private mutating func noting(_ value: Value?) -> Value? {
        if let value, !value.isReal { leavesReals = true }
        return value
    }

    private mutating func values(of parts: [MathExpression]) -> [Value]? {
        var values: [Value] = []
        values.reserveCapacity(parts.count)
        for part in parts {
            guard let value = value(of: part) else { return nil }
            values.append(value)
        }
        return values
    }

    private func seed(_ name: String) -> UInt64 {
        SplitMix64.mixed(StableHash.hash(foldsCase ? name.lowercased() : name))
            &+ UInt64(truncatingIfNeeded: point)
    }

    private mutating func power(_ base: MathExpression, _ exponent: MathExpression) -> Value? {
        guard let baseValue = value(of: base) else { return nil }
        budget -= 16 + Value.divisionCost
        guard let exact = Fraction(exactly: exponent, budget: &budget) else {
            guard let power = value(of: exponent) else { return nil }
            if power.isTiny { isLossy = true }
            return baseValue.raised(to: power)
        }
        if exact.denominator == 1 {
            guard let whole = exact.integer, whole.magnitude <= 1_000_000 else { return nil }
            // 0⁰ and divisions by zero have no value.
            guard !baseValue.isZero || whole > 0 else { return nil }
            return baseValue.raised(to: whole)
        }
        if let above = Int(exactly: exact.numerator), let below = Int(exactly: exact.denominator),
            below <= 64,
            above.magnitude <= 1000, let base = Fraction(exactly: base, budget: &budget), base.numerator >= 0
        {
            budget -= Value.rootCost
            if let root = baseValue.root(below, exact: base), !root.isZero || above > 0 {
                return root.raised(to: above)
            }
        }
        return value(of: exponent).flatMap { baseValue.raised(to: $0) }
    }

    private mutating func function(_ function: MathFunction, _ arguments: [MathExpression]) -> Value? {
        let wasInAngle = isInAngle
        isInAngle = isInAngle || function.takesAngle
        defer { isInAngle = wasInAngle }
        guard let values = values(of: arguments), let first = values.first else { return nil }
        budget -= 16
        if values.contains(where: \.isTiny) { isLossy = true }
        if let value = first.function(function, Array(values.dropFirst())) {
            let isLogarithm = function == .naturalLogarithm || function == .logarithm
            hasComplexLogarithm = hasComplexLogarithm || isLogarithm && !value.isReal
            return value
        }
        return exactFunction(function, arguments, first)
    }

    /// Functions of whole numbers, for the kind of value that computes no others.
    private mutating func exactFunction(
        _ function: MathFunction, _ arguments: [MathExpression], _ first: Value
    ) -> Value? {
        switch function {
        case .absolute:
            guard let exact = Fraction(exactly: arguments[0], budget: &budget) else { return nil }
            return exact.numerator < 0 ? first.negated : first
        case .floor, .ceiling:
            guard let exact = Fraction(exactly: arguments[0], budget: &budget) else { return nil }
            var whole = exact.numerator / exact.denominator
            if exact.numerator % exact.denominator != 0 {
                if function == .floor && exact.numerator < 0 { whole -= 1 }
                if function == .ceiling && exact.numerator > 0 { whole += 1 }
            }
            return Int(exactly: whole).map { Value($0) }
        case .factorial:
            guard let count = Fraction(exactly: arguments[0], budget: &budget)?.integer,
                (0...170).contains(count)
            else {
                return nil
            }
            budget -= count
            return (0..<count).reduce(Value(1) as Value?) { $0?.multiplied(by: Value($1 + 1)) }
        case .binomial:
            guard let count = Fraction(exactly: arguments[1], budget: &budget)?.integer,
                (0...170).contains(count)
            else {
                return nil
            }
            budget -= Value.divisionCost * count
            guard budget > 0 else { return nil }
            var result = Value(1)
            for index in 0..<count {
                guard let factor = Value.sum([first, Value(-index)], isLossy: &isLossy),
                    let next = result.multiplied(by: factor)?.divided(by: Value(index + 1))
                else { return nil }
                result = next
            }
            return result
        default: return nil
        }
    }
}
