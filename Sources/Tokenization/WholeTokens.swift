/// Finds the token whose bytes are exactly a given stretch of bytes.
struct WholeTokens: Sendable {
    private let tokens: [[UInt8]?]
    /// Ids by the hash of their bytes, −1 in free slots; at least half of the slots are free.
    private var slots: [Int32]
    /// Random, so that no file can be made whose tokens all fall into one slot.
    private let seed = UInt64.random(in: .min ... .max)

    /// Takes the given ids from `tokens`, which is indexed by id.
    init(_ tokens: [[UInt8]?], _ ids: some Collection<Int32>) {
        self.tokens = tokens
        var count = 16
        while count < 2 * ids.count { count *= 2 }
        slots = [Int32](repeating: -1, count: count)
        for id in ids {
            guard let token = tokens[Int(id)] else { continue }
            slots[slot(of: token, token.indices)] = id
        }
    }

    func id(of text: [UInt8], _ range: Range<Int>) -> Int32? {
        let id = slots[slot(of: text, range)]
        return id < 0 ? nil : id
    }

    /// The slot that holds these bytes, or the free slot where they belong.
    private func slot(of text: [UInt8], _ range: Range<Int>) -> Int {
        var hash = seed
        for index in range { hash = (hash ^ UInt64(text[index])) &* 0x9E37_79B9_7F4A_7C15 }
        var slot = Int(truncatingIfNeeded: (hash ^ hash >> 32) & UInt64(slots.count - 1))
        while slots[slot] >= 0, !isToken(slots[slot], text, range) { slot = (slot + 1) & (slots.count - 1) }
        return slot
    }

    private func isToken(_ id: Int32, _ text: [UInt8], _ range: Range<Int>) -> Bool {
        guard let token = tokens[Int(id)], token.count == range.count else { return false }
        return token.indices.allSatisfy { token[$0] == text[range.lowerBound + $0] }
    }
}
