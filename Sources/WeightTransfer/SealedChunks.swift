import Crypto
package import Primitives

/// A version's sealed chunks, followed by those of the deltas that lead to it.
package struct SealedChunks: Sendable {
    package let seal: WeightSeal
    /// The sealed chunks, in the order of `seal.names`.
    package let chunks: [SharedBuffer]

    /// Seals with a new key, on all processors.
    ///
    /// - Parameter deltas: the deltas that the manifest's steps name.
    /// - Throws: `CryptoKitError`.
    package init(
        _ manifest: WeightManifest, _ bytes: SharedBuffer, deltas: [WeightDelta], address: WeightsAddress
    ) throws {
        let key = SymmetricKey(size: .bits256)
        let pieces = manifest.pieces
        let ofDeltas = deltas.flatMap(\.chunks)
        let sealed = Parallel.map(pieces.count + ofDeltas.count) { place in
            Result { () throws -> (bytes: SharedBuffer, name: String) in
                let chunk =
                    place < pieces.count
                    ? bytes.bytes[pieces[place]] : ofDeltas[place - pieces.count].bytes[...]
                let sealed = try WeightSeal.seal(chunk, place: place, key: key)
                return (SharedBuffer(sealed), ContentHash.text(of: sealed))
            }
        }
        let all = try sealed.map { try $0.get() }
        chunks = all.map(\.bytes)
        seal = WeightSeal(
            key: key.withUnsafeBytes { Array($0) }, address: address, names: all.map(\.name))
    }
}
