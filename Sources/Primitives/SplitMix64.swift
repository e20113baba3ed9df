/// A small fast generator of 64-bit numbers whose numbers follow from its state alone.
///
/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014. Not for secrets.
package struct SplitMix64: RandomNumberGenerator, Sendable {
    /// What the state grows by for each number: 2⁶⁴ divided by the golden ratio.
    package static let increment: UInt64 = 0x9E37_79B9_7F4A_7C15

    private var state: UInt64

    package init(state: UInt64) { self.state = state }

    package mutating func next() -> UInt64 {
        state &+= Self.increment
        return Self.mixed(state)
    }

    /// A number from 0 up to 1, of 53 random bits.
    package mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// The finalizer: one to one, and every bit of the result depends on every bit of the value.
    package static func mixed(_ value: UInt64) -> UInt64 {
        var mixed = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
