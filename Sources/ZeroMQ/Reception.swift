/// How much one message may hold before it is thrown away.
///
/// libzmq bounds the size of a part (`SocketOption.maximumPartBytes`) but not their number.
package struct ReceptionLimits: Sendable, Hashable {
    package let parts: Int
    package let bytes: Int

    package init(parts: Int, bytes: Int) {
        self.parts = parts
        self.bytes = bytes
    }
}

/// What one call of `receive` took out of a socket.
package enum Reception: Sendable {
    /// All parts of one message, in order.
    case message([Message])
    /// A message beyond the limits, taken out of the socket and thrown away.
    ///
    /// `head` holds its first parts, at most two: enough to say who sent it. `parts` and `bytes` count all of it.
    case rejected(head: [Message], parts: Int, bytes: Int)
}
