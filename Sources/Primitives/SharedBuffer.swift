/// Immutable bytes that messages send without a copy.
///
/// Each message in flight holds a reference, which libzmq releases on any thread. So the bytes live as long
/// as the last message or the last Swift owner.
package final class SharedBuffer: @unchecked Sendable {
    // Safe: this reference keeps the array's storage alive and in place, and makes it shared, so that a
    // change to the array elsewhere modifies a copy.
    private let array: [UInt8]
    private let start: UnsafeRawPointer?

    /// Shares the array's storage without a copy.
    package init(_ array: consuming [UInt8]) {
        self.array = array
        start = self.array.withUnsafeBytes { $0.baseAddress }
    }

    package var count: Int { array.count }

    /// The bytes as an array, without a copy.
    package var bytes: [UInt8] { array }

    /// The address of a range, for a message that holds a reference to `self`.
    package func address(of range: Range<Int>) -> UnsafeMutableRawPointer? {
        precondition(range.lowerBound >= 0 && range.upperBound <= array.count, "range outside the buffer")
        // libzmq takes a mutable pointer, but only reads.
        return start.map { UnsafeMutableRawPointer(mutating: $0) + range.lowerBound }
    }
}
