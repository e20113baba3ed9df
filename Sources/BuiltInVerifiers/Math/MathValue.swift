/// A kind of number in which expressions are computed.
///
/// Two kinds are used side by side. `Complex<Double>` rounds and computes every function; `Residue` is exact and computes only
/// arithmetic and roots of rational numbers. Two expressions are equal when both kinds say so.
protocol MathValue {
    /// The cost of a division and of a root, in steps of the budget.
    static var divisionCost: Int { get }
    static var rootCost: Int { get }
    init?(_ number: MathNumber)
    init(_ integer: Int)
    /// A value that depends only on the seed and has no simple relation to the values of other seeds.
    ///
    /// - Parameter isNegative: its sign, for values that have one; nil lets the seed decide.
    static func random(seed: UInt64, isNegative: Bool?) -> Self
    static func constant(_ constant: MathExpression.Constant) -> Self?
    var isZero: Bool { get }
    var isReal: Bool { get }
    /// So close to zero that a function can hardly tell the two apart.
    var isTiny: Bool { get }
    /// The sum; sets `isLossy` when a term was too small to count beside another, or when all terms cancelled.
    static func sum(_ terms: [Self], isLossy: inout Bool) -> Self?
    var negated: Self { get }
    func multiplied(by other: Self) -> Self?
    func divided(by other: Self) -> Self?
    func raised(to exponent: Int) -> Self?
    func raised(to exponent: Self) -> Self?
    /// The root of this number; `exact` is its exact value, if known.
    func root(_ degree: Int, exact: Fraction?) -> Self?
    func function(_ function: MathFunction, _ others: [Self]) -> Self?
    /// A value for a function that nobody defined.
    static func opaque(seed: UInt64, _ arguments: [Self]) -> Self?
}

/// A power by repeated squaring.
@inline(__always)
func power<Value>(
    _ base: Value, to exponent: UInt64, one: Value, times: (Value, Value) -> Value
) -> Value {
    var (result, square, rest) = (one, base, exponent)
    while rest > 0 {
        if rest & 1 == 1 { result = times(result, square) }
        rest >>= 1
        if rest > 0 { square = times(square, square) }
    }
    return result
}
