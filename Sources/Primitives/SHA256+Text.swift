package import Crypto
package import Foundation

extension SHA256 {
    /// The digest of bytes as 64 hexadecimal digits.
    package static func text(_ bytes: some DataProtocol) -> String { text(of: hash(data: bytes)) }

    /// A finished digest as 64 hexadecimal digits.
    package static func text(of digest: Digest) -> String {
        String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    private static let digits = Array("0123456789abcdef".utf8)
}
