import Reinforcement
import Wire
import ZeroMQ

/// The versions a weight server holds, ready to be sent: at most the newest two.
struct WeightShelf {
    /// A published version; everything that can be prepared is, once, before any worker asks.
    struct Version: Sendable {
        let version: PolicyVersion
        let manifest: [Frame]
        let buffer: SharedBuffer
        /// Chunks by hash: the header to send and where the bytes are.
        let chunks: [String: (header: Frame, range: Range<Int>)]

        /// - Throws: `WireError` when the manifest contradicts itself or the bytes.
        init(_ manifest: WeightManifest, bytes: WeightBytes) throws {
            guard bytes.count == manifest.totalBytes else {
                throw WireError(
                    .outOfRange, field: "manifest.totalBytes", found: "\(manifest.totalBytes)",
                    wanted: "the blob's \(bytes.count)")
            }
            version = manifest.version
            self.manifest = try WeightCoder.encode(.manifest(manifest))
            buffer = SharedBuffer(bytes.bytes)
            var chunks: [String: (header: Frame, range: Range<Int>)] = [:]
            for (index, hash) in manifest.chunks.enumerated() {
                let range = manifest.byteRange(ofChunk: index)
                chunks[hash] = (try WeightCoder.chunkHeader(hash: hash, size: range.count), range)
            }
            self.chunks = chunks
        }
    }

    private var versions: [Version] = []

    /// Adds a version, or replaces it, and lets go of all but the one published before it.
    mutating func publish(_ version: Version) {
        versions.removeAll { $0.version == version.version }
        versions = versions.suffix(1) + [version]
    }

    /// The parts that answer a request.
    func reply(to request: WeightRequest) throws -> [Part] {
        switch request {
        case .manifest(let version):
            if let held = versions.first(where: { $0.version == version }) {
                return held.manifest.map { .bytes($0) }
            }
            let reply = WeightReply.unknownVersion(version, newest: versions.last?.version)
            return try WeightCoder.encode(reply).map { .bytes($0) }
        case .chunk(let hash):
            for version in versions.reversed() {
                guard let chunk = version.chunks[hash] else { continue }
                return [.bytes(chunk.header), .shared(version.buffer, chunk.range)]
            }
            return try WeightCoder.encode(.unknownChunk(hash: hash)).map { .bytes($0) }
        }
    }
}
