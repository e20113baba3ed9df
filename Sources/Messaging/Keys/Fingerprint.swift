import WeightTransfer
import Wire
package import ZeroMQ

extension CurvePublicKey {
    /// The key in short, for status and logs: 16 hexadecimal digits of its SHA-256, `3f2a9c11d07e5b64`.
    package var fingerprint: String { String(ContentHash.text(of: Array(z85.utf8)).prefix(16)) }
}
