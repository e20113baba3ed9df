/// The merges of a byte-level BPE: which neighbours become one token, and which pair goes first.
package struct BytePairMerges: Sendable {
    private struct Merge {
        let rank: Int32
        let result: Int32
    }

    private var merges: [UInt64: Merge] = [:]

    package init() {}

    package var isEmpty: Bool { merges.isEmpty }

    /// Adds a merge, false when the pair already has one.
    ///
    /// Lower ranks are merged first.
    package mutating func insert(left: Int32, right: Int32, result: Int32, rank: Int32) -> Bool {
        let key = Self.key(left, right)
        guard merges[key] == nil else { return false }
        merges[key] = Merge(rank: rank, result: result)
        return true
    }

    /// The tokens of a piece after all merges, given the tokens of its bytes; O(n log n).
    package func merged(_ tokens: [Int32]) -> [Int32] {
        guard tokens.count > 1, !merges.isEmpty else { return tokens }
        // A doubly linked list over the tokens; a merged-away neighbour has no token left.
        var token = tokens
        var isAlive = [Bool](repeating: true, count: tokens.count)
        var next = (1...tokens.count).map { $0 == tokens.count ? -1 : $0 }
        var previous = (0..<tokens.count).map { $0 - 1 }
        var queue = CandidateHeap()
        for index in 0..<(tokens.count - 1) {
            if let merge = merges[Self.key(token[index], token[index + 1])] {
                queue.push(.init(rank: merge.rank, position: Int32(index), result: merge.result))
            }
        }
        while let candidate = queue.pop() {
            let left = Int(candidate.position)
            guard isAlive[left], next[left] >= 0 else { continue }
            let right = next[left]
            // Either side may have been merged since the candidate was pushed.
            guard let merge = merges[Self.key(token[left], token[right])], merge.rank == candidate.rank else {
                continue
            }
            token[left] = merge.result
            isAlive[right] = false
            next[left] = next[right]
            if next[left] >= 0 { previous[next[left]] = left }
            for start in [previous[left], left] where start >= 0 && next[start] >= 0 {
                if let merge = merges[Self.key(token[start], token[next[start]])] {
                    queue.push(.init(rank: merge.rank, position: Int32(start), result: merge.result))
                }
            }
        }
        return token.indices.filter { isAlive[$0] }.map { token[$0] }
    }

    private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }
}

/// A binary heap that yields the lowest rank first, and of equal ranks the leftmost.
private struct CandidateHeap {
    struct Candidate {
        let rank: Int32
        let position: Int32
        let result: Int32

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
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < items.count && items[child].precedes(items[first]) {
                first = child
            }
            guard first != parent else { return top }
            items.swapAt(parent, first)
            parent = first
        }
    }
}
