package import Reinforcement

/// What a worker asks on the weights port.
package enum WeightRequest: Sendable, Hashable {
    case manifest(PolicyVersion)
    /// A chunk by its hash: anyone who holds it may answer.
    case chunk(hash: String)
}

/// The answer to a `WeightRequest`.
package enum WeightReply: Sendable, Hashable {
    case manifest(WeightManifest)
    /// The hash that was asked for; the bytes are whatever arrived and must be hashed before use.
    case chunk(hash: String, bytes: [UInt8])
    /// Not served, or no longer; the newest version that is.
    case unknownVersion(PolicyVersion, newest: PolicyVersion?)
    case unknownChunk(hash: String)
}
