import CZeroMQ

extension Socket {
    /// Queues all parts of one message, or none of them.
    ///
    /// - Parameter parts: at least one; a ROUTER's first part is the peer's routing id.
    /// - Throws: `ZeroMQError`: `.again` when the peer's queue is full or (DEALER) there is no peer, `.hostUnreachable`
    ///   when a mandatory ROUTER has no such peer, `.terminated` after the context's shutdown.
    package func send(_ parts: [Part]) throws(ZeroMQError) {
        precondition(!parts.isEmpty, "a message has at least one part")
        // All parts are built first: once the first is sent nothing may fail for want of memory.
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

        // libzmq checks room when it takes the first part; a failure there leaves nothing behind. A later failure
        // means the connection has gone: libzmq then swallows the parts up to the last one, so all of them
        // must still be offered, else it would swallow the beginning of the next message.
        var failure: ZeroMQError?
        for index in 0..<parts.count {
            let flags = index + 1 < parts.count ? ZMQ_DONTWAIT | ZMQ_SNDMORE : ZMQ_DONTWAIT
            guard let error = sendOne(messages + index, flags: flags) else { continue }
            failure = failure ?? error
            if index == 0 || error.code == .terminated { break }
        }
        if let failure { throw failure }
    }

    /// Sends one part again for as long as a signal interrupts the call; nil when it is queued.
    private func sendOne(_ message: UnsafeMutablePointer<zmq_msg_t>, flags: Int32) -> ZeroMQError? {
        while zmq_msg_send(message, handle, flags) < 0 {
            let error = ZeroMQError.last("send")
            guard error.code == .interrupted else { return error }
        }
        return nil
    }
}
