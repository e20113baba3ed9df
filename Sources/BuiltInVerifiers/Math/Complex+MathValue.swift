import ComplexModule
import Primitives
import RealModule

/// Floating point, which rounds and computes every function, with the branch cuts of swift-numerics.
///
/// Results that are not finite are nil. The imaginary part is never a negative zero, so a negative real number lies on the
/// same side of every branch cut however it was computed.
extension Complex: MathValue where RealType == Double {
    static var divisionCost: Int { 2 }
    static var rootCost: Int { 4 }

    init?(_ number: MathNumber) { self.init(number.double) }

    /// A real number within ±(0.25…2.5), so that no power of it soon overflows or vanishes.
    static func random(seed: UInt64, isNegative: Bool?) -> Complex {
        let bits = SplitMix64.mixed(seed)
        let size = 0.25 + 2.25 * Double(bits >> 12) / Double(1 << 52 as UInt64)
        return Complex(isNegative ?? (bits & 1 == 1) ? -size : size)
    }

    static func constant(_ constant: MathExpression.Constant) -> Complex? {
        switch constant {
        case .pi: Complex(.pi)
        case .e: Complex(.exp(1))
        case .imaginaryUnit: .i
        case .infinity, .reals: nil
        }
    }

    var isTiny: Bool { !isZero && length < 1e-4 }
    var isReal: Bool { imaginary == 0 }
    /// The value; nil if it is not finite.
    var finite: Complex? {
        // Adding 0 turns a negative zero into a positive one.
        isFinite ? Complex(real, imaginary + 0) : nil
    }

    static func sum(_ terms: [Complex], isLossy: inout Bool) -> Complex? {
        var (result, largest, smallest) = (Complex.zero, 0.0, Double.infinity)
        for term in terms {
            result += term
            largest = max(largest, term.length)
            if !term.isZero { smallest = min(smallest, term.length) }
        }
        if terms.count > 1 {
            let size = result.length
            if smallest < largest * 1e-8 { isLossy = true }
            if size < largest * 1e-8, size > 0 { isLossy = true }
            // What is left of terms that cancel is rounding.
            if size < largest * 1e-15 * Double(terms.count) { result = .zero }
            if abs(result.imaginary) < largest * 1e-15 { result.imaginary = 0 }
        }
        return result.finite
    }

    var negated: Complex { Complex(-real, isReal ? 0 : -imaginary) }

    func multiplied(by other: Complex) -> Complex? { (self * other).finite }

    func divided(by other: Complex) -> Complex? {
        // Division by a real number rounds once only.
        other.isZero ? nil : (other.isReal ? divided(by: other.real) : self / other).finite
    }

    func raised(to exponent: Int) -> Complex? {
        guard isReal else {
            let power = power(self, to: UInt64(exponent.magnitude), one: .one, times: *)
            return exponent < 0 ? Complex.one.divided(by: power) : power.finite
        }
        let power = Double.pow(real, exponent)
        // A power that underflows to zero has lost its value, as has one that overflows.
        return power == 0 && real != 0 ? nil : Complex(power).finite
    }

    /// The principal value.
    func raised(to exponent: Complex) -> Complex? {
        if isZero { return exponent.isReal && exponent.real > 0 ? self : nil }
        if isReal, real > 0, exponent.isReal {
            let power = Double.pow(real, exponent.real)
            return power == 0 ? nil : Complex(power).finite
        }
        return logarithm?.multiplied(by: exponent)?.exponential
    }

    /// The principal value, except that an odd root of a negative real number is real.
    func root(_ degree: Int, exact: Fraction?) -> Complex? {
        if degree == 2 { return Complex.sqrt(self).finite }
        if isReal, real >= 0 { return Complex(real.root(degree)) }
        if isReal, degree % 2 == 1 { return Complex(-(-real).root(degree)) }
        return raised(to: Complex(1 / Double(degree)))
    }

    var exponential: Complex? {
        // What underflows to zero has lost its value.
        Complex.exp(self).snapped(angle: imaginary, .exp(real)).flatMap { $0.isZero ? nil : $0 }
    }

    var logarithm: Complex? { isZero ? nil : Complex.log(self).finite }

    /// The value without a part that is zero but for the rounding of π, as at multiples of π/2.
    ///
    /// - Parameters:
    ///   - angle: what sine and cosine were taken of.
    ///   - scale: what they were multiplied by.
    func snapped(angle: Double, _ scale: Double) -> Complex? {
        guard scale.isFinite else { return nil }
        let noise = 1e-15 * (1 + abs(angle)) * scale
        return Complex(abs(real) < noise ? 0 : real, abs(imaginary) < noise ? 0 : imaginary).finite
    }

    static func opaque(seed: UInt64, _ arguments: [Complex]) -> Complex? {
        // Smooth, so that rounding stays rounding, and like nothing that anyone writes.
        var result = 0.37 + Double(SplitMix64.mixed(seed) >> 12) / Double(1 << 52 as UInt64)
        for argument in arguments {
            result =
                .sin(1.7 * result + 0.9 * argument.real) + 0.31 * .cos(2.3 * argument.imaginary - result)
        }
        return Complex(result).finite
    }
}

extension Double {
    /// The root of a number that is not negative; whole where the root is whole.
    func root(_ degree: Int) -> Double {
        let guess = degree == 2 ? squareRoot() : Double.root(self, degree)
        let whole = guess.rounded()
        return Double.pow(whole, degree) == self ? whole : guess
    }
}
