import CZeroMQ

extension Socket {
    /// Queues all parts of one message, or none of them.
    ///
    /// - Parameter parts: at least one. The first part of a ROUTER's message is the peer's routing id.
    /// - Throws: `ZeroMQError`: `.again` when the peer's queue is full or (DEALER) there is no peer, `.hostUnreachable`
    ///   when a mandatory ROUTER has no such peer.
    package func send(_ parts: [Part]) throws(ZeroMQError) {
        precondition(!parts.isEmpty, "a message has at least one part")
        // All parts are made first, so that lack of memory cannot interrupt a message.
        let messages = UnsafeMutablePointer<zmq_msg_t>.allocate(capacity: parts.count)
        messages.initialize(repeating: zmq_msg_t(), count: parts.count)
        var built = 0
        defer {
            for index in 0..<built { zmq_msg_close(messages + index) }
            messages.deallocate()
        }
        for part in parts {
            try part.initialize(messages + built)
            built += 1
        }

        // libzmq checks for room at the first part; a failure there leaves nothing behind. A later failure means that
        // the connection is gone. libzmq then drops the parts up to the last one, so all of them must still be offered:
        // otherwise it would drop the beginning of the next message.
        var failure: ZeroMQError?
        for index in 0..<parts.count {
            let flags = index + 1 < parts.count ? ZMQ_DONTWAIT | ZMQ_SNDMORE : ZMQ_DONTWAIT
            guard let error = sendOne(messages + index, flags: flags) else { continue }
            failure = failure ?? error
            if index == 0 { break }
        }
        if let failure { throw failure }
    }

    /// Sends one part, again when a signal interrupts the call; nil when it is queued.
    private func sendOne(_ message: UnsafeMutablePointer<zmq_msg_t>, flags: Int32) -> ZeroMQError? {
        while zmq_msg_send(message, handle, flags) < 0 {
            let error = ZeroMQError.last("send")
            guard error.code == .interrupted else { return error }
        }
        return nil
    }
}
