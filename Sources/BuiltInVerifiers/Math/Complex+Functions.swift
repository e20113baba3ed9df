import ComplexModule
import RealModule

extension Complex where RealType == Double {
    /// The function's value; nil where it has none, or none that is computed.
    func function(_ function: MathFunction, _ others: [Complex]) -> Complex? {
        switch function {
        case .exponential: exponential
        case .naturalLogarithm: logarithm
        case .logarithm: quotient(logarithm, others.first?.logarithm)
        case .squareRoot: root(2, exact: nil)
        case .absolute: Complex(length)
        case .sine: sine
        case .cosine: cosine
        case .tangent: quotient(sine, cosine)
        case .cotangent: quotient(cosine, sine)
        case .secant: quotient(.one, cosine)
        case .cosecant: quotient(.one, sine)
        case .hyperbolicSine: Complex.sinh(self).finite
        case .hyperbolicCosine: Complex.cosh(self).finite
        case .hyperbolicTangent: Complex.tanh(self).finite
        case .binomial: others.first.flatMap { binomial($0) }
        default: isReal ? real(function, others) : nil
        }
    }

    private var sine: Complex? { isAngle ? Complex.sin(self).snapped(angle: real, .cosh(imaginary)) : nil }
    private var cosine: Complex? { isAngle ? Complex.cos(self).snapped(angle: real, .cosh(imaginary)) : nil }

    /// Small enough that its place within a turn is known.
    private var isAngle: Bool { abs(real) < 1e9 }

    private func quotient(_ above: Complex?, _ below: Complex?) -> Complex? {
        below.flatMap { above?.divided(by: $0) }
    }

    private func real(_ function: MathFunction, _ others: [Complex]) -> Complex? {
        guard others.allSatisfy(\.isReal), abs(real) < 1e9 || function == .maximum || function == .minimum
        else { return nil }
        let value: Double =
            switch function {
            // Outside −1…1 they are complex, and rounding would choose the side of the branch cut.
            case .arcSine: .asin(real)
            case .arcCosine: .acos(real)
            case .arcTangent: .atan(real)
            case .floor: isAmbiguousWhole ? .nan : real.rounded(.down)
            case .ceiling: isAmbiguousWhole ? .nan : real.rounded(.up)
            case .factorial: real < 0 && real == real.rounded() ? .nan : factorial
            case .maximum: others.reduce(real) { max($0, $1.real) }
            case .minimum: others.reduce(real) { min($0, $1.real) }
            case .greatestCommonDivisor: divisor(others)
            case .leastCommonMultiple: multiple(others)
            default: .nan
            }
        return value.isFinite ? Complex(value) : nil
    }

    /// So near an integer that rounding may have carried it across.
    private var isAmbiguousWhole: Bool {
        let distance = abs(real - real.rounded())
        return distance > 0 && distance < 1e-9
    }

    private var factorial: Double {
        guard real == real.rounded() else { return .gamma(real + 1) }
        return real > 170 ? .nan : (0..<Int(real)).reduce(1) { $0 * Double($1 + 1) }
    }

    /// n(n − 1)…(n − k + 1)/k! for a small whole k, or n − k if that is the small one.
    private func binomial(_ lower: Complex) -> Complex? {
        guard isReal, lower.isReal, lower.real == lower.real.rounded() else { return nil }
        var count = lower.real
        if real == real.rounded(), real >= count, real - count < count { count = real - count }
        guard (0...170).contains(count) else { return nil }
        let value = (0..<Int(count)).reduce(1.0) { $0 * (real - Double($1)) / Double($1 + 1) }
        return value.isFinite ? Complex(value) : nil
    }

    private func divisor(_ others: [Complex]) -> Double {
        let all = [real] + others.map(\.real)
        guard all.allSatisfy({ $0 == $0.rounded() && abs($0) < 1e15 }) else { return .nan }
        return all.reduce(0) { Self.divisor($0, abs($1)) }
    }

    private func multiple(_ others: [Complex]) -> Double {
        let all = [real] + others.map(\.real)
        guard all.allSatisfy({ $0 == $0.rounded() && abs($0) < 1e15 && $0 != 0 }) else { return .nan }
        return all.reduce(1) { $0 / Self.divisor($0, abs($1)) * abs($1) }
    }

    private static func divisor(_ left: Double, _ right: Double) -> Double {
        var (a, b) = (left, right)
        while b != 0 { (a, b) = (b, a.truncatingRemainder(dividingBy: b)) }
        return a
    }
}
