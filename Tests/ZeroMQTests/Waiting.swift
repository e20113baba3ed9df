import ZeroMQ

/// A wait in a test went on for too long.
struct TimedOut: Error, CustomStringConvertible {
    let description: String
}

/// Far beyond what a healthy machine needs; only a failing test takes as long.
let patience = Duration.seconds(10)

extension Socket {
    /// Waits for the next message and returns its parts' bytes.
    func expectMessage(limits: ReceptionLimits = .init(parts: 64, bytes: 1 << 20)) throws -> [[UInt8]] {
        guard case .message(let parts) = try expectReception(limits: limits) else {
            throw TimedOut(description: "a message was rejected")
        }
        return parts.map(\.bytes)
    }

    func expectReception(limits: ReceptionLimits) throws -> Reception {
        let poller = Poller()
        poller.add(self, .readable)
        let end = ContinuousClock.now + patience
        while ContinuousClock.now < end {
            if let reception = try receive(limits: limits) { return reception }
            _ = try poller.wait(timeout: .milliseconds(100))
        }
        throw TimedOut(description: "no message")
    }

    /// Sends, or answers false when there is no room.
    func queues(_ parts: [Part]) throws -> Bool {
        do {
            try send(parts)
            return true
        } catch {
            guard error.code == .again else { throw error }
            return false
        }
    }

    /// Sends as soon as there is a connection with room.
    func sendWhenReady(_ parts: [Part]) throws {
        let poller = Poller()
        poller.add(self, .writable)
        let end = ContinuousClock.now + patience
        while ContinuousClock.now < end {
            if try queues(parts) { return }
            _ = try poller.wait(timeout: .milliseconds(100))
        }
        throw TimedOut(description: "could not send")
    }
}

extension Monitor {
    /// Reads on until an event fits; everything read is returned.
    func expect(_ what: String, _ fits: (MonitorEvent.Kind) -> Bool) throws -> [MonitorEvent] {
        let poller = Poller()
        poller.add(socket, .readable)
        var seen: [MonitorEvent] = []
        let end = ContinuousClock.now + patience
        while ContinuousClock.now < end {
            while let event = try next() {
                seen.append(event)
                if fits(event.kind) { return seen }
            }
            _ = try poller.wait(timeout: .milliseconds(100))
        }
        throw TimedOut(description: "no \(what), only \(seen.map(\.kind))")
    }
}

/// A ROUTER bound to a free port of its own and a DEALER connected to it.
struct Pair {
    let context: Context
    let router: Socket
    let dealer: Socket
    let endpoint: String

    init(
        router configureRouter: (Socket) throws -> Void = { _ in },
        dealer configureDealer: (Socket) throws -> Void = { _ in }
    ) throws {
        context = try Context()
        router = try Socket(.router, in: context)
        try router.set(.routerMandatory, true)
        try configureRouter(router)
        endpoint = try router.bind("tcp://127.0.0.1:*")
        dealer = try Socket(.dealer, in: context)
        try configureDealer(dealer)
        try dealer.connect(endpoint)
    }

    /// Says hello from the dealer and returns the routing id the router knows it by.
    func greet() throws -> Message {
        try dealer.sendWhenReady([.bytes([0])])
        guard case .message(let parts) = try router.expectReception(limits: .init(parts: 2, bytes: 100))
        else {
            throw TimedOut(description: "the greeting was rejected")
        }
        return parts[0]
    }
}
