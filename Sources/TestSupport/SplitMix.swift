import Primitives

/// A small seeded generator for test schedules, on top of SplitMix64.
package struct SplitMix: Sendable, RandomNumberGenerator {
    private var generator: SplitMix64

    package init(seed: UInt64) {
        generator = SplitMix64(state: seed &* SplitMix64.increment &+ 0x632B_E59B_D9B4_E019)
    }

    package mutating func next() -> UInt64 { generator.next() }

    /// From 0 to `limit` − 1; the limit is small, so its bias does not matter.
    package mutating func below(_ limit: Int) -> Int { Int(next() >> 33) % limit }

    package mutating func byte() -> UInt8 { UInt8(truncatingIfNeeded: next() >> 56) }

    /// True with this probability.
    package mutating func chance(_ probability: Double) -> Bool {
        generator.unit() < probability
    }

    package mutating func duration(_ range: ClosedRange<Double>) -> Duration {
        let seconds = range.lowerBound + (range.upperBound - range.lowerBound) * generator.unit()
        return .microseconds(Int(seconds * 1e6))
    }
}
