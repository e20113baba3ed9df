/// The largest message that is received; a larger one is dropped.
///
/// libzmq bounds the size of a part (`SocketOption.maximumPartBytes`), but not the number of parts.
package struct ReceptionLimits: Sendable, Hashable {
    package let parts: Int
    package let bytes: Int

    package init(parts: Int, bytes: Int) {
        self.parts = parts
        self.bytes = bytes
    }
}

/// One message, taken from a socket.
package enum Reception: Sendable {
    /// All parts of one message, in order.
    case message([Message])
    /// A message beyond the limits, which was dropped.
    ///
    /// `head` holds its first parts, at most two, which tell the sender. `parts` and `bytes` count the whole message.
    case rejected(head: [Message], parts: Int, bytes: Int)

    /// The first parts of the message, at least one; enough to tell the sender.
    package var head: [Message] {
        switch self {
        case .message(let parts): parts
        case .rejected(let head, _, _): head
        }
    }
}
