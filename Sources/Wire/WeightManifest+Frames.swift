import Primitives
import Reinforcement
import StrictJSON
import WeightTransfer

// A manifest is two frames: the header with its tensors, then the hashes of its chunks, 32 bytes each,
// followed by those of the sealed chunks if it has a seal.

extension WeightManifest {
    /// - Throws: `WireError` when tensors leave gaps, sizes contradict shapes, or chunks do not cover the blob.
    package func check() throws {
        var end = 0
        var previous: String?
        for tensor in tensors {
            let path = "manifest.\(tensor.name.prefix(128))"
            if let previous, previous >= tensor.name {
                throw WireError(
                    .outOfRange, field: path, found: "behind \(previous)", wanted: "names that rise")
            }
            previous = tensor.name
            guard let size = tensor.byteCount else {
                throw WireError(
                    .outOfRange, field: path, found: "shape \(tensor.shape)", wanted: "a size of 63 bits")
            }
            guard tensor.range.lowerBound == end, tensor.range.count == size else {
                throw WireError(
                    .outOfRange, field: path, found: "bytes \(tensor.range)",
                    wanted: "\(size) bytes from \(end)")
            }
            end = tensor.range.upperBound
        }
        guard end == totalBytes, (1...WireProtocol.largestFrame).contains(chunkSize) else {
            throw WireError(
                .outOfRange, field: "manifest.totalBytes",
                found: "\(totalBytes) in chunks of \(chunkSize)",
                wanted: "\(end) in chunks of 1 to \(WireProtocol.largestFrame)")
        }
        guard chunks.count == pieces.count else {
            throw WireError(
                .outOfRange, field: "manifest.chunks", found: "\(chunks.count)",
                wanted: chunks.count < pieces.count ? "more" : "\(pieces.count)")
        }
        try checkDeltas()
        try checkSeal()
        let named = chunkNames + [policyHash] + deltas.map(\.contents) + (seal?.names ?? [])
        if let hash = named.first(where: { !Hexadecimal.isDigest($0) }) {
            throw WireError(
                .outOfRange, field: "manifest.chunks", found: "\"\(hash.prefix(80))\"",
                wanted: "a SHA-256 in lowercase hexadecimal")
        }
    }

    /// Checks that the chain ends here and that each step begins at a later version than the one before it.
    private func checkDeltas() throws {
        for (index, step) in deltas.enumerated() {
            let end = index + 1 < deltas.count ? deltas[index + 1].base : version
            guard step.base < end, step.size >= 0 else {
                throw WireError(
                    .outOfRange, field: "manifest.deltas", found: "a step from \(step.base.rawValue)",
                    wanted: "one from before \(end.rawValue)")
            }
        }
        guard deltas.count <= WireProtocol.deltas else {
            throw WireError(
                .outOfRange, field: "manifest.deltas", found: "\(deltas.count)",
                wanted: "at most \(WireProtocol.deltas)")
        }
    }

    private func checkSeal() throws {
        guard let seal else { return }
        guard seal.names.count == chunkNames.count else {
            throw WireError(
                .outOfRange, field: "manifest.seal", found: "\(seal.names.count) chunks",
                wanted: "\(chunkNames.count)")
        }
        guard seal.key.count == 32 else {
            throw WireError(
                .outOfRange, field: "manifest.seal.key", found: "\(seal.key.count) bytes", wanted: "32")
        }
    }

    var json: JSONValue {
        [
            "version": .version(version), "chunkSize": .integer(chunkSize),
            "totalBytes": .integer(totalBytes),
            "policy": .string(policyHash),
            "tensors": .array(
                tensors.map { tensor in
                    [
                        "name": .string(tensor.name), "dtype": .string(tensor.dtype.rawValue),
                        "shape": .array(tensor.shape.map { .integer($0) }),
                        "start": .integer(tensor.range.lowerBound), "end": .integer(tensor.range.upperBound),
                    ]
                }),
            "deltas": .array(deltas.map(\.json)), "seal": seal?.json ?? .null,
        ]
    }

    var chunkFrame: Frame { Hexadecimal.bytes(of: chunks) + Hexadecimal.bytes(of: seal?.names ?? []) }

    /// - Throws: `WireError`.
    init(json: JSONValue, chunkFrame: Frame) throws {
        guard chunkFrame.count.isMultiple(of: 32), chunkFrame.count <= WireProtocol.largestFrame else {
            throw WireError(
                .frameSize, field: "manifest.chunks", found: "\(chunkFrame.count) bytes",
                wanted: "32 bytes a chunk, at most \(WireProtocol.largestFrame)")
        }
        let hashes = stride(from: 0, to: chunkFrame.count, by: 32).map {
            Hexadecimal.text(of: chunkFrame[$0..<$0 + 32])
        }
        self = try ObjectReader.read(json, path: "manifest") { fields in
            let tensors = try fields.array("tensors", atMost: WireProtocol.tensors) { value, path in
                try TensorEntry(json: value, path: path)
            }
            let chunkSize = try fields.integer("chunkSize", in: 1...WireProtocol.largestFrame)
            let sealed = try fields.value("seal")
            // `check` finds hashes that are too many or too few.
            let own =
                sealed == .null
                ? hashes.count
                : min(hashes.count, Self.cut(tensors, chunkSize: chunkSize, atMost: hashes.count).count)
            return WeightManifest(
                version: try fields.version("version"), tensors: tensors, chunkSize: chunkSize,
                chunks: Array(hashes[..<own]),
                totalBytes: try fields.integer("totalBytes", in: 0...1 << 48),
                policyHash: try fields.digest("policy"),
                deltas: try fields.array("deltas", atMost: WireProtocol.deltas) { value, path in
                    try DeltaStep(json: value, path: path)
                },
                seal: sealed == .null ? nil : try WeightSeal(json: sealed, names: Array(hashes[own...])))
        }
        try check()
    }
}

extension WeightManifest.TensorEntry {
    /// Size of the tensor by its shape and type, bytes; nil when it overflows.
    package var byteCount: Int? {
        var size = dtype.size
        for side in shape {
            let (product, overflow) = size.multipliedReportingOverflow(by: side)
            guard !overflow, side >= 0 else { return nil }
            size = product
        }
        return size
    }

    init(json: JSONValue, path: String) throws {
        self = try ObjectReader.read(json, path: path) { fields in
            let start = try fields.integer("start", in: 0...1 << 48)
            let end = try fields.integer("end", in: start...1 << 48)
            return WeightManifest.TensorEntry(
                name: try fields.string("name", atMost: WireProtocol.name),
                dtype: try fields.choice("dtype", Precision.self),
                shape: try fields.array("shape", atMost: WireProtocol.shape) { value, path in
                    guard case .integer(let side) = value, side >= 0 else {
                        throw WireError(.wrongType, field: path, found: value.summary, wanted: "a side")
                    }
                    return side
                },
                range: start..<end)
        }
    }
}

extension DeltaStep {
    var json: JSONValue {
        [
            "base": .version(base), "contents": .string(contents),
            "chunks": .array(chunks.map { ["hash": .string($0.hash), "size": .integer($0.size)] }),
        ]
    }

    init(json: JSONValue, path: String) throws {
        self = try ObjectReader.read(json, path: path) { fields in
            DeltaStep(
                base: try fields.version("base"), contents: try fields.digest("contents"),
                chunks: try fields.array("chunks", atMost: WireProtocol.deltaChunks) { value, path in
                    try ObjectReader.read(value, path: path) { fields in
                        Chunk(
                            hash: try fields.digest("hash"),
                            size: try fields.integer("size", in: 1...WireProtocol.largestFrame))
                    }
                })
        }
    }
}

extension WeightSeal {
    var json: JSONValue { ["key": .string(Hexadecimal.text(of: key)), "address": address.json] }

    init(json: JSONValue, names: [String]) throws {
        self = try ObjectReader.read(json, path: "manifest.seal") { fields in
            WeightSeal(
                key: Hexadecimal.bytes(of: try fields.digest("key")),
                address: try WeightsAddress(json: try fields.value("address"), path: "manifest.seal.address"),
                names: names)
        }
    }
}
