import Reinforcement
import Scheduling
import WeightTransfer
package import Wire

/// Messages that are nearly valid.
package enum MutatedMessages {
    /// A message of every kind, as it goes over the wire.
    package static func seeds() throws -> [[Frame]] {
        var seeds = try Samples.workerMessages.map {
            try MessageCoder.encode(Envelope(stamp: Samples.stamp, message: $0))
        }
        seeds += try Samples.coordinatorMessages.map {
            try MessageCoder.encode(Envelope(stamp: Samples.stamp, message: $0))
        }
        let manifest = Samples.manifest(
            version: PolicyVersion(4), bytes: (0..<80).map { UInt8($0) }, chunkSize: 32)
        seeds.append(try WeightCoder.encode(.manifest(manifest)))
        let seal = WeightSeal(
            key: [UInt8](repeating: 7, count: 32), address: .port(5557),
            names: manifest.chunks.map { _ in Samples.digest })
        seeds.append(try WeightCoder.encode(.manifest(manifest.sealed(by: seal))))
        seeds.append(try WeightCoder.encode(WeightRequest.chunk(hash: Samples.digest)))
        return seeds
    }

    /// The message with one to three changes that a broken or hostile peer might make.
    package static func mutated(_ message: [Frame], _ random: inout SplitMix) -> [Frame] {
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

    /// Inserts a token that parsers often mishandle at a random place.
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
}
