/// Immutable bytes outside the heap of arrays, shared by any number of messages without a copy.
///
/// libzmq frees a message on a thread of its own choosing; each message in flight holds one reference, so the bytes
/// live exactly as long as the last message or the last Swift owner.
package final class SharedBuffer: @unchecked Sendable {
    // Safe: written only inside `init`, before anyone else can see it.
    private let storage: UnsafeMutableRawBufferPointer

    /// Makes a buffer of `count` bytes and lets `fill` write all of them.
    package init<Failure: Error>(
        count: Int, fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        let storage = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 64)
        do {
            try fill(storage)
        } catch {
            storage.deallocate()
            throw error
        }
        self.storage = storage
    }

    /// Copies the bytes once.
    package convenience init(copying bytes: [UInt8]) {
        self.init(count: bytes.count) { storage in
            storage.copyBytes(from: bytes)
        }
    }

    deinit { storage.deallocate() }

    package var count: Int { storage.count }

    /// Lends the bytes; the pointer must not outlive the call.
    package func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(storage))
    }

    /// The bytes' place in memory, for a message that holds a reference to `self`.
    func address(of range: Range<Int>) -> UnsafeMutableRawPointer? {
        precondition(range.lowerBound >= 0 && range.upperBound <= storage.count, "range outside the buffer")
        return storage.baseAddress.map { $0 + range.lowerBound }
    }
}
