import Reinforcement
import Testing

struct CounterRandomTests {
    /// From Random123's kat_vectors, philox4x32 with 10 rounds.
    @Test func `Philox gives the published answers`() {
        let answers: [(CounterRandom.Words, (UInt32, UInt32), CounterRandom.Words)] = [
            ((0, 0, 0, 0), (0, 0), (0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8)),
            (
                (.max, .max, .max, .max), (.max, .max),
                (0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd)
            ),
            (
                (0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344), (0xa409_3822, 0x299f_31d0),
                (0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1)
            ),
        ]
        for (counter, key, answer) in answers {
            #expect(CounterRandom.philox(counter: counter, key: key) == answer)
        }
    }

    @Test func `the key is the seed, and the counter is position, sample, problem, step and stream`() {
        let random = CounterRandom(seed: 0x299f_31d0_a409_3822)
        let words = CounterRandom.philox(
            counter: (41, 5, 3, 12 << 3 | CounterRandom.Stream.evaluation.rawValue),
            key: (0xa409_3822, 0x299f_31d0))
        #expect(
            random.bits(.evaluation, step: 12, problem: 3, sample: 5, position: 41)
                == UInt64(words.1) << 32 | UInt64(words.0))
    }

    @Test func `every part of the key changes the number`() {
        let random = CounterRandom(seed: 1)
        let numbers: [UInt64] =
            [
                random.bits(.training, step: 1, problem: 1, sample: 1, position: 1),
                CounterRandom(seed: 2).bits(.training, step: 1, problem: 1, sample: 1, position: 1),
                CounterRandom(seed: 1 + 1 << 32).bits(.training, step: 1, problem: 1, sample: 1, position: 1),
                random.bits(.training, step: 2, problem: 1, sample: 1, position: 1),
                random.bits(.training, step: 1, problem: 2, sample: 1, position: 1),
                random.bits(.training, step: 1, problem: 1, sample: 2, position: 1),
                random.bits(.training, step: 1, problem: 1, sample: 1, position: 2),
            ]
            + CounterRandom.Stream.allCases.dropFirst().map {
                random.bits($0, step: 1, problem: 1, sample: 1, position: 1)
            }
        #expect(Set(numbers).count == numbers.count)
    }

    @Test func `uniform numbers fill the interval from 0 up to but not 1`() {
        let random = CounterRandom(seed: 3)
        let numbers = (0..<20_000).map {
            random.uniform(.training, step: 0, problem: 0, sample: $0 / 200, position: $0 % 200)
        }
        #expect(numbers.allSatisfy { (0..<1).contains($0) })
        // Each of 16 bins has 1250 on average, with a standard deviation of 34.
        let bins = Dictionary(grouping: numbers) { Int($0 * 16) }.mapValues(\.count)
        #expect(bins.count == 16)
        #expect(bins.values.allSatisfy { abs($0 - 1250) < 170 })
    }

    @Test func `every purpose samples from a stream of its own`() {
        let purposes = Purpose.allCases
        #expect(Set(purposes.map(\.stream)).count == purposes.count)
        #expect(!purposes.map(\.stream).contains(.problems))
        // Streams share 3 bits of the counter.
        #expect(CounterRandom.Stream.allCases.allSatisfy { $0.rawValue < 8 })
    }
}
