import Crypto
package import Foundation

/// Reads the sealed chunks of one version.
package struct SealReader: Sendable {
    private let key: SymmetricKey
    private let manifest: WeightManifest
    private let names: [String]
    /// Index of each chunk, by the hash of the chunk and by the name of the sealed chunk.
    private let places: (ofHash: [String: Int], ofName: [String: Int])

    /// Nil for a version that is not sealed.
    package init?(_ manifest: WeightManifest) {
        guard let seal = manifest.seal else { return nil }
        key = SymmetricKey(data: seal.key)
        self.manifest = manifest
        names = seal.names
        places = (
            // Any of several equal chunks will do.
            Dictionary(zip(manifest.chunkNames, 0...), uniquingKeysWith: { first, _ in first }),
            Dictionary(zip(seal.names, 0...), uniquingKeysWith: { first, _ in first })
        )
    }

    /// The name to ask for to get the chunk with this hash.
    package func name(of hash: String) -> String? { places.ofHash[hash].map { names[$0] } }

    /// The hash of the chunk that is sealed under this name.
    package func hash(of name: String) -> String? { places.ofName[name].map { manifest.chunkNames[$0] } }

    /// The chunk that is sealed under this name; nil when the bytes are not what was sealed.
    package func open(_ sealed: UnsafeRawBufferPointer, name: String) -> Data? {
        places.ofName[name].flatMap { try? WeightSeal.open(sealed, place: $0, key: key) }
    }
}
