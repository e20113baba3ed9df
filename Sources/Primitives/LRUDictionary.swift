/// A dictionary of limited size: when it is full, it drops the quarter of its entries that is least recently
/// used.
///
/// Reading or setting an entry counts as a use.
package struct LRUDictionary<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private var entries: [Key: (value: Value, lastUse: Int)] = [:]
    private var uses = 0
    private let capacity: Int

    /// - Parameter capacity: maximum number of entries, at least 1.
    package init(capacity: Int) {
        precondition(capacity > 0, "an LRU dictionary of capacity \(capacity) holds nothing")
        self.capacity = capacity
    }

    package var count: Int { entries.count }

    package subscript(key: Key) -> Value? {
        mutating get {
            guard let index = entries.index(forKey: key) else { return nil }
            uses += 1
            entries.values[index].lastUse = uses
            return entries.values[index].value
        }
        set {
            guard let newValue else {
                entries[key] = nil
                return
            }
            if entries.count >= capacity, entries[key] == nil { dropOldest() }
            uses += 1
            entries[key] = (newValue, uses)
        }
    }

    /// Removes the entries that match and returns their values, in no particular order.
    package mutating func removeAll(where fits: (Value) -> Bool) -> [Value] {
        let removed = entries.filter { fits($0.value.value) }
        for key in removed.keys { entries[key] = nil }
        return removed.values.map(\.value)
    }

    private mutating func dropOldest() {
        let newestToDrop = entries.values.map(\.lastUse).sorted()[(capacity - 1) / 4]
        entries = entries.filter { $0.value.lastUse > newestToDrop }
    }
}
