/// Immutable bytes that any number of messages send from without a copy.
///
/// libzmq frees a message on a thread of its own choosing; each message in flight holds one reference, so the bytes
/// live exactly as long as the last message or the last Swift owner.
package final class SharedBuffer: @unchecked Sendable {
    // Safe: this reference makes the array's storage shared, so whoever changes the array elsewhere changes a copy,
    // and the storage neither moves nor goes before `self` does.
    private let array: [UInt8]
    private let start: UnsafeRawPointer?

    /// Shares the array's storage; nothing is copied.
    package init(_ array: consuming [UInt8]) {
        self.array = array
        start = self.array.withUnsafeBytes { $0.baseAddress }
    }

    package var count: Int { array.count }

    /// The same storage as an array; nothing is copied.
    package var bytes: [UInt8] { array }

    /// The bytes' place in memory, for a message that holds a reference to `self`.
    package func address(of range: Range<Int>) -> UnsafeMutableRawPointer? {
        precondition(range.lowerBound >= 0 && range.upperBound <= array.count, "range outside the buffer")
        // libzmq's signature is not const, but it only reads.
        return start.map { UnsafeMutableRawPointer(mutating: $0) + range.lowerBound }
    }
}
