import Foundation
import Reinforcement
import TestSupport
import Testing

@testable import Wire

/// Whatever bytes arrive, decoding ends with a message or a `WireError`: anything else would end the test process.
struct FuzzTests {
    /// Messages in all; `PONDER_FUZZ=1000000` tries a million.
    private static let count =
        ProcessInfo.processInfo.environment["PONDER_FUZZ"].flatMap { Int($0) } ?? 100_000

    @Test(arguments: 0..<4)
    func `a hundred thousand mutated and random messages never crash the decoders`(_ share: Int) throws {
        let seeds = try MutatedMessages.seeds()
        var random = SplitMix(seed: UInt64(share) + 1)
        var (accepted, refused) = (0, 0)
        for _ in 0..<Self.count / 4 {
            let frames = MutatedMessages.mutated(seeds[random.below(seeds.count)], &random)
            if Self.decodes(frames) { accepted += 1 } else { refused += 1 }
        }
        // A fuzzer that is refused at the door, or that changes nothing, tests nothing.
        #expect(accepted > Self.count / 400)
        #expect(refused > Self.count / 10)
    }

    /// Each decoder sees the frames; true when any took them.
    private static func decodes(_ frames: [Frame]) -> Bool {
        let decoders: [([Frame]) throws -> Void] = [
            { _ = try MessageCoder.decodeWorkerMessage($0) },
            { _ = try MessageCoder.decodeCoordinatorMessage($0) },
            { _ = try WeightCoder.decodeRequest($0) }, { _ = try WeightCoder.decodeReply($0) },
        ]
        var isTaken = false
        for decode in decoders {
            do {
                try decode(frames)
                isTaken = true
            } catch {
                #expect(error is WireError)
            }
        }
        return isTaken
    }

    @Test(arguments: [0, 1, 2, 5, 6, 1000])
    func `empty frames in any number are refused`(_ count: Int) {
        #expect(!Self.decodes([Frame](repeating: [], count: count)))
    }
}
