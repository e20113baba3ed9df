/// A flat hash table of pairs of ids, each with a rank and a result.
///
/// Every character of a text needs several lookups, so the table must be fast.
struct PairTable: Sendable {
    struct Entry: Sendable {
        /// Lower ranks are merged first; `Int32.max` when the pair is not in the table.
        var rank: Int32
        var result: Int32

        static let none = Entry(rank: .max, result: -1)
        var isThere: Bool { rank != .max }
    }

    private struct Slot: Sendable {
        var key: UInt64
        var entry: Entry
    }

    private static let free = UInt64.max

    private var slots: [Slot]
    private let shift: UInt64
    /// Odd and random, so that no file can be made whose pairs all fall into one slot.
    private let multiplier = UInt64.random(in: .min ... .max) | 1

    /// Creates an empty table for at most `count` pairs.
    init(capacity count: Int) {
        var bits = 4
        while 1 << bits < 2 * count { bits += 1 }
        slots = [Slot](repeating: Slot(key: Self.free, entry: .none), count: 1 << bits)
        shift = UInt64(64 - bits)
    }

    @inline(__always)
    func find(_ left: Int32, _ right: Int32) -> Entry { slots[slot(of: Self.key(left, right))].entry }

    /// Sets the entry of a pair of ids, which are 0 or more.
    mutating func set(_ left: Int32, _ right: Int32, _ entry: Entry) {
        let key = Self.key(left, right)
        slots[slot(of: key)] = Slot(key: key, entry: entry)
    }

    /// The slot that holds a key, or the free slot where it belongs; half of the slots stay free.
    @inline(__always)
    private func slot(of key: UInt64) -> Int {
        var place = Int(truncatingIfNeeded: (key &* multiplier) >> shift)
        while slots[place].key != key, slots[place].key != Self.free {
            place = (place + 1) & (slots.count - 1)
        }
        return place
    }

    @inline(__always)
    private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }
}
