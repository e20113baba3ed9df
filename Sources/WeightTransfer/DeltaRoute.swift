/// The deltas from a version that is held to the one that is wanted, being gathered.
///
/// They are applied in order and only when all are there, so that a base is overwritten by a whole chain or not at all.
struct DeltaRoute: Sendable {
    private let order: [String]
    private var unasked: ArraySlice<String>
    private var gathered: [String: [UInt8]] = [:]
    private var missing: Set<String>

    /// - Parameter bytes: what the way without deltas costs.
    /// - Returns: nil when no chain leads there from this very content, or when it is no shorter.
    init?(from held: HeldWeights, to manifest: WeightManifest, shorterThan bytes: Int) {
        guard let first = manifest.deltas.lastIndex(where: { $0.base == held.manifest.version }),
            manifest.deltas[first].contents == held.manifest.contents
        else { return nil }
        let steps = manifest.deltas[first...]
        guard steps.reduce(0, { $0 + $1.size }) < bytes else { return nil }
        order = steps.flatMap { $0.chunks.map(\.hash) }
        missing = Set(order)
        guard !missing.isEmpty else { return nil }
        unasked = order[...]
    }

    var left: Int { missing.count }

    /// The packed bytes of all chunks in the order in which they are applied; those that are not there are left out.
    var chunks: [[UInt8]] { order.compactMap { gathered[$0] } }

    func wants(_ hash: String) -> Bool { missing.contains(hash) }

    mutating func nextToAsk() -> String? {
        while let hash = unasked.popFirst() {
            if missing.contains(hash) { return hash }
        }
        return nil
    }

    mutating func take(_ chunk: [UInt8], hash: String) {
        guard missing.remove(hash) != nil else { return }
        gathered[hash] = chunk
    }
}
