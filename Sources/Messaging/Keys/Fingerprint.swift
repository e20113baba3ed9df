import Primitives
package import ZeroMQ

extension CurvePublicKey {
    /// A short form for status and logs: the first 16 hexadecimal digits of its SHA-256, `3f2a9c11d07e5b64`.
    package var fingerprint: String { String(ContentHash.text(of: Array(z85.utf8)).prefix(16)) }
}
