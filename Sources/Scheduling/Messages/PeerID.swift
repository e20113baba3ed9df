/// Identifies the sender of a message and the receiver of the answer; only the transport interprets the
/// bytes.
///
///     PeerID(bytes: [0, 0x1f, 3, 9, 7], address: "127.0.0.1:51234")
package struct PeerID: Sendable, Hashable, CustomStringConvertible {
    package let bytes: [UInt8]
    /// The network address, or another description by the transport, for people to read.
    package let address: String
    /// Fingerprint of the key that the peer proved to have; nil without keys.
    package let key: String?

    package init(bytes: [UInt8], address: String, key: String? = nil) {
        self.bytes = bytes
        self.address = address
        self.key = key
    }

    package var description: String { address }

    package static func == (left: PeerID, right: PeerID) -> Bool { left.bytes == right.bytes }
    package func hash(into hasher: inout Hasher) { bytes.withUnsafeBytes { hasher.combine(bytes: $0) } }
}
