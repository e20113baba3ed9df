/// The merges of a byte-level BPE: which neighbours become one token, and which pair goes first.
package struct BytePairMerges: Sendable {
    private var table: PairTable
    package private(set) var isEmpty = true

    /// Tokens of the longest piece that is merged by scanning; a heap is faster for longer pieces.
    private static let shortPiece = 32

    /// Creates a table without merges, with room for `count`.
    package init(capacity count: Int) { table = PairTable(capacity: count) }

    /// Adds a merge; of a repeated pair the last rank counts, as in `tokenizers`.
    ///
    /// Lower ranks are merged first.
    package mutating func insert(left: Int32, right: Int32, result: Int32, rank: Int32) {
        isEmpty = false
        table.set(left, right, .init(rank: rank, result: result))
    }

    /// A piece that is being merged, with buffers that are reused for the next piece.
    package struct Workspace {
        package var tokens: [Int32] = []
        /// Number of pair lookups, which grows with the length of a piece and not with its square.
        package fileprivate(set) var lookups = 0
        fileprivate var candidates: [PairTable.Entry] = []
        fileprivate var next: [Int32] = []
        fileprivate var previous: [Int32] = []
        fileprivate var queue = CandidateHeap()

        package init() {}
    }

    /// Merges the tokens of a piece in O(n log n).
    ///
    /// The pair of lowest rank is merged first; among equal ranks, the leftmost.
    package func merge(_ piece: inout Workspace) {
        guard piece.tokens.count > 1 else { return }
        if piece.tokens.count <= Self.shortPiece { mergeShort(&piece) } else { mergeLong(&piece) }
    }

    private func mergeShort(_ piece: inout Workspace) {
        piece.candidates.removeAll(keepingCapacity: true)
        for index in 1..<piece.tokens.count {
            piece.candidates.append(candidate(piece.tokens[index - 1], piece.tokens[index], &piece))
        }
        while true {
            var best = 0
            var rank = Int32.max
            for index in piece.candidates.indices where piece.candidates[index].rank < rank {
                best = index
                rank = piece.candidates[index].rank
            }
            guard rank < Int32.max else { return }
            piece.tokens[best] = piece.candidates[best].result
            piece.tokens.remove(at: best + 1)
            piece.candidates.remove(at: best)
            if best > 0 {
                piece.candidates[best - 1] = candidate(piece.tokens[best - 1], piece.tokens[best], &piece)
            }
            if best < piece.candidates.count {
                piece.candidates[best] = candidate(piece.tokens[best], piece.tokens[best + 1], &piece)
            }
        }
    }

    /// Merges with a doubly linked list over the tokens and a heap of the pairs that can be merged.
    private func mergeLong(_ piece: inout Workspace) {
        let count = Int32(piece.tokens.count)
        piece.next = (1...count).map { $0 == count ? -1 : $0 }
        piece.previous = (0..<count).map { $0 - 1 }
        for left in 0..<(count - 1) { push(left, &piece) }
        while let best = piece.queue.pop() {
            let left = Int(best.position)
            // Either side may have been merged since the pair was pushed.
            guard piece.tokens[left] >= 0, piece.next[left] >= 0 else { continue }
            let right = Int(piece.next[left])
            let merge = candidate(piece.tokens[left], piece.tokens[right], &piece)
            guard merge.isThere, merge.rank == best.rank else { continue }
            piece.tokens[left] = merge.result
            piece.tokens[right] = -1
            piece.next[left] = piece.next[right]
            if piece.next[left] >= 0 { piece.previous[Int(piece.next[left])] = best.position }
            if piece.previous[left] >= 0 { push(piece.previous[left], &piece) }
            if piece.next[left] >= 0 { push(best.position, &piece) }
        }
        piece.tokens.removeAll { $0 < 0 }
    }

    private func push(_ left: Int32, _ piece: inout Workspace) {
        let right = piece.next[Int(left)]
        let merge = candidate(piece.tokens[Int(left)], piece.tokens[Int(right)], &piece)
        if merge.isThere { piece.queue.push(.init(rank: merge.rank, position: left)) }
    }

    @inline(__always)
    private func candidate(_ left: Int32, _ right: Int32, _ piece: inout Workspace) -> PairTable.Entry {
        piece.lookups += 1
        return table.find(left, right)
    }
}

/// A binary heap that yields the lowest rank first, and the leftmost of equal ranks.
private struct CandidateHeap {
    struct Candidate {
        let rank: Int32
        let position: Int32

        func precedes(_ other: Candidate) -> Bool {
            (rank, position) < (other.rank, other.position)
        }
    }

    private var items: [Candidate] = []

    mutating func push(_ candidate: Candidate) {
        items.append(candidate)
        var child = items.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard items[child].precedes(items[parent]) else { return }
            items.swapAt(child, parent)
            child = parent
        }
    }

    mutating func pop() -> Candidate? {
        guard let last = items.popLast() else { return nil }
        guard let top = items.first else { return last }
        items[0] = last
        var parent = 0
        while true {
            var first = parent
            for child in (2 * parent + 1)...(2 * parent + 2)
            where child < items.count && items[child].precedes(items[first]) {
                first = child
            }
            guard first != parent else { return top }
            items.swapAt(parent, first)
            parent = first
        }
    }
}
