/// Random numbers that depend only on the place where they are used.
///
/// The generator is Philox4x32-10 (Salmon, Moraes, Dror, Shaw: Parallel Random Numbers: As Easy as 1, 2, 3.
/// SC 2011), tested against the vectors of the authors' Random123. The run's seed is the key; step, stream,
/// problem, sample and position are the counter. Nothing is stored between calls, so a sample draws the same
/// numbers on every worker and in every batch.
///
///     CounterRandom(seed: 7).uniform(.training, step: 12, problem: 3, sample: 0, position: 41)   // in [0, 1)
package struct CounterRandom: Sendable, Hashable {
    /// The use of the numbers; two streams never share a number.
    package enum Stream: UInt32, Sendable, Hashable, CaseIterable {
        case training, evaluation, direct
        /// Greedy generation takes the likeliest token, whatever number it is given.
        case greedy
        /// The problems of a step.
        ///
        /// A stream's number enters every draw, so it never changes.
        case problems
        /// Everything in the training of a base model.
        case pretraining
        case initialization, tests
    }

    private let key: (UInt32, UInt32)

    package init(seed: UInt64) {
        key = (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    }

    /// 64 random bits; each argument counts modulo 2³², the step modulo 2²⁹.
    package func bits(_ stream: Stream, step: Int, problem: Int, sample: Int, position: Int) -> UInt64 {
        let words = Self.philox(
            counter: (
                UInt32(truncatingIfNeeded: position), UInt32(truncatingIfNeeded: sample),
                UInt32(truncatingIfNeeded: problem),
                UInt32(truncatingIfNeeded: step) << 3 | stream.rawValue
            ),
            key: key)
        return UInt64(words.1) << 32 | UInt64(words.0)
    }

    /// A uniform number in [0, 1), a multiple of 2⁻⁵³.
    package func uniform(_ stream: Stream, step: Int, problem: Int, sample: Int, position: Int) -> Double {
        Double(bits(stream, step: step, problem: problem, sample: sample, position: position) >> 11) * 0x1p-53
    }

    package static func == (left: CounterRandom, right: CounterRandom) -> Bool { left.key == right.key }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(key.0)
        hasher.combine(key.1)
    }

    package typealias Words = (UInt32, UInt32, UInt32, UInt32)

    /// Ten rounds of Philox4x32.
    package static func philox(counter: Words, key: (UInt32, UInt32)) -> Words {
        var (c0, c1, c2, c3) = counter
        var (k0, k1) = key
        for _ in 0..<10 {
            let left = UInt64(c0) * 0xD251_1F53
            let right = UInt64(c2) * 0xCD9E_8D57
            (c0, c1, c2, c3) = (
                UInt32(truncatingIfNeeded: right >> 32) ^ c1 ^ k0, UInt32(truncatingIfNeeded: right),
                UInt32(truncatingIfNeeded: left >> 32) ^ c3 ^ k1, UInt32(truncatingIfNeeded: left)
            )
            k0 &+= 0x9E37_79B9
            k1 &+= 0xBB67_AE85
        }
        return (c0, c1, c2, c3)
    }
}

extension Purpose {
    /// The stream that samples this purpose's tokens.
    package var stream: CounterRandom.Stream {
        switch self {
        case .training: .training
        case .evaluation: .evaluation
        case .direct: .direct
        case .greedy: .greedy
        }
    }
}
