/// Counts tries by address, so that of an address the 1st, 2nd, 4th, 8th … can be told and the others only counted.
package struct TryTally: Sendable {
    private static let addresses = 1024
    private var tries: [String: Int] = [:]

    package init() {}

    /// Counts one more; how many there are of this address when that is worth telling, else nil.
    ///
    /// - Parameter address: of a host, with a word before it where kinds of tries are told apart; what follows a `#` names one
    ///   of its connections and is left out.
    package mutating func count(_ address: String) -> Int? {
        let host = String(address.prefix { $0 != "#" })
        // Whoever has that many addresses is counted anew.
        if tries.count >= Self.addresses, tries[host] == nil { tries = [:] }
        let count = tries[host, default: 0] + 1
        tries[host] = count
        return count.nonzeroBitCount == 1 ? count : nil
    }
}
