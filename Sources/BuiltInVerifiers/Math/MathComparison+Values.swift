import Reasoning

// Equality of values: exactly modulo a prime where that is possible, and in floating point.
extension MathComparison {
    /// Points at which expressions with variables are computed, and those at which both must have a value.
    private static let pointLimit = 9
    private static let pointsNeeded = 3

    /// The difference, relative to the larger value, below which floating point values are one, and above which two.
    ///
    /// Between them nothing is decided. Rounding errors of usual formulas are around 1e-15; two formulas that are near
    /// each other by chance are never this near.
    private static let sameness = 1e-12
    private static let difference = 1e-7

    mutating func equal(_ left: MathExpression, _ right: MathExpression) -> Verdict {
        let hasVariables = left.hasVariables || right.hasVariables
        let residues = residuesAgree(left, right, points: hasVariables ? 2 : 1)
        if residues == false { return isRounded(left, right) ? .correct : .wrong }
        var (valid, isLossy, isNear, isSame) = (0, false, true, true)
        for point in 0..<(hasVariables ? Self.pointLimit : 1) {
            var evaluator = MathEvaluator<Complex>(point: point, foldsCase: foldsCase, budget: budget)
            defer { budget = evaluator.budget }
            guard let first = evaluator.value(of: left), let second = evaluator.value(of: right) else {
                continue
            }
            valid += 1
            isLossy = isLossy || evaluator.isLossy
            let distance = Complex(first.real - second.real, first.imaginary - second.imaginary).size
            let size = max(first.size, second.size)
            if distance > Self.sameness * size { isSame = false }
            if distance > Self.difference * size { isNear = false }
            if !isNear || valid == Self.pointsNeeded + 2 { break }
        }
        if residues == true {
            // Exact, unless it is the prime by which they differ, which floating point sees.
            return isNear ? .correct : .undecided
        }
        guard valid >= (hasVariables ? Self.pointsNeeded : 1) else { return .undecided }
        if isSame && !isLossy { return .correct }
        if !isNear { return isRounded(left, right) ? .correct : isLossy ? .undecided : .wrong }
        return isRounded(left, right) ? .correct : .undecided
    }

    /// nil when one of them is no arithmetic.
    private mutating func residuesAgree(
        _ left: MathExpression, _ right: MathExpression, points: Int
    ) -> Bool? {
        for point in 0..<points {
            var evaluator = MathEvaluator<Residue>(point: point, foldsCase: foldsCase, budget: budget)
            defer { budget = evaluator.budget }
            guard let first = evaluator.value(of: left), let second = evaluator.value(of: right) else {
                return nil
            }
            if first != second { return false }
        }
        return true
    }

    /// One is a constant multiple of the other, so that both are zero at the same points.
    mutating func proportional(_ left: MathExpression, _ right: MathExpression) -> Verdict {
        if let exact = residuesAreProportional(left, right) { return exact ? .correct : .wrong }
        var pairs: [(Complex, Complex)] = []
        var isLossy = false
        for point in 0..<Self.pointLimit where pairs.count <= Self.pointsNeeded {
            var evaluator = MathEvaluator<Complex>(point: point, foldsCase: foldsCase, budget: budget)
            defer { budget = evaluator.budget }
            guard let first = evaluator.value(of: left), let second = evaluator.value(of: right),
                !first.isZero, !second.isZero
            else { continue }
            isLossy = isLossy || evaluator.isLossy
            pairs.append((first, second))
        }
        guard pairs.count >= Self.pointsNeeded, !isLossy else { return .undecided }
        let ratios = pairs.compactMap { $0.divided(by: $1) }
        guard let first = ratios.first, ratios.count == pairs.count else { return .undecided }
        let distance =
            ratios.map { Complex($0.real - first.real, $0.imaginary - first.imaginary).size }.max() ?? 0
        if distance <= Self.sameness * 100 * first.size { return .correct }
        return distance > Self.difference * first.size ? .wrong : .undecided
    }

    private mutating func residuesAreProportional(_ left: MathExpression, _ right: MathExpression) -> Bool? {
        var first: (Residue, Residue)?
        for point in 0..<3 {
            var evaluator = MathEvaluator<Residue>(point: point, foldsCase: foldsCase, budget: budget)
            defer { budget = evaluator.budget }
            guard let one = evaluator.value(of: left), let other = evaluator.value(of: right), !one.isZero,
                !other.isZero
            else { return nil }
            if let first {
                guard first.0.multiplied(by: other) == one.multiplied(by: first.1) else { return false }
            } else {
                first = (one, other)
            }
        }
        return true
    }
}
