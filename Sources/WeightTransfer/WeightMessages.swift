package import Reinforcement

/// A worker's request on the weights port.
package enum WeightRequest: Sendable, Hashable {
    case manifest(PolicyVersion)
    /// A chunk by its hash; any peer that holds it may answer.
    case chunk(hash: String)
}

/// The answer to a `WeightRequest`.
package enum WeightReply: Sendable, Hashable {
    case manifest(WeightManifest)
    /// The bytes that arrived for the requested hash; they must be hashed before use.
    case chunk(hash: String, bytes: [UInt8])
    /// The version is not served, or has been withdrawn; `newest` is the newest version that is served.
    case unknownVersion(PolicyVersion, newest: PolicyVersion?)
    case unknownChunk(hash: String)
}
