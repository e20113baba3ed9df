import Primitives
import Testing

@testable import Reasoning

struct StableHashTests {
    /// Values of a Python program that shares no code with ours.
    @Test(arguments: [
        ("", 17_665_956_581_633_026_203), ("17*3+58=?", 11_761_132_864_750_378_854),
        ("생각", UInt64(6_465_458_418_825_868_976)),
    ])
    func `hashes are those of another program`(text: String, hash: UInt64) {
        #expect(StableHash.hash(text) == hash)
    }

    @Test func `draws cover a range evenly and stay inside`() {
        var generator = SeededGenerator(seed: 1, stream: .training, index: 0)
        var counts = [Int](repeating: 0, count: 7)
        for _ in 0..<70_000 { counts[generator.integer(in: -3...3) + 3] += 1 }
        #expect(counts.allSatisfy { (9_500...10_500).contains($0) })
    }

    @Test func `the whole range of a number can be drawn from`() {
        var generator = SeededGenerator(seed: 1, stream: .training, index: 0)
        #expect((0..<100).map { _ in generator.integer(in: 5...5) }.allSatisfy { $0 == 5 })
        let wide = (0..<100).map { _ in generator.integer(in: Int.min...Int.max) }
        #expect(Set(wide).count == 100)
    }

    @Test func `streams, indices and seeds do not share draws`() {
        var seen: Set<UInt64> = []
        for seed in UInt64(0)..<10 {
            for stream in [SeededGenerator.Stream.training, .heldOut, .books, .permutation] {
                for index in UInt64(0)..<100 {
                    var generator = SeededGenerator(seed: seed, stream: stream, index: index)
                    seen.insert(generator.next())
                }
            }
        }
        #expect(seen.count == 4000)
    }
}
