import Primitives
import Reinforcement
import Scheduling
import TestSupport
import Testing
import WeightTransfer

@testable import Wire

struct WeightCoderTests {
    let manifest = Samples.manifest(
        version: PolicyVersion(4), bytes: (0..<80).map { UInt8($0) }, chunkSize: 32)

    @Test func `every weights message survives the wire`() throws {
        for request in [WeightRequest.manifest(PolicyVersion(4)), .chunk(hash: Samples.digest)] {
            #expect(try WeightCoder.decodeRequest(try WeightCoder.encode(request)) == request)
        }
        let replies: [WeightReply] = [
            .manifest(manifest), .manifest(manifest.reached(by: [step(1), step(3)])),
            .chunk(hash: Samples.digest, bytes: [1, 2, 3]),
            .unknownVersion(PolicyVersion(1), newest: nil),
            .unknownVersion(PolicyVersion(1), newest: PolicyVersion(2)), .unknownChunk(hash: Samples.digest),
        ]
        for reply in replies {
            #expect(try WeightCoder.decodeReply(try WeightCoder.encode(reply)) == reply)
        }
    }

    @Test func `chunks cover the blob, and none reaches beyond its tensor`() {
        #expect(manifest.chunks.count == 4)
        #expect(manifest.pieces == [0..<32, 32..<40, 40..<72, 72..<80])
    }

    /// A manifest with one thing wrong.
    private func altered(
        tensors: [WeightManifest.TensorEntry]? = nil, chunkSize: Int? = nil, chunks: [String]? = nil,
        totalBytes: Int? = nil, deltas: [DeltaStep] = []
    ) -> WeightManifest {
        WeightManifest(
            version: manifest.version, tensors: tensors ?? manifest.tensors,
            chunkSize: chunkSize ?? manifest.chunkSize, chunks: chunks ?? manifest.chunks,
            totalBytes: totalBytes ?? manifest.totalBytes, policyHash: manifest.policyHash,
            deltas: deltas)
    }

    private func step(_ base: Int, contents: String = Samples.digest, size: Int = 9) -> DeltaStep {
        DeltaStep(
            base: PolicyVersion(base), contents: contents,
            chunks: [DeltaStep.Chunk(hash: Samples.digest, size: size)])
    }

    private func tensor(
        _ name: String, _ shape: [Int], _ range: Range<Int>
    ) -> WeightManifest.TensorEntry {
        WeightManifest.TensorEntry(
            name: name, dtype: .fp32, shape: shape, range: range)
    }

    @Test func `a manifest that contradicts itself is refused`() throws {
        let wrong = [
            altered(tensors: [tensor("a", [10], 0..<40), tensor("b", [9], 40..<76)]),  // not the whole blob
            altered(tensors: [tensor("a", [9], 0..<36), tensor("b", [10], 40..<80)]),  // a gap
            altered(tensors: [tensor("a", [11], 0..<44), tensor("b", [10], 40..<80)]),  // an overlap
            altered(tensors: [tensor("b", [10], 0..<40), tensor("a", [10], 40..<80)]),  // not in order
            altered(tensors: [tensor("a", [10], 0..<40), tensor("a", [10], 40..<80)]),  // twice
            altered(tensors: [tensor("a", [4_194_305, 4_194_305, 1 << 40], 0..<80)]),  // overflow
            altered(tensors: [tensor("a", [-20], 0..<80)]),
            altered(chunkSize: 0), altered(chunkSize: 16), altered(totalBytes: 81),
            altered(deltas: [step(4)]), altered(deltas: [step(3), step(2)]),
            altered(deltas: [step(1), step(1)]),
            altered(deltas: [step(3, contents: "x")]), altered(deltas: [step(3, size: -1)]),
            altered(chunks: Array(manifest.chunks.dropLast())), altered(chunks: ["x", "y", "z", "0"]),
        ]
        for manifest in wrong {
            #expect(throws: WireError.self) { try manifest.check() }
            #expect(throws: WireError.self) { try WeightCoder.encode(.manifest(manifest)) }
            // The sender's own check aside, the receiver's must not let it through either.
            let header = try MessageCoder.header(.unknown, "manifest", manifest.json)
            #expect(throws: WireError.self) {
                try WeightCoder.decodeReply([
                    header, manifest.chunks.allSatisfy(Hexadecimal.isDigest) ? manifest.chunkFrame : [1],
                ])
            }
        }
    }

    @Test func `a chunk of another size than its header says is refused`() throws {
        let frames = [try WeightCoder.chunkHeader(hash: Samples.digest, size: 4), [1, 2, 3]]
        let error = #expect(throws: WireError.self) { try WeightCoder.decodeReply(frames) }
        #expect(error?.code == .frameSize)
    }
}
