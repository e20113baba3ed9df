package import Primitives

/// What a relay holds and what it waits for, as a value: requests, chunks and time go in, actions come out.
///
/// A chunk is asked for once, however many want it, and its hash is checked before anybody gets it. Everything is bounded:
/// chunks by bytes, the oldest leaving first, and what is asked for by its number, so that a stranger with many wishes
/// costs a bounded amount.

package struct RelayCache<Peer: Hashable & Sendable> {
    package struct Limits: Sendable, Hashable {
        /// Bytes of chunks to hold.
        package var bytes = 4 << 30
        /// Chunks that may be asked for upstream and not answered yet.
        package var window = 16
        /// Chunks that one peer may wait for.
        package var wishes = 64
        /// Chunks that may be waited for in all.
        package var pending = 1 << 14
        /// Times a chunk may come with other bytes, or without any, before those who wait are told that it is not to be had.
        package var attempts = 4
        /// Without any chunk for this long another source is asked, or the last one dialed again.
        package var replyWithin = Duration.seconds(5)

        package init() {}
    }

    package enum Action: Equatable {
        case ask(String)
        case send(Peer, String)
        case refuse(Peer, String)
    }

    private struct Wish {
        var peers: [Peer]
        var isAsked = false
        var attempts = 0
    }

    private let limits: Limits
    private var held: [String: SharedBuffer] = [:]
    /// What is held, the oldest first, from `first` on.
    private var order: [String] = []
    private var first = 0
    private(set) var heldBytes = 0
    private var wishes: [String: Wish] = [:]
    private var unasked: [String] = []
    private var wished: [Peer: Int] = [:]
    private var inFlight = 0
    package private(set) var lastReply: Duration = .zero

    package init(_ limits: Limits) { self.limits = limits }

    /// Chunks that are waited for.
    package var pending: Int { wishes.count }

    /// When the sources are too late; nil when nothing is waited for.
    package var deadline: Duration? { inFlight > 0 ? lastReply + limits.replyWithin : nil }

    package func chunk(_ hash: String) -> SharedBuffer? { held[hash] }

    /// Somebody wants a chunk.
    package mutating func request(_ hash: String, from peer: Peer, now: Duration) -> [Action] {
        if held[hash] != nil { return [.send(peer, hash)] }
        if let wish = wishes[hash] {
            // Asked again: still on its way.
            if wish.peers.contains(peer) { return [] }
        } else if wishes.count >= limits.pending {
            return [.refuse(peer, hash)]
        }
        guard wished[peer, default: 0] < limits.wishes else { return [.refuse(peer, hash)] }
        wished[peer, default: 0] += 1
        if wishes[hash] == nil {
            wishes[hash] = Wish(peers: [peer])
            unasked.append(hash)
        } else {
            wishes[hash]?.peers.append(peer)
        }
        return askNext(now: now)
    }

    /// A chunk came; nil when it was not what its name says, and then it is asked for again by whoever calls `askAgain`.
    package mutating func received(_ bytes: [UInt8], hash: String, now: Duration) -> [Action]? {
        guard let wish = wishes[hash], wish.isAsked else { return [] }
        guard ContentHash.text(of: bytes) == hash else { return nil }
        lastReply = now
        forget(hash)
        hold(bytes, hash)
        return wish.peers.map { .send($0, hash) } + askNext(now: now)
    }

    /// A chunk came with other bytes, or a source has not got it: asked for again, or given up.
    package mutating func failed(_ hash: String, isLast: Bool, now: Duration) -> [Action] {
        guard var wish = wishes[hash], wish.isAsked else { return [] }
        lastReply = now
        wish.attempts += 1
        wishes[hash] = wish
        guard isLast || wish.attempts >= limits.attempts else { return [.ask(hash)] }
        forget(hash)
        return wish.peers.map { .refuse($0, hash) } + askNext(now: now)
    }

    /// Everything that is outstanding, for another source or a new connection.
    package mutating func askAgain(now: Duration) -> [Action] {
        lastReply = now
        return wishes.filter(\.value.isAsked).keys.sorted().map { .ask($0) }
    }

    /// A peer is gone: nothing is fetched for it alone that has not been asked for yet.
    package mutating func forget(_ peer: Peer) {
        guard wished.removeValue(forKey: peer) != nil else { return }
        for (hash, wish) in wishes where wish.peers.contains(peer) {
            wishes[hash]?.peers.removeAll { $0 == peer }
            if wish.peers.count == 1, !wish.isAsked { wishes[hash] = nil }
        }
    }

    // MARK: Parts

    private mutating func askNext(now: Duration) -> [Action] {
        var actions: [Action] = []
        var next = 0
        while inFlight < limits.window, next < unasked.count {
            let hash = unasked[next]
            next += 1
            guard wishes[hash] != nil else { continue }
            if inFlight == 0 { lastReply = now }
            wishes[hash]?.isAsked = true
            inFlight += 1
            actions.append(.ask(hash))
        }
        unasked.removeFirst(next)
        return actions
    }

    private mutating func forget(_ hash: String) {
        guard let wish = wishes.removeValue(forKey: hash) else { return }
        if wish.isAsked { inFlight -= 1 }
        for peer in wish.peers {
            let left = wished[peer, default: 1] - 1
            wished[peer] = left > 0 ? left : nil
        }
    }

    private mutating func hold(_ bytes: [UInt8], _ hash: String) {
        held[hash] = SharedBuffer(bytes)
        order.append(hash)
        heldBytes += bytes.count
        // The newest stays, whatever its size: somebody waits for it.
        while heldBytes > limits.bytes, first < order.count - 1 {
            heldBytes -= held.removeValue(forKey: order[first])?.count ?? 0
            first += 1
        }
        if first > 4096, first * 2 > order.count {
            order.removeFirst(first)
            first = 0
        }
    }
}
