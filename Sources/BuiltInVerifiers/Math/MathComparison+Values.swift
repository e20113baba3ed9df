import ComplexModule
import Reasoning

// Equality of values: exactly modulo a prime where that is possible, and in floating point.
extension MathComparison {
    /// The most points at which expressions with variables are computed, and the points at which both must have a value.
    private static let pointLimit = 9
    private static let pointsNeeded = 3

    /// Values are equal below the first difference, relative to the larger value, and different above the second.
    ///
    /// Between the two nothing is decided. Rounding errors of usual formulas are around 1e-15; different formulas do not come this
    /// close by chance.
    private static let sameness = 1e-12
    private static let difference = 1e-7

    mutating func equal(_ left: MathExpression, _ right: MathExpression) -> Verdict {
        let hasVariables = left.hasVariables || right.hasVariables
        let residues = residuesAgree(left, right, points: hasVariables ? 2 : 1)
        if residues == false { return isRounded(left, right) ? .correct : .wrong }
        var (valid, isLossy, isNear, isSame) = (0, false, true, true)
        // Letters stand for real numbers: where a root of one is not real, nothing is compared. `ln x²` is `2 ln x`.
        let isReal = hasVariables && !left.hasImaginaryUnit && !right.hasImaginaryUnit
        for point in 0..<(hasVariables ? Self.pointLimit : 1) {
            var evaluator = MathEvaluator<Complex<Double>>(point: point, foldsCase: foldsCase, budget: budget)
            defer { budget = evaluator.budget }
            guard let first = evaluator.value(of: left), let second = evaluator.value(of: right) else {
                continue
            }
            // An answer that has fewer values than what is expected is another: `2 ln x` is not `ln x²`.
            let isNarrower = first.isReal && !second.isReal && evaluator.hasComplexLogarithm
            if isReal && evaluator.leavesReals && !isNarrower { continue }
            valid += 1
            isLossy = isLossy || evaluator.isLossy
            let distance = (first - second).length
            let size = max(first.length, second.length)
            if distance > Self.sameness * size { isSame = false }
            if distance > Self.difference * size { isNear = false }
            if !isNear || valid == Self.pointsNeeded + 2 { break }
        }
        if residues == true {
            // Equal, unless they differ by a multiple of the prime, which floating point shows.
            return isNear ? .correct : .undecided
        }
        guard valid >= (hasVariables ? Self.pointsNeeded : 1) else { return .undecided }
        if isSame && !isLossy { return .correct }
        if !isNear { return isRounded(left, right) ? .correct : isLossy ? .undecided : .wrong }
        return isRounded(left, right) ? .correct : .undecided
    }

    /// Whether two numbers differ by no more than a rounded result from what was rounded.
    mutating func isNear(_ left: MathExpression, _ right: MathExpression) -> Bool {
        var evaluator = MathEvaluator<Complex<Double>>(point: 0, foldsCase: foldsCase, budget: budget)
        defer { budget = evaluator.budget }
        guard let first = evaluator.value(of: left), let second = evaluator.value(of: right) else {
            return false
        }
        return (first - second).length <= 0.01 * max(first.length, second.length)
    }

    /// nil when one of them cannot be computed as residues.
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

    /// Whether one is a constant multiple of the other, so that both are zero at the same points.
    mutating func proportional(_ left: MathExpression, _ right: MathExpression) -> Verdict {
        if let exact = residuesAreProportional(left, right) { return exact ? .correct : .wrong }
        var pairs: [(Complex<Double>, Complex<Double>)] = []
        var isLossy = false
        for point in 0..<Self.pointLimit where pairs.count <= Self.pointsNeeded {
            var evaluator = MathEvaluator<Complex<Double>>(point: point, foldsCase: foldsCase, budget: budget)
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
        let distance = ratios.map { ($0 - first).length }.max() ?? 0
        if distance <= Self.sameness * 100 * first.length { return .correct }
        return distance > Self.difference * first.length ? .wrong : .undecided
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
