/// Limits the log lines that one address can cause: its 1st, 2nd, 4th, 8th event and so on are logged.
package struct RateLimiter: Sendable {
    private var counts = LRUDictionary<String, Int>(capacity: 1024)

    package init() {}

    /// Counts one more event of an address.
    ///
    /// - Parameter address: a host, with a word for the kind of event before it when kinds are counted
    ///   separately. The text from `#` on names one connection of the host and is ignored.
    /// - Returns: the number of the address's events so far when this one is to be logged, else nil.
    package mutating func count(_ address: String) -> Int? {
        let host = String(address.prefix { $0 != "#" })
        let count = (counts[host] ?? 0) + 1
        counts[host] = count
        return count.nonzeroBitCount == 1 ? count : nil
    }
}
