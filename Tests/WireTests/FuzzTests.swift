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
        let seeds = try Self.seeds()
        var random = SplitMix(seed: UInt64(share) + 1)
        var (accepted, refused) = (0, 0)
        for _ in 0..<Self.count / 4 {
            let frames = Self.mutated(seeds[random.below(seeds.count)], &random)
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

    private static func seeds() throws -> [[Frame]] {
        var seeds = try Samples.workerMessages.map {
            try MessageCoder.encode(Envelope(stamp: Samples.stamp, message: $0))
        }
        seeds += try Samples.coordinatorMessages.map {
            try MessageCoder.encode(Envelope(stamp: Samples.stamp, message: $0))
        }
        let manifest = Samples.manifest(
            version: PolicyVersion(4), bytes: (0..<80).map { UInt8($0) }, chunkSize: 32)
        seeds.append(try WeightCoder.encode(.manifest(manifest)))
        seeds.append(try WeightCoder.encode(WeightRequest.chunk(hash: Samples.digest)))
        return seeds
    }

    private static func mutated(_ message: [Frame], _ random: inout SplitMix) -> [Frame] {
        var frames = message
        for _ in 0...random.below(3) {
            guard !frames.isEmpty else { return frames }
            let index = random.below(3) == 0 ? random.below(frames.count) : 0
            switch random.below(10) {
            case 0: frames[index] = (0..<random.below(64)).map { _ in random.byte() }
            case 1: frames.remove(at: index)
            case 2: frames.insert(frames[index], at: index)
            case 3: frames[index] = Array(frames[index].prefix(random.below(frames[index].count + 1)))
            case 4: frames[index].append(random.byte())
            case 5: frames.append(contentsOf: [Frame](repeating: [], count: random.below(6)))
            case 6: Self.splice(&frames[index], &random)
            default:
                guard !frames[index].isEmpty else { continue }
                frames[index][random.below(frames[index].count)] = random.byte()
            }
        }
        return frames
    }

    /// Puts a token that parsers trip over somewhere.
    private static func splice(_ frame: inout Frame, _ random: inout SplitMix) {
        let tokens = [
            "{", "}", "[", "]", "\"", ",", ":", "null", "true", "-", "1e9", "\\u", "\\ud800", "0",
            "9999999999999999999",
            "-9223372036854775808", "{\"a\":", "\u{0}", "생",
        ]
        let place = random.below(frame.count + 1)
        frame.replaceSubrange(
            place..<min(frame.count, place + random.below(3)),
            with: Array(tokens[random.below(tokens.count)].utf8))
    }

    @Test(arguments: [0, 1, 2, 5, 6, 1000])
    func `empty frames in any number are refused`(_ count: Int) {
        #expect(!Self.decodes([Frame](repeating: [], count: count)))
    }
}
