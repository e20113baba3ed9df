import Crypto
import Foundation

/// How the chunks of one version can be fetched by anyone and read only by who has its manifest.
///
/// Each chunk is encrypted once, however many fetch it: AES-256-GCM (NIST SP 800-38D) with a key of this version alone. A
/// chunk's place among `WeightManifest.chunkNames` is its nonce, so no two share one. A sealed chunk is named by the hash
/// of its sealed bytes, which whoever passes it on checks without the key.
package struct WeightSeal: Sendable, Hashable {
    /// 32 bytes.
    package let key: [UInt8]
    /// Where the publisher hands out sealed chunks.
    package let address: WeightsAddress
    /// Hash of each sealed chunk, in the order of `WeightManifest.chunkNames`.
    package let names: [String]

    /// Bytes by which a sealed chunk is longer.
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
