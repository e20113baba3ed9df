import Primitives

/// A number modulo a prime, computed exactly: equal expressions have equal residues, and different ones almost never do.
///
/// The prime p is 3 modulo 4, so −1 has no root, and residues `a + b·i` are a field in which every integer has a square root.
/// Arithmetic, `i` and the square roots of integers keep all their laws in it (the map to residues is a ring homomorphism).
/// π and e are residues drawn at random, because no answer uses an algebraic relation between them. Two different
/// polynomials of degree d agree at a random point with probability d/p (Schwartz 1980, Zippel 1979).
struct Residue: Hashable, MathValue {
    static let divisionCost = 100
    static let rootCost = 400

    let real: UInt64
    let imaginary: UInt64

    /// The first prime from the digits of π on that is 3 modulo 4.
    static let prime: UInt64 = 3_141_592_653_589_793_239

    init(real: UInt64, imaginary: UInt64 = 0) {
        self.real = real
        self.imaginary = imaginary
    }

    init(_ integer: Int) {
        let size = integer.magnitude % UInt(Self.prime)
        real = integer < 0 && size > 0 ? Self.prime - UInt64(size) : UInt64(size)
        imaginary = 0
    }

    init?(_ number: MathNumber) {
        let whole = number.digits.reduce(0 as UInt64) { Self.plus(Self.times($0, 10), UInt64($1)) }
        let value = Residue(real: whole)
        guard number.places > 0 else {
            self = value
            return
        }
        guard let scale = Residue(10).raised(to: number.places), let result = value.divided(by: scale) else {
            return nil
        }
        self = result
    }

    static func random(seed: UInt64, isNegative: Bool? = nil) -> Residue {
        Residue(real: SplitMix64.mixed(seed) % prime)
    }

    static func constant(_ constant: MathExpression.Constant) -> Residue? {
        switch constant {
        case .pi: random(seed: 0x7069)
        case .e: random(seed: 0x65)
        case .imaginaryUnit: Residue(real: 0, imaginary: 1)
        case .infinity, .reals: nil
        }
    }

    var isTiny: Bool { false }
    var isReal: Bool { imaginary == 0 }
    var isZero: Bool { real == 0 && imaginary == 0 }

    static func plus(_ left: UInt64, _ right: UInt64) -> UInt64 {
        // Both are below 2⁶², so the sum fits.
        let sum = left + right
        return sum >= prime ? sum - prime : sum
    }

    static func times(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return prime.dividingFullWidth((product.high, product.low)).remainder
    }

    private static func minus(_ value: UInt64) -> UInt64 { value == 0 ? 0 : prime - value }

    static func sum(_ terms: [Residue], isLossy: inout Bool) -> Residue? {
        terms.reduce(Residue(0)) {
            Residue(real: plus($0.real, $1.real), imaginary: plus($0.imaginary, $1.imaginary))
        }
    }

    var negated: Residue { Residue(real: Self.minus(real), imaginary: Self.minus(imaginary)) }

    private func times(_ other: Residue) -> Residue {
        if imaginary == 0 && other.imaginary == 0 { return Residue(real: Self.times(real, other.real)) }
        return Residue(
            real: Self.plus(
                Self.times(real, other.real), Self.minus(Self.times(imaginary, other.imaginary))),
            imaginary: Self.plus(Self.times(real, other.imaginary), Self.times(imaginary, other.real)))
    }

    func multiplied(by other: Residue) -> Residue? { times(other) }

    func divided(by other: Residue) -> Residue? {
        guard !other.isZero else { return nil }
        let norm = Self.plus(Self.times(other.real, other.real), Self.times(other.imaginary, other.imaginary))
        let inverse = Residue(real: norm).power(Self.prime - 2)
        return times(Residue(real: other.real, imaginary: Self.minus(other.imaginary))).times(inverse)
    }

    private func power(_ exponent: UInt64) -> Residue {
        BuiltInVerifiers.power(self, to: exponent, one: Residue(1)) { $0.times($1) }
    }

    func raised(to exponent: Int) -> Residue? {
        guard exponent < 0 else { return power(UInt64(exponent)) }
        return Residue(1).divided(by: self)?.power(UInt64(exponent.magnitude))
    }

    func raised(to exponent: Residue) -> Residue? { nil }

    func function(_ function: MathFunction, _ others: [Residue]) -> Residue? { nil }

    static func opaque(seed: UInt64, _ arguments: [Residue]) -> Residue? {
        random(
            seed: arguments.reduce(seed) {
                SplitMix64.mixed(SplitMix64.mixed($0 ^ $1.real) &+ $1.imaginary)
            })
    }

    /// The root of a rational number: any rational root, and square roots of numbers up to `radicandLimit`; otherwise nil.
    func root(_ degree: Int, exact: Fraction?) -> Residue? {
        guard let exact, exact.numerator != 0 else { return exact == nil ? nil : Residue(0) }
        if let root = exact.root(degree) {
            return Residue(Int(root.numerator)).divided(by: Residue(Int(root.denominator)))
        }
        guard degree == 2 else { return nil }
        let (product, overflow) = exact.numerator.magnitude.multipliedReportingOverflow(
            by: exact.denominator.magnitude)
        guard !overflow, product <= Self.radicandLimit, exact.denominator <= Self.radicandLimit else {
            return nil
        }
        let root = Self.squareRoot(Int(product)).divided(by: Residue(Int(exact.denominator)))
        return exact.numerator < 0 ? root?.times(Residue(real: 0, imaginary: 1)) : root
    }

    static let radicandLimit = UInt128(1_000_000)

    /// The square root of a positive integer: the product of the roots of its prime factors.
    private static func squareRoot(_ value: Int) -> Residue {
        var (rest, factor, result) = (value, 2, Residue(1))
        while factor * factor <= rest {
            if rest % (factor * factor) == 0 {
                rest /= factor * factor
                result = result.times(Residue(factor))
            } else if rest % factor == 0 {
                rest /= factor
                result = result.times(squareRoot(ofPrime: factor))
            } else {
                factor += 1
            }
        }
        return rest > 1 ? result.times(squareRoot(ofPrime: rest)) : result
    }

    /// Since p is 3 modulo 4, either q or −q is a square, and its root is its power (p + 1)/4.
    private static func squareRoot(ofPrime prime: Int) -> Residue {
        let value = Residue(prime)
        let root = value.power((Self.prime + 1) / 4)
        if root.times(root) == value { return root }
        return value.negated.power((Self.prime + 1) / 4).times(Residue(real: 0, imaginary: 1))
    }
}
