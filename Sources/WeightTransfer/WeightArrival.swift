package import Primitives

/// A version on its way in: the blob, which of its chunks are there and have been hashed, and the deltas that are
/// to lead there.
package struct WeightArrival: Sendable {
    package let manifest: WeightManifest
    private var bytes: [UInt8]
    /// Hashes of the chunks that are not there, with their places: equal chunks are asked for once.
    private(set) var missing: [String: [Int]]
    private var unasked: ArraySlice<String>
    /// The way from what was held, as long as it is gone.
    private var route: DeltaRoute?

    /// - Parameter held: a whole version; what it shares with this one need not come again.
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
            // Copied when the first chunk comes: what is held stays as it is until this version is whole.
            bytes = base.bytes.bytes
        } else {
            // Never read before every chunk has been written.
            bytes = [UInt8](unsafeUninitializedCapacity: manifest.totalBytes) { $1 = manifest.totalBytes }
        }
    }

    /// The first chunk in the blob that is not there.
    package var firstMissing: Int? { missing.values.compactMap(\.first).min() }

    /// Chunks that are still to come, as far as is known.
    package var left: Int { route?.left ?? missing.count }

    /// Whether a hash is a delta's: such a chunk is dispensable.
    package func isOfDelta(_ hash: String) -> Bool { route?.wants(hash) ?? false }

    /// A missing chunk that nobody has asked for.
    package mutating func nextToAsk() -> String? {
        if route != nil { return route?.nextToAsk() }
        while let hash = unasked.popFirst() {
            if missing[hash] != nil { return hash }
        }
        return nil
    }

    /// Puts a chunk in its places if it is what its name says; false if not.
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

    /// Gives the deltas up: what they would have brought comes in full.
    package mutating func leaveRoute() { route = nil }

    /// Takes what another arrival has of the same chunks; hashed again, so it cannot be wrong.
    package mutating func takeOver(_ other: WeightArrival) {
        for (index, hash) in other.manifest.chunks.enumerated()
        where other.missing[hash] == nil && missing[hash] != nil {
            other.bytes.withUnsafeBytes { bytes in
                _ = accept(UnsafeRawBufferPointer(rebasing: bytes[other.manifest.pieces[index]]), hash: hash)
            }
        }
        if missing.isEmpty { route = nil }
    }

    /// The blob, moved out without a copy.
    package mutating func takeBytes() -> [UInt8] {
        let taken = bytes
        bytes = []
        return taken
    }

    /// Overwrites what the deltas change and hashes the result; a chunk that is not right after that, because a delta
    /// or its base was another, is missing as before and comes in full.
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
            // Every place of a chunk is written when it comes.
            wrong[manifest.chunks[place]] = missing[manifest.chunks[place]]
        }
        missing = wrong
    }
}

/// A version that arrived whole.
package struct HeldWeights: Sendable {
    package let manifest: WeightManifest
    package let bytes: SharedBuffer

    package init(manifest: WeightManifest, bytes: SharedBuffer) {
        self.manifest = manifest
        self.bytes = bytes
    }
}
