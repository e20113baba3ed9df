import Primitives

/// Random numbers that follow only from a seed, a stream and an index (SplitMix64).
///
/// Draws are implemented here because the standard library does not promise that its own never change.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    /// The uses of random numbers, each with a stream of its own, so that no two uses share a draw.
    package enum Stream: UInt64, Sendable {
        case training = 1, heldOut, books, permutation, curriculum
    }

    private var generator: SplitMix64

    package init(seed: UInt64, stream: Stream, index: UInt64) {
        let step = SplitMix64.increment
        generator = SplitMix64(
            state: [stream.rawValue, index].reduce(SplitMix64.mixed(seed &+ step)) { state, key in
                SplitMix64.mixed((state ^ key) &+ step)
            })
    }

    package mutating func next() -> UInt64 { generator.next() }

    /// A number of the range, drawn uniformly.
    package mutating func integer(in range: ClosedRange<Int>) -> Int {
        let count = UInt64(bitPattern: Int64(range.upperBound &- range.lowerBound)) &+ 1
        guard count != 0 else { return Int(truncatingIfNeeded: next()) }
        // The high half of the product is uniform if draws with a low half in the overhang are repeated.
        let overhang = (0 &- count) % count
        while true {
            let product = next().multipliedFullWidth(by: count)
            if product.low >= overhang { return range.lowerBound &+ Int(truncatingIfNeeded: product.high) }
        }
    }

    /// True with the given probability.
    package mutating func chance(_ probability: Double) -> Bool {
        generator.unit() < probability
    }

    /// An element drawn uniformly; nil for an empty collection.
    package mutating func element<Element>(of elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[integer(in: 0...(elements.count - 1))]
    }
}
