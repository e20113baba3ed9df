import CZeroMQ

/// The public half of a CURVE key pair, which names a peer.
package struct CurvePublicKey: Sendable, Hashable, CustomStringConvertible {
    /// 40 printable characters (Z85).
    package let z85: String

    /// A key from its Z85 text, nil when the text is malformed.
    package init?(z85: String) {
        guard Z85.isKey(z85) else { return nil }
        self.z85 = z85
    }

    /// A key from its 32 bytes, nil when the number of bytes is wrong.
    package init?(bytes: [UInt8]) {
        guard bytes.count == Z85.keyLength * 4 / 5 else { return nil }
        var text = [CChar](repeating: 0, count: Z85.keyLength + 1)
        guard zmq_z85_encode(&text, bytes, bytes.count) != nil else { return nil }
        z85 = Z85.text(text)
    }

    package var description: String { z85 }
}

/// The secret half of a CURVE key pair.
///
/// Its descriptions do not show it.
package struct CurveSecretKey: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// 40 printable characters (Z85).
    package let z85: String

    /// A key from its Z85 text, nil when the text is malformed.
    package init?(z85: String) {
        guard Z85.isKey(z85) else { return nil }
        self.z85 = z85
    }

    package var description: String { "(secret key)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}

/// A CURVE key pair, made by libzmq.
package struct CurveKeyPair: Sendable, Hashable {
    package let publicKey: CurvePublicKey
    package let secretKey: CurveSecretKey

    /// Makes a new random key pair.
    ///
    /// - Throws: `ZeroMQError` when libzmq was built without CURVE.
    package static func generate() throws(ZeroMQError) -> CurveKeyPair {
        var publicKey = [CChar](repeating: 0, count: Z85.keyLength + 1)
        var secretKey = publicKey
        guard zmq_curve_keypair(&publicKey, &secretKey) == 0 else { throw .last("make a CURVE key pair") }
        return try CurveKeyPair(publicKey: Z85.text(publicKey), secretKey: Z85.text(secretKey))
    }

    /// The pair of a secret key.
    package init(secretKey: CurveSecretKey) throws(ZeroMQError) {
        var publicKey = [CChar](repeating: 0, count: Z85.keyLength + 1)
        guard zmq_curve_public(&publicKey, secretKey.z85) == 0 else {
            throw .last("derive a CURVE public key")
        }
        try self.init(publicKey: Z85.text(publicKey), secretKey: secretKey.z85)
    }

    private init(publicKey: String, secretKey: String) throws(ZeroMQError) {
        guard let publicKey = CurvePublicKey(z85: publicKey), let secretKey = CurveSecretKey(z85: secretKey)
        else { throw ZeroMQError(.invalidArgument, operation: "read a CURVE key from libzmq") }
        self.publicKey = publicKey
        self.secretKey = secretKey
    }
}

extension CurvePublicKey: SocketOptionValue {
    package static var optionCapacity: Int { Z85.keyLength + 1 }
    package var optionBytes: [UInt8] { [UInt8](z85.utf8) }
    package init?(optionBytes: [UInt8]) { self.init(z85: Z85.text(optionBytes.map(CChar.init(bitPattern:)))) }
}

extension CurveSecretKey: SocketOptionValue {
    package static var optionCapacity: Int { Z85.keyLength + 1 }
    package var optionBytes: [UInt8] { [UInt8](z85.utf8) }
    package init?(optionBytes: [UInt8]) { self.init(z85: Z85.text(optionBytes.map(CChar.init(bitPattern:)))) }
}

/// The text form of a key: 40 printable characters for 32 bytes (https://rfc.zeromq.org/spec/32/).
private enum Z85 {
    static let keyLength = 40

    static func isKey(_ text: String) -> Bool {
        guard text.utf8.count == keyLength else { return false }
        var raw = [UInt8](repeating: 0, count: keyLength * 4 / 5)
        return zmq_z85_decode(&raw, text) != nil
    }

    static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
