import Foundation
import Primitives

/// A complex number in floating point.
struct Complex: Hashable, MathValue {
    static let divisionCost = 2
    static let rootCost = 4

    let real: Double
    let imaginary: Double

    init(_ real: Double, _ imaginary: Double = 0) {
        self.real = real
        self.imaginary = imaginary
    }

    init(_ integer: Int) { self.init(Double(integer)) }

    init?(_ number: MathNumber) { self.init(number.double) }

    /// Within ±(0.25…2.5): no power of it grows or vanishes soon.
    static func random(seed: UInt64, isNegative: Bool?) -> Complex {
        let bits = SplitMix64.mixed(seed)
        let size = 0.25 + 2.25 * Double(bits >> 12) / Double(1 << 52 as UInt64)
        return Complex(isNegative ?? (bits & 1 == 1) ? -size : size)
    }

    static func constant(_ constant: MathExpression.Constant) -> Complex? {
        switch constant {
        case .pi: Complex(.pi)
        case .e: Complex(M_E)
        case .imaginaryUnit: Complex(0, 1)
        case .infinity, .reals: nil
        }
    }

    var isTiny: Bool { !isZero && size < 1e-4 }
    var isZero: Bool { real == 0 && imaginary == 0 }
    var isReal: Bool { imaginary == 0 }
    var isFinite: Bool { real.isFinite && imaginary.isFinite }
    var size: Double { imaginary == 0 ? abs(real) : hypot(real, imaginary) }
    private var finite: Complex? { isFinite ? self : nil }

    static func sum(_ terms: [Complex], isLossy: inout Bool) -> Complex? {
        var (real, imaginary, largest, smallest) = (0.0, 0.0, 0.0, Double.infinity)
        for term in terms {
            real += term.real
            imaginary += term.imaginary
            largest = max(largest, term.size)
            if !term.isZero { smallest = min(smallest, term.size) }
        }
        var result = Complex(real, imaginary)
        if terms.count > 1 {
            let size = result.size
            if smallest < largest * 1e-8 { isLossy = true }
            if size < largest * 1e-8, size > 0 { isLossy = true }
            // What is left of terms that cancel is rounding.
            if size < largest * 1e-15 * Double(terms.count) { result = Complex(0) }
            if abs(imaginary) < largest * 1e-15 { result = Complex(result.real, 0) }
        }
        return result.finite
    }

    var negated: Complex { Complex(-real, -imaginary) }

    func multiplied(by other: Complex) -> Complex? {
        if isReal && other.isReal { return Complex(real * other.real).finite }
        return Complex(
            real * other.real - imaginary * other.imaginary,
            real * other.imaginary + imaginary * other.real
        ).finite
    }

    func divided(by other: Complex) -> Complex? {
        guard !other.isZero else { return nil }
        if isReal && other.isReal { return Complex(real / other.real).finite }
        let norm = other.real * other.real + other.imaginary * other.imaginary
        guard let product = multiplied(by: Complex(other.real, -other.imaginary)), norm > 0 else {
            return nil
        }
        return Complex(product.real / norm, product.imaginary / norm).finite
    }

    func raised(to exponent: Int) -> Complex? {
        if isReal {
            let power = pow(real, Double(exponent))
            // What falls to zero has lost its value, as what grows to infinity has.
            return power == 0 && real != 0 ? nil : Complex(power).finite
        }
        var (result, square, rest) = (Complex(1), self, exponent.magnitude)
        while rest > 0 {
            if rest & 1 == 1 {
                guard let product = result.multiplied(by: square) else { return nil }
                result = product
            }
            rest >>= 1
            guard rest > 0 else { break }
            guard let next = square.multiplied(by: square) else { return nil }
            square = next
        }
        return exponent < 0 ? Complex(1).divided(by: result) : result
    }

    /// The principal value.
    func raised(to exponent: Complex) -> Complex? {
        if isZero { return exponent.isReal && exponent.real > 0 ? self : nil }
        if isReal, real > 0, exponent.isReal {
            let power = pow(real, exponent.real)
            return power == 0 ? nil : Complex(power).finite
        }
        return logarithm?.multiplied(by: exponent)?.exponential
    }

    /// The principal value, but of a negative real number an odd root is real.
    func root(_ degree: Int, exact: Fraction?) -> Complex? {
        if isReal {
            if real >= 0 {
                let root = degree == 2 ? real.squareRoot() : degree == 3 ? cbrt(real) : real.root(degree)
                return Complex(root)
            }
            if degree == 2 { return Complex(0, (-real).squareRoot()) }
            if degree % 2 == 1 { return Complex(-(-real).root(degree)) }
        }
        return raised(to: Complex(1 / Double(degree)))
    }

    var exponential: Complex? {
        let scale = exp(real)
        if isReal { return scale == 0 ? nil : Complex(scale).finite }
        // At multiples of π/2 one part is zero but for the rounding of π.
        func snapped(_ value: Double) -> Double { abs(value) < 1e-15 * (1 + abs(imaginary)) ? 0 : value }
        return Complex(scale * snapped(cos(imaginary)), scale * snapped(sin(imaginary))).finite
    }

    var logarithm: Complex? {
        isZero ? nil : Complex(log(size), isReal && real > 0 ? 0 : atan2(imaginary, real)).finite
    }

    static func opaque(seed: UInt64, _ arguments: [Complex]) -> Complex? {
        // Smooth, so that rounding stays rounding, and like nothing that anyone writes.
        var result = 0.37 + Double(SplitMix64.mixed(seed) >> 12) / Double(1 << 52 as UInt64)
        for argument in arguments {
            result = sin(1.7 * result + 0.9 * argument.real) + 0.31 * cos(2.3 * argument.imaginary - result)
        }
        return Complex(result).finite
    }
}

extension Double {
    /// Of a number that is not negative.
    func root(_ degree: Int) -> Double {
        let guess = pow(self, 1 / Double(degree))
        let whole = guess.rounded()
        return pow(whole, Double(degree)) == self ? whole : guess
    }
}
