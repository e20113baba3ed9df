extension Socket {
    /// Takes one whole message; nil when no message waits.
    ///
    /// A message beyond the limits is read to its end and reported as rejected, so the next call returns the next message.
    package func receive(limits: ReceptionLimits) throws(ZeroMQError) -> Reception? {
        var parts: [Message] = []
        var count = 0
        var bytes = 0
        while true {
            let message = Message()
            guard try message.receive(from: handle) else {
                // libzmq delivers whole messages only, so all parts of a message are there.
                guard count == 0 else {
                    throw ZeroMQError(.wrongState, operation: "receive part \(count + 1)")
                }
                return nil
            }
            count += 1
            bytes += message.count
            if count <= limits.parts, bytes <= limits.bytes {
                parts.append(message)
            } else {
                // Only the first two parts are kept, which tell the sender.
                parts = count <= 2 ? parts + [message] : Array(parts.prefix(2))
            }
            if !message.isFollowed { break }
        }
        guard count <= limits.parts, bytes <= limits.bytes else {
            return .rejected(head: parts, parts: count, bytes: bytes)
        }
        return .message(parts)
    }
}
