import Crypto
import Foundation

/// How the chunks of one version can be fetched by anyone but read only with its manifest.
///
/// Each chunk is encrypted once for all peers: AES-256-GCM (NIST SP 800-38D) with a key of this version
/// alone. A chunk's index in `WeightManifest.chunkNames` is its nonce, so no two chunks share one. A sealed
/// chunk is named by the hash of its sealed bytes, so a relay checks it without the key.
package struct WeightSeal: Sendable, Hashable {
    /// The key, 32 bytes.
    package let key: [UInt8]
    /// Where the publisher serves sealed chunks.
    package let address: WeightsAddress
    /// Hash of each sealed chunk, in the order of `WeightManifest.chunkNames`.
    package let names: [String]

    /// Bytes that a seal adds to a chunk.
    static let overhead = 16

    package init(key: [UInt8], address: WeightsAddress, names: [String]) {
        self.key = key
        self.address = address
        self.names = names
    }

    static func seal(_ chunk: some DataProtocol, place: Int, key: SymmetricKey) throws -> [UInt8] {
        let box = try AES.GCM.seal(chunk, using: key, nonce: nonce(place))
        var sealed: [UInt8] = []
        sealed.reserveCapacity(box.ciphertext.count + overhead)
        sealed += box.ciphertext
        sealed += box.tag
        return sealed
    }

    /// - Throws: `CryptoKitError` when it was not sealed with this key for this place.
    static func open(_ sealed: UnsafeRawBufferPointer, place: Int, key: SymmetricKey) throws -> Data {
        let end = max(0, sealed.count - overhead)
        let box = try AES.GCM.SealedBox(nonce: nonce(place), ciphertext: sealed[..<end], tag: sealed[end...])
        return try AES.GCM.open(box, using: key)
    }

    private static func nonce(_ place: Int) throws -> AES.GCM.Nonce {
        try AES.GCM.Nonce(data: withUnsafeBytes(of: UInt64(place).littleEndian) { Array($0) } + [0, 0, 0, 0])
    }
}
