extension Socket {
    /// Takes one whole message; nil when none is waiting.
    ///
    /// A message beyond the limits is taken out to its end and reported as rejected, so the next call begins with
    /// the next message.
    ///
    /// - Throws: `ZeroMQError`: `.terminated` after the context's shutdown.
    package func receive(limits: ReceptionLimits) throws(ZeroMQError) -> Reception? {
        var parts: [Message] = []
        var count = 0
        var bytes = 0
        while true {
            let message = Message()
            guard try message.receive(from: handle) else {
                // libzmq hands over whole messages only, so between two parts this cannot be.
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
                // Let go at once: only who sent it is still wanted, which the second part knows.
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
