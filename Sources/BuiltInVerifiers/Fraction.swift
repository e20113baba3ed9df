/// An exact fraction in lowest terms, its denominator positive.
struct Fraction: Hashable {
    let numerator: Int128
    let denominator: Int128

    init(_ number: Int) {
        numerator = Int128(number)
        denominator = 1
    }

    private init(lowering numerator: Int128, _ denominator: Int128) {
        let divisor = Self.greatestCommonDivisor(numerator.magnitude, denominator.magnitude)
        let sign: Int128 = denominator < 0 ? -1 : 1
        // Callers keep both parts off Int128.min, so neither the sign nor the divisor can overflow.
        self.numerator = sign * numerator / Int128(divisor)
        self.denominator = sign * denominator / Int128(divisor)
    }

    /// The result of an operation on two fractions.
    enum Outcome: Hashable {
        case number(Fraction)
        /// A division by zero.
        case undefined
        /// Beyond 128 bits.
        case tooLarge
    }

    func added(_ other: Fraction) -> Outcome {
        guard let left = Self.product(numerator, other.denominator),
            let right = Self.product(other.numerator, denominator),
            let below = Self.product(denominator, other.denominator)
        else { return .tooLarge }
        let (sum, overflow) = left.addingReportingOverflow(right)
        return overflow || sum == .min ? .tooLarge : .number(Fraction(lowering: sum, below))
    }

    func subtracted(_ other: Fraction) -> Outcome {
        added(Fraction(lowering: -other.numerator, other.denominator))
    }

    func multiplied(_ other: Fraction) -> Outcome {
        guard let above = Self.product(numerator, other.numerator),
            let below = Self.product(denominator, other.denominator)
        else { return .tooLarge }
        return .number(Fraction(lowering: above, below))
    }

    func divided(_ other: Fraction) -> Outcome {
        guard other.numerator != 0 else { return .undefined }
        return multiplied(Fraction(lowering: other.denominator, other.numerator))
    }

    private static func product(_ left: Int128, _ right: Int128) -> Int128? {
        let (product, overflow) = left.multipliedReportingOverflow(by: right)
        return overflow || product == .min ? nil : product
    }

    private static func greatestCommonDivisor(_ left: UInt128, _ right: UInt128) -> UInt128 {
        var (a, b) = (left, right)
        while b != 0 { (a, b) = (b, a % b) }
        return max(a, 1)
    }
}
