package import Primitives

/// A version that is being fetched: the blob, the chunks that are missing, and the deltas that may replace them.
package struct WeightArrival: Sendable {
    package let manifest: WeightManifest
    private var bytes: [UInt8]
    /// The hashes of the missing chunks and their places in the blob.
    ///
    /// Equal chunks are fetched once.
    private(set) var missing: [String: [Int]]
    private var unasked: ArraySlice<String>
    /// The deltas from the held version, nil when they are not used.
    private var route: DeltaRoute?

    /// - Parameter held: a complete version, whose equal chunks are not fetched again.
    package init(_ manifest: WeightManifest, held: HeldWeights? = nil) {
        self.manifest = manifest
        let base = held.flatMap { $0.manifest.isLaidOut(as: manifest) ? $0 : nil }
        var places: [String: [Int]] = [:]
        var order: [String] = []
        for (index, hash) in manifest.chunks.enumerated() where base?.manifest.chunks[index] != hash {
            if places[hash] == nil { order.append(hash) }
            places[hash, default: []].append(index)
        }
        let left = order.reduce(0) { $0 + (places[$1].map { manifest.pieces[$0[0]].count } ?? 0) }
        missing = places
        unasked = order[...]
        route = base.flatMap { DeltaRoute(from: $0, to: manifest, shorterThan: left) }
        if let base, route != nil || order.count < manifest.chunks.count {
            // Copied on the first write: the held version stays as it is until this one is complete.
            bytes = base.bytes.bytes
        } else {
            // Uninitialized, and not read before every chunk has been written.
            bytes = [UInt8](unsafeUninitializedCapacity: manifest.totalBytes) { $1 = manifest.totalBytes }
        }
    }

    /// The first missing chunk in the blob.
    package var firstMissing: Int? { missing.values.compactMap(\.first).min() }

    /// Chunks that are still to arrive, as far as is known.
    package var left: Int { route?.left ?? missing.count }

    /// Whether a hash names a chunk of a delta, which full chunks can replace.
    package func isOfDelta(_ hash: String) -> Bool { route?.wants(hash) ?? false }

    /// The next missing chunk to ask for, nil when all have been asked for.
    package mutating func nextToAsk() -> String? {
        if route != nil { return route?.nextToAsk() }
        while let hash = unasked.popFirst() {
            if missing[hash] != nil { return hash }
        }
        return nil
    }

    /// Writes a chunk to its places.
    ///
    /// - Returns: false when the bytes do not have this hash, or the chunk is not missing.
    package mutating func accept(_ chunk: UnsafeRawBufferPointer, hash: String) -> Bool {
        if isOfDelta(hash) {
            guard ContentHash.text(of: chunk) == hash else { return false }
            route?.take([UInt8](chunk), hash: hash)
            if route?.left == 0 { arriveByDelta() }
            return true
        }
        guard let places = missing[hash],
            places.allSatisfy({ manifest.pieces[$0].count == chunk.count }),
            ContentHash.text(of: chunk) == hash
        else { return false }
        missing[hash] = nil
        for place in places {
            bytes.withUnsafeMutableBytes {
                UnsafeMutableRawBufferPointer(rebasing: $0[manifest.pieces[place]]).copyBytes(from: chunk)
            }
        }
        return true
    }

    /// Gives the deltas up; full chunks replace them.
    package mutating func leaveRoute() { route = nil }

    /// Takes equal chunks over from another arrival, and hashes them again.
    package mutating func takeOver(_ other: WeightArrival) {
        for (index, hash) in other.manifest.chunks.enumerated()
        where other.missing[hash] == nil && missing[hash] != nil {
            other.bytes.withUnsafeBytes { bytes in
                _ = accept(UnsafeRawBufferPointer(rebasing: bytes[other.manifest.pieces[index]]), hash: hash)
            }
        }
        if missing.isEmpty { route = nil }
    }

    /// Moves the blob out without a copy.
    package mutating func takeBytes() -> [UInt8] {
        let taken = bytes
        bytes = []
        return taken
    }

    /// Applies the deltas and hashes the result.
    ///
    /// A chunk that is wrong after that stays missing and is fetched in full.
    private mutating func arriveByDelta() {
        guard let route else { return }
        self.route = nil
        let places = missing.values.flatMap { $0 }
        let hashes = bytes.withUnsafeMutableBytes { blob in
            for chunk in route.chunks {
                do {
                    try WeightDelta.apply(chunk, to: blob)
                } catch {
                    break
                }
            }
            return ContentHash.texts(of: places.map { manifest.pieces[$0] }, in: UnsafeRawBufferPointer(blob))
        }
        var wrong: [String: [Int]] = [:]
        for (place, hash) in zip(places, hashes) where hash != manifest.chunks[place] {
            // All places of the chunk, because its arrival writes every one.
            wrong[manifest.chunks[place]] = missing[manifest.chunks[place]]
        }
        missing = wrong
    }
}

/// A version that has arrived completely.
package struct HeldWeights: Sendable {
    package let manifest: WeightManifest
    package let bytes: SharedBuffer

    package init(manifest: WeightManifest, bytes: SharedBuffer) {
        self.manifest = manifest
        self.bytes = bytes
    }
}
