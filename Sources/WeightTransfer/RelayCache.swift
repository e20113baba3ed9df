import DequeModule
package import Primitives

/// The chunks that a relay holds and waits for, as a value: requests, chunks and time go in, actions come out.
///
/// A chunk is fetched once for all peers that want it, and its hash is checked before a peer gets it. Both tables are
/// bounded: the held chunks by bytes, the oldest leaving first, and the wanted chunks by number.
package struct RelayCache<Peer: Hashable & Sendable> {
    package struct Limits: Sendable, Hashable {
        /// Bytes of chunks to hold.
        package var bytes = 4 << 30
        /// Chunks that may be in flight at once: asked of a source and not answered.
        package var window = 16
        /// Chunks that one peer may wait for.
        package var perPeer = 64
        /// Chunks that all peers together may wait for.
        package var pending = 1 << 14
        /// Failures of a chunk after which the peers that wait for it are refused.
        package var attempts = 4
        /// When no chunk has arrived for this long, another source is asked.
        package var replyWithin = Duration.seconds(5)

        package init() {}
    }

    /// The index of a place that chunks come from.
    package typealias Source = Int

    package enum Action: Equatable {
        case ask(String, of: Source)
        case send(Peer, String)
        case refuse(Peer, String)
    }

    private struct WantedChunk {
        var peers: [Peer]
        /// The source that it was asked of last, nil before it is asked.
        var source: Source?
        var failures = 0
    }

    /// The source of the next chunks.
    package private(set) var source: Source
    /// The source that has every chunk that exists.
    private let coordinator: Source
    private let limits: Limits
    private var held: [String: SharedBuffer] = [:]
    /// The hashes in `held`, the oldest first.
    private var order: Deque<String> = []
    package private(set) var heldBytes = 0
    private var wanted: [String: WantedChunk] = [:]
    /// The hashes in `wanted` that are not in flight, the oldest first.
    private var unasked: Deque<String> = []
    /// The number of chunks that each peer waits for.
    private var waiting: [Peer: Int] = [:]
    /// When a source answered last.
    package private(set) var lastReply: Duration = .zero

    package init(_ limits: Limits, source: Source = 0, coordinator: Source = 0) {
        self.limits = limits
        self.source = source
        self.coordinator = coordinator
    }

    /// Chunks that peers wait for.
    package var pending: Int { wanted.count }

    private var inFlight: Int { wanted.count - unasked.count }

    /// When the sources are too late; nil when nothing is in flight.
    package var deadline: Duration? { inFlight > 0 ? lastReply + limits.replyWithin : nil }

    /// The source whose answers are late at the deadline: the current one, or the coordinator when it alone owes chunks.
    package var lateSource: Source { wanted.values.contains { $0.source == source } ? source : coordinator }

    package func chunk(_ hash: String) -> SharedBuffer? { held[hash] }

    /// Handles a peer's request for a chunk.
    package mutating func request(_ hash: String, from peer: Peer, now: Duration) -> [Action] {
        if held[hash] != nil { return [.send(peer, hash)] }
        if let chunk = wanted[hash] {
            // A repeated request: the chunk is still on its way.
            if chunk.peers.contains(peer) { return [] }
        } else if wanted.count >= limits.pending {
            return [.refuse(peer, hash)]
        }
        guard waiting[peer, default: 0] < limits.perPeer else { return [.refuse(peer, hash)] }
        waiting[peer, default: 0] += 1
        if wanted[hash] == nil { unasked.append(hash) }
        wanted[hash, default: WantedChunk(peers: [])].peers.append(peer)
        return askNext(now: now)
    }

    /// Handles a chunk that arrived.
    ///
    /// - Returns: nil when the bytes do not have this hash; the caller then reports the failure of the chunk.
    package mutating func received(_ bytes: [UInt8], hash: String, now: Duration) -> [Action]? {
        guard let chunk = wanted[hash], chunk.source != nil else { return [] }
        guard ContentHash.text(of: bytes) == hash else { return nil }
        lastReply = now
        remove(hash)
        hold(bytes, hash)
        return chunk.peers.map { .send($0, hash) } + askNext(now: now)
    }

    /// Handles a source's failure to deliver a chunk: the coordinator is asked, or the peers are refused.
    ///
    /// - Parameter isMissing: whether the source said that it does not have the chunk.
    /// - Returns: no actions when the chunk has been asked of another source since.
    package mutating func failed(_ hash: String, at source: Source, isMissing: Bool, now: Duration)
        -> [Action]
    {
        guard let chunk = wanted[hash], chunk.source == source else { return [] }
        lastReply = now
        if let refusals = countFailure(hash, isFinal: isMissing && source == coordinator) {
            return refusals + askNext(now: now)
        }
        wanted[hash]?.source = coordinator
        return [.ask(hash, of: coordinator)]
    }

    /// Asks for the chunks in flight at one source again: at another source, or at the same one on a new connection.
    ///
    /// - Parameter failed: a chunk that arrived with other bytes from the old source.
    package mutating func move(
        from old: Source, to new: Source, failed hash: String? = nil, now: Duration
    ) -> [Action] {
        var actions: [Action] = []
        if let hash, wanted[hash]?.source == old { actions += countFailure(hash) ?? [] }
        if old == source || wanted.values.contains(where: { $0.source == old }) { lastReply = now }
        if old == source { source = new }
        for hash in wanted.filter({ $0.value.source == old }).keys.sorted() {
            wanted[hash]?.source = new
            actions.append(.ask(hash, of: new))
        }
        return actions + askNext(now: now)
    }

    /// Forgets a peer that is gone.
    ///
    /// Chunks that only this peer wants and that are not in flight are not fetched.
    package mutating func forget(_ peer: Peer) {
        guard waiting.removeValue(forKey: peer) != nil else { return }
        for (hash, chunk) in wanted where chunk.peers.contains(peer) {
            wanted[hash]?.peers.removeAll { $0 == peer }
            if chunk.peers.count == 1, chunk.source == nil { wanted[hash] = nil }
        }
        unasked.removeAll { wanted[$0] == nil }
    }

    /// The first contradiction between the tables; always nil unless this type has a bug.
    package var inconsistency: String? {
        let notInFlight = wanted.filter { $0.value.source == nil }.keys
        if unasked.count != notInFlight.count || Set(unasked) != Set(notInFlight) {
            return "\(notInFlight.count) chunks are not in flight, \(unasked.count) are queued"
        }
        if inFlight > limits.window {
            return "\(inFlight) chunks are in flight, at most \(limits.window) may be"
        }
        if inFlight < limits.window, !unasked.isEmpty {
            return "\(unasked.count) chunks are queued, only \(inFlight) of \(limits.window) are in flight"
        }
        var counts: [Peer: Int] = [:]
        for peer in wanted.values.flatMap(\.peers) { counts[peer, default: 0] += 1 }
        if counts != waiting { return "peers wait for \(counts), the counts say \(waiting)" }
        if order.count != held.count || Set(order) != Set(held.keys) {
            return "\(held.count) chunks are held, \(order.count) are in order"
        }
        let bytes = held.values.reduce(0) { $0 + $1.count }
        return bytes == heldBytes ? nil : "\(bytes) bytes are held, the count says \(heldBytes)"
    }

    // MARK: Parts

    /// Fills the window.
    private mutating func askNext(now: Duration) -> [Action] {
        var actions: [Action] = []
        while inFlight < limits.window, let hash = unasked.first {
            // The first question after a quiet time starts the deadline.
            if inFlight == 0 { lastReply = now }
            unasked.removeFirst()
            wanted[hash]?.source = source
            actions.append(.ask(hash, of: source))
        }
        return actions
    }

    /// Counts a failure of a chunk; returns the refusals to its peers after the last attempt, else nil.
    private mutating func countFailure(_ hash: String, isFinal: Bool = false) -> [Action]? {
        guard let chunk = wanted[hash] else { return nil }
        wanted[hash]?.failures += 1
        guard isFinal || chunk.failures + 1 >= limits.attempts else { return nil }
        remove(hash)
        return chunk.peers.map { .refuse($0, hash) }
    }

    /// Removes a chunk in flight.
    private mutating func remove(_ hash: String) {
        for peer in wanted.removeValue(forKey: hash)?.peers ?? [] {
            let left = waiting[peer, default: 1] - 1
            waiting[peer] = left > 0 ? left : nil
        }
    }

    private mutating func hold(_ bytes: [UInt8], _ hash: String) {
        held[hash] = SharedBuffer(bytes)
        order.append(hash)
        heldBytes += bytes.count
        // The newest chunk stays even when it is too large: a peer waits for it.
        while heldBytes > limits.bytes, order.count > 1, let oldest = order.popFirst() {
            heldBytes -= held.removeValue(forKey: oldest)?.count ?? 0
        }
    }
}
