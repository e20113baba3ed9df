/// One immutable buffer shared by everyone who sends from it.
///
/// A class, so that a socket can keep it alive without copying; the array is never changed.
package final class WeightBytes: Sendable {
    package let bytes: [UInt8]

    package init(_ bytes: consuming [UInt8]) { self.bytes = bytes }

    package var count: Int { bytes.count }
}
