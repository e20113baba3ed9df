/// A small and fast generator of 64-bit random numbers, which depend only on its state.
///
/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014. Not for secrets.
package struct SplitMix64: RandomNumberGenerator, Sendable {
    /// The increment of the state for each number: 2⁶⁴ divided by the golden ratio.
    package static let increment: UInt64 = 0x9E37_79B9_7F4A_7C15

    private var state: UInt64

    package init(state: UInt64) { self.state = state }

    package mutating func next() -> UInt64 {
        state &+= Self.increment
        return Self.mixed(state)
    }

    /// A number in [0, 1) from 53 random bits.
    package mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// The finalizer, a bijection in which every bit of the result depends on every bit of the value.
    package static func mixed(_ value: UInt64) -> UInt64 {
        var mixed = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
