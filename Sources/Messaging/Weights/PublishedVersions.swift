import Primitives
import Reinforcement
import WeightTransfer
import Wire
import ZeroMQ

/// The versions that a weight server serves: at most the newest two.
struct PublishedVersions {
    /// A published version, with its replies prepared once for all workers.
    struct Version: Sendable {
        let version: PolicyVersion
        /// The frames of the manifest; nil on the port for sealed chunks, which gives out no manifest.
        let manifest: [Frame]?
        /// The chunks, of the blob and of the deltas, by hash: the header to send and the place of the bytes.
        let chunks: [String: (header: Frame, buffer: SharedBuffer, range: Range<Int>)]

        /// - Parameter deltas: the deltas that the manifest names.
        /// - Throws: `WireError` when the manifest contradicts itself or does not fit the bytes.
        init(_ manifest: WeightManifest, bytes: SharedBuffer, deltas: [WeightDelta] = []) throws {
            guard bytes.count == manifest.totalBytes else {
                throw WireError(
                    .outOfRange, field: "manifest.totalBytes", found: "\(manifest.totalBytes)",
                    wanted: "the blob's \(bytes.count)")
            }
            version = manifest.version
            self.manifest = try WeightCoder.encode(.manifest(manifest))
            let buffer = bytes
            var chunks: [String: (header: Frame, buffer: SharedBuffer, range: Range<Int>)] = [:]
            for delta in deltas {
                for (chunk, bytes) in zip(delta.step.chunks, delta.chunks) {
                    let header = try WeightCoder.chunkHeader(hash: chunk.hash, size: chunk.size)
                    chunks[chunk.hash] = (header, bytes, 0..<bytes.count)
                }
            }
            for (range, hash) in zip(manifest.pieces, manifest.chunks) {
                chunks[hash] = (try WeightCoder.chunkHeader(hash: hash, size: range.count), buffer, range)
            }
            self.chunks = chunks
        }

        /// The sealed chunks of a version, which any peer may have.
        init(_ version: PolicyVersion, _ sealed: SealedChunks) throws {
            self.version = version
            manifest = nil
            var chunks: [String: (header: Frame, buffer: SharedBuffer, range: Range<Int>)] = [:]
            for (name, bytes) in zip(sealed.seal.names, sealed.chunks) {
                let header = try WeightCoder.chunkHeader(hash: name, size: bytes.count)
                chunks[name] = (header, bytes, 0..<bytes.count)
            }
            self.chunks = chunks
        }
    }

    private var versions: [Version] = []

    /// Adds or replaces a version, and drops all others but the one published before it.
    mutating func publish(_ version: Version) {
        versions.removeAll { $0.version == version.version }
        versions = versions.suffix(1) + [version]
    }

    /// The parts of the reply to a request.
    func reply(to request: WeightRequest) throws -> [Part] {
        switch request {
        case .manifest(let version):
            if let manifest = versions.first(where: { $0.version == version })?.manifest {
                return manifest.map { .bytes($0) }
            }
            let newest = versions.last.flatMap { $0.manifest == nil ? nil : $0.version }
            let reply = WeightReply.unknownVersion(version, newest: newest)
            return try WeightCoder.encode(reply).map { .bytes($0) }
        case .chunk(let hash):
            for version in versions.reversed() {
                guard let chunk = version.chunks[hash] else { continue }
                return [.bytes(chunk.header), .shared(chunk.buffer, chunk.range)]
            }
            return try WeightCoder.encode(.unknownChunk(hash: hash)).map { .bytes($0) }
        }
    }
}
