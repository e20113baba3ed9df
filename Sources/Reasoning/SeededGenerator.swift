import Primitives

/// Numbers that follow from a seed, a stream and an index alone: SplitMix64.
///
/// Draws are spelled out here because the standard library does not promise that its own stay the same.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    /// What the numbers are for; each use has its own, so that no two uses share a draw.
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

    /// A number of the range, each equally likely.
    package mutating func integer(in range: ClosedRange<Int>) -> Int {
        let count = UInt64(bitPattern: Int64(range.upperBound &- range.lowerBound)) &+ 1
        guard count != 0 else { return Int(truncatingIfNeeded: next()) }
        // The high half of a product is uniform once the overhanging low halves are drawn again.
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

    /// One of the elements, each equally likely; nil of none.
    package mutating func element<Element>(of elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[integer(in: 0...(elements.count - 1))]
    }
}
