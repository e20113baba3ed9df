/// What both sides must share to understand each other.
package enum WireProtocol {
    /// Rises with every change of a message that an older side would misread.
    package static let version = 1

    /// The largest message of the control port, in bytes, all frames together.
    package static let largestMessage = 64 << 20
}
