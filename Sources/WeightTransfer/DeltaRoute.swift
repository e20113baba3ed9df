/// A chain of deltas from a held version to the wanted one, while its chunks arrive.
///
/// The deltas are applied in order and only when all have arrived, so the base is overwritten by the whole chain or not at all.
struct DeltaRoute: Sendable {
    private let order: [String]
    private var unasked: ArraySlice<String>
    private var gathered: [String: [UInt8]] = [:]
    private var missing: Set<String>

    /// - Parameter bytes: the bytes to fetch without deltas.
    /// - Returns: nil when no chain starts at exactly the held content, or when the chain is not shorter than `bytes`.
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

    /// Chunks that have not arrived.
    var left: Int { missing.count }

    /// The packed bytes of the chunks that have arrived, in the order in which they are applied.
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
