import Scheduling
import StrictJSON
package import WeightTransfer

/// Encodes and decodes the weights port's messages, as strictly as `MessageCoder`.
///
/// Headers carry no run: a manifest belongs to the server that was dialed, and chunks are named by their content.
package enum WeightCoder {
    /// Encodes a request as one frame.
    package static func encode(_ request: WeightRequest) throws -> [Frame] {
        switch request {
        case .manifest(let version):
            return [try MessageCoder.header(.unknown, "getManifest", ["version": .version(version)])]
        case .chunk(let hash):
            return [try MessageCoder.header(.unknown, "getChunk", ["hash": .string(hash)])]
        }
    }

    /// Decodes a request, for the server.
    ///
    /// - Throws: `WireError`.
    package static func decodeRequest(_ frames: [Frame]) throws -> WeightRequest {
        let header = try Header.read(frames, largest: WireProtocol.header) { _ in WireProtocol.header }
        try header.require(1, of: frames)
        switch header.kind {
        case "getManifest":
            return .manifest(
                try ObjectReader.read(header.body, path: "getManifest") { try $0.version("version") })
        case "getChunk":
            return .chunk(
                hash: try ObjectReader.read(header.body, path: "getChunk") { try $0.digest("hash") })
        default:
            throw header.unknownKind()
        }
    }

    /// Encodes a reply as frames.
    ///
    /// To send a chunk's bytes without a copy, take `chunkHeader` and add them as the second frame.
    ///
    /// - Throws: `WireError` when the other side would not accept it.
    package static func encode(_ reply: WeightReply) throws -> [Frame] {
        switch reply {
        case .manifest(let manifest):
            try manifest.check()
            return [
                try MessageCoder.header(
                    .unknown, "manifest", manifest.json, limit: WireProtocol.manifestHeader),
                manifest.chunkFrame,
            ]
        case .chunk(let hash, let bytes):
            return [try chunkHeader(hash: hash, size: bytes.count), bytes]
        case .unknownVersion(let version, let newest):
            return [
                try MessageCoder.header(
                    .unknown, "unknownVersion", ["version": .version(version), "newest": .version(newest)])
            ]
        case .unknownChunk(let hash):
            return [try MessageCoder.header(.unknown, "unknownChunk", ["hash": .string(hash)])]
        }
    }

    /// The first frame of a chunk reply; the second one is the chunk's bytes.
    package static func chunkHeader(hash: String, size: Int) throws -> Frame {
        guard size <= WireProtocol.largestFrame else {
            throw WireError(
                .frameSize, field: "chunk", found: "\(size) bytes",
                wanted: "at most \(WireProtocol.largestFrame)")
        }
        return try MessageCoder.header(.unknown, "chunk", ["hash": .string(hash), "size": .integer(size)])
    }

    /// The hash in the first frame of a chunk reply; nil when it is the first frame of another reply.
    ///
    /// It serves a reader that uses the second frame in place, without a copy.
    ///
    /// - Parameter size: bytes of the second frame.
    /// - Throws: `WireError`.
    package static func chunkHash(_ frame: Frame, size: Int) throws -> String? {
        let header = try Header.read([frame], largest: WireProtocol.manifestHeader) { kind in
            kind == "manifest" ? WireProtocol.manifestHeader : WireProtocol.header
        }
        return header.kind == "chunk" ? try chunkHash(header, size: size) : nil
    }

    private static func chunkHash(_ header: Header, size: Int) throws -> String {
        let (hash, said) = try ObjectReader.read(header.body, path: "chunk") { fields in
            (try fields.digest("hash"), try fields.integer("size", in: 0...WireProtocol.largestFrame))
        }
        guard said == size else {
            throw WireError(.frameSize, field: "chunk", found: "\(size) bytes", wanted: "\(said) bytes")
        }
        return hash
    }

    /// Decodes a reply, for the worker.
    ///
    /// - Throws: `WireError`.
    package static func decodeReply(_ frames: [Frame]) throws -> WeightReply {
        let header = try Header.read(frames, largest: WireProtocol.manifestHeader) { kind in
            kind == "manifest" ? WireProtocol.manifestHeader : WireProtocol.header
        }
        try header.require(header.kind == "manifest" || header.kind == "chunk" ? 2 : 1, of: frames)
        switch header.kind {
        case "manifest":
            return .manifest(try WeightManifest(json: header.body, chunkFrame: frames[1]))
        case "chunk":
            let hash = try chunkHash(header, size: frames[1].count)
            return .chunk(hash: hash, bytes: frames[1])
        case "unknownVersion":
            return try ObjectReader.read(header.body, path: "unknownVersion") { fields in
                .unknownVersion(try fields.version("version"), newest: try fields.optionalVersion("newest"))
            }
        case "unknownChunk":
            return .unknownChunk(
                hash: try ObjectReader.read(header.body, path: "unknownChunk") { try $0.digest("hash") })
        default:
            throw header.unknownKind()
        }
    }
}
