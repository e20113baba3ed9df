import Primitives

/// A shuffled order of `0..<count` that needs no memory: each place is computed alone.
///
/// It is a four-round Feistel network over the next even power of two, applied until the value is below `count`.
struct SeededPermutation: Sendable {
    let count: Int
    private let halfBits: UInt64
    private let keys: [UInt64]

    /// `count` must be above 0.
    init(count: Int, seed: UInt64, epoch: Int) {
        precondition(count > 0, "a permutation of nothing")
        self.count = count
        let bits = UInt64(Int.bitWidth - (count - 1).leadingZeroBitCount)
        halfBits = max(1, (bits + 1) / 2)
        var generator = SeededGenerator(
            seed: seed, stream: .permutation, index: UInt64(bitPattern: Int64(epoch)))
        keys = (0..<4).map { _ in generator.next() }
    }

    /// The element at a place, both in `0..<count`.
    subscript(place: Int) -> Int {
        precondition((0..<count).contains(place), "a place outside the permutation")
        // The network is one to one, so repeated application returns below `count`: 4 × count steps at most, 4 on average.
        var value = UInt64(place)
        repeat { value = shuffled(value) } while value >= UInt64(count)
        return Int(value)
    }

    private func shuffled(_ value: UInt64) -> UInt64 {
        let mask = (1 << halfBits) - 1 as UInt64
        var (left, right) = (value >> halfBits, value & mask)
        for key in keys { (left, right) = (right, left ^ (SplitMix64.mixed(right ^ key) & mask)) }
        return left << halfBits | right
    }
}
