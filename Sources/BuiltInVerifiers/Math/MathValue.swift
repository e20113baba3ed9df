/// A kind of number that expressions are computed in.
///
/// Two are used side by side. `Complex` has rounding errors and knows every function; `Residue` is exact and knows
/// only arithmetic and roots of rational numbers. What both say is equal is equal.
protocol MathValue {
    /// What a division and a root take, in steps of a budget.
    static var divisionCost: Int { get }
    static var rootCost: Int { get }
    init?(_ number: MathNumber)
    init(_ integer: Int)
    /// A value that depends on the seed alone and is in no simple relation to those of other seeds.
    ///
    /// - Parameter isNegative: its sign, where values have one; nil leaves that to the seed as well.
    static func random(seed: UInt64, isNegative: Bool?) -> Self
    static func constant(_ constant: MathExpression.Constant) -> Self?
    var isZero: Bool { get }
    /// So small that a function of it is hardly another than that of zero.
    var isTiny: Bool { get }
    /// The sum; `isLossy` is set when a term vanished beside another, or all of them cancelled.
    static func sum(_ terms: [Self], isLossy: inout Bool) -> Self?
    var negated: Self { get }
    func multiplied(by other: Self) -> Self?
    func divided(by other: Self) -> Self?
    func raised(to exponent: Int) -> Self?
    func raised(to exponent: Self) -> Self?
    /// The root of a number whose exact value is known, if it is.
    func root(_ degree: Int, exact: Fraction?) -> Self?
    func function(_ function: MathFunction, _ others: [Self]) -> Self?
    /// An unknown function of unknown things.
    static func opaque(seed: UInt64, _ arguments: [Self]) -> Self?
}
