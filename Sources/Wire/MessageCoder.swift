package import Reinforcement

/// Messages as frames and back: a JSON header, then raw little-endian arrays.
///
/// Decoding is strict and bounded: exactly the frames a kind has, sizes checked before anything is allocated, a nesting
/// limit, no unknown or repeated key, nothing behind the end. Whatever arrives, it yields a message or a `WireError`.
package enum MessageCoder {
    /// - Throws: `WireError` when the message is larger than the other side would accept.
    package static func encode(_ message: Envelope<WorkerMessage>) throws -> [Frame] { [] }
    package static func encode(_ message: Envelope<CoordinatorMessage>) throws -> [Frame] { [] }

    /// - Throws: `WireError`.
    package static func decodeWorkerMessage(_ frames: [Frame]) throws -> Envelope<WorkerMessage> {
        throw WireError(.frameCount, field: "message", found: "0 frames", wanted: "some")
    }
    /// - Throws: `WireError`.
    package static func decodeCoordinatorMessage(_ frames: [Frame]) throws -> Envelope<CoordinatorMessage> {
        throw WireError(.frameCount, field: "message", found: "0 frames", wanted: "some")
    }
}

/// The weights port's messages as frames and back; as strict as `MessageCoder`.
package enum WeightCoder {
    package static func encode(_ request: WeightRequest) throws -> [Frame] { [] }
    /// For a chunk, the header frame alone may be had with `chunkHeader`, to send the bytes without a copy.
    package static func encode(_ reply: WeightReply) throws -> [Frame] { [] }
    /// The first frame of a chunk reply; the second one is the chunk's bytes.
    package static func chunkHeader(hash: String, size: Int) throws -> Frame { [] }

    /// - Throws: `WireError`.
    package static func decodeRequest(_ frames: [Frame]) throws -> WeightRequest {
        throw WireError(.frameCount, field: "message", found: "0 frames", wanted: "some")
    }
    /// - Throws: `WireError`.
    package static func decodeReply(_ frames: [Frame]) throws -> WeightReply {
        throw WireError(.frameCount, field: "message", found: "0 frames", wanted: "some")
    }
}
