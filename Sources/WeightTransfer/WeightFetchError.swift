import Primitives
package import Reinforcement

/// Why a version could not be fetched.
package enum WeightFetchError: Error, Sendable, Hashable {
    /// The version is not served; it may have been withdrawn.
    case unknownVersion(PolicyVersion, newest: PolicyVersion?)
    /// The chunk arrived with wrong bytes at every attempt.
    case corrupted(PolicyVersion, chunk: Int, attempts: Int)
    /// The manifest contradicts itself.
    case invalidManifest(PolicyVersion, reason: String)
    /// Nothing arrived within the deadline.
    case timedOut(PolicyVersion, after: Duration, chunksLeft: Int)
    /// The weights server cannot be reached, or the connection is closed.
    case unreachable(endpoint: String, reason: String)
}

extension WeightFetchError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unknownVersion(let version, let newest):
            "policy \(version.rawValue) is not served; the newest is \(newest.map { "\($0.rawValue)" } ?? "none")"
        case .corrupted(let version, let chunk, let attempts):
            "chunk \(chunk) of policy \(version.rawValue) came with a wrong hash \(attempts) times"
        case .invalidManifest(let version, let reason):
            "the manifest of policy \(version.rawValue) contradicts itself: \(reason)"
        case .timedOut(let version, let after, let left):
            "policy \(version.rawValue) did not arrive within \(after.text), \(left) chunks are missing"
        case .unreachable(let endpoint, let reason): "no weights from \(endpoint): \(reason)"
        }
    }
}
