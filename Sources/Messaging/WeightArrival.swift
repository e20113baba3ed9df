import Wire

/// A version on its way in: the blob, and which of its chunks are there and have been hashed.
struct WeightArrival: Sendable {
    let manifest: WeightManifest
    private var bytes: [UInt8]
    /// Hashes of the chunks that are not there, with their places: equal chunks are asked for once.
    private(set) var missing: [String: [Int]]
    private var unasked: ArraySlice<String>

    init(_ manifest: WeightManifest) {
        self.manifest = manifest
        bytes = [UInt8](repeating: 0, count: manifest.totalBytes)
        var places: [String: [Int]] = [:]
        var order: [String] = []
        for (index, hash) in manifest.chunks.enumerated() {
            if places[hash] == nil { order.append(hash) }
            places[hash, default: []].append(index)
        }
        missing = places
        unasked = order[...]
    }

    /// The first chunk in the blob that is not there.
    var firstMissing: Int? { missing.values.compactMap(\.first).min() }

    /// A missing chunk that nobody has asked for.
    mutating func nextToAsk() -> String? {
        while let hash = unasked.popFirst() {
            if missing[hash] != nil { return hash }
        }
        return nil
    }

    /// Puts a chunk in its places if it is what its name says; false if not.
    mutating func accept(_ chunk: UnsafeRawBufferPointer, hash: String) -> Bool {
        guard let places = missing[hash],
            places.allSatisfy({ manifest.byteRange(ofChunk: $0).count == chunk.count }),
            ContentHash.text(of: chunk) == hash
        else { return false }
        missing[hash] = nil
        for place in places {
            let range = manifest.byteRange(ofChunk: place)
            bytes.withUnsafeMutableBytes {
                UnsafeMutableRawBufferPointer(rebasing: $0[range]).copyBytes(from: chunk)
            }
        }
        return true
    }

    /// Takes what another arrival has of the same chunks; hashed again, so it cannot be wrong.
    mutating func takeOver(_ other: WeightArrival) {
        for (index, hash) in other.manifest.chunks.enumerated()
        where other.missing[hash] == nil && missing[hash] != nil {
            other.bytes.withUnsafeBytes { bytes in
                _ = accept(
                    UnsafeRawBufferPointer(rebasing: bytes[other.manifest.byteRange(ofChunk: index)]),
                    hash: hash)
            }
        }
    }

    /// A tensor whose bytes do not have its hash; nil when all do.
    var firstTornTensor: String? {
        bytes.withUnsafeBytes { bytes in
            manifest.tensors.first {
                ContentHash.text(of: UnsafeRawBufferPointer(rebasing: bytes[$0.range])) != $0.hash
            }?
            .name
        }
    }

    /// The blob, moved out without a copy.
    mutating func takeBytes() -> [UInt8] {
        let taken = bytes
        bytes = []
        return taken
    }
}
