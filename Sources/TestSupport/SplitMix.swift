/// SplitMix64 (Steele, Lea, Flood 2014): a small seeded generator for test schedules.
package struct SplitMix: Sendable, RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 0x632B_E59B_D9B4_E019 }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }

    /// From 0 to `limit` − 1; the limit is small, so its bias does not matter.
    package mutating func below(_ limit: Int) -> Int { Int(next() >> 33) % limit }

    package mutating func byte() -> UInt8 { UInt8(truncatingIfNeeded: next() >> 56) }

    /// True with this probability.
    package mutating func chance(_ probability: Double) -> Bool {
        Double(next() >> 11) * 0x1p-53 < probability
    }

    package mutating func duration(_ range: ClosedRange<Double>) -> Duration {
        let share = Double(next() >> 11) * 0x1p-53
        let seconds = range.lowerBound + (range.upperBound - range.lowerBound) * share
        return .microseconds(Int(seconds * 1e6))
    }
}
