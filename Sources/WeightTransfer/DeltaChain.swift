package import Primitives

/// What a publisher keeps of the versions before the newest: the deltas from each to the next.
///
/// A chain has at most `longest` steps, which together are smaller than a full copy, so memory and downloads
/// are bounded. A worker that holds an older version, or none, fetches the newest in full.
package struct DeltaChain: Sendable {
    /// Steps of the longest chain.
    package static let longest = 8

    private var newest: (manifest: WeightManifest, bytes: SharedBuffer)?
    /// Each delta begins where the one before it ends; the last one ends at the newest version.
    package private(set) var deltas: [WeightDelta] = []

    package init() {}

    /// Adds a version and returns its manifest with the steps that lead to it.
    ///
    /// There are no steps when the version is sent in full.
    package mutating func add(_ manifest: WeightManifest, _ bytes: SharedBuffer) -> WeightManifest {
        let previous = newest
        newest = (manifest, bytes)
        guard let previous, previous.manifest.version < manifest.version,
            let delta = WeightDelta(from: previous.manifest, previous.bytes, to: manifest, bytes)
        else {
            deltas = []
            return manifest
        }
        deltas = (deltas + [delta]).suffix(Self.longest)
        while deltas.count > 1, deltas.reduce(0, { $0 + $1.step.size }) >= manifest.totalBytes {
            deltas.removeFirst()
        }
        return manifest.reached(by: deltas.map(\.step))
    }
}
