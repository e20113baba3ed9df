import TestNetwork
import TestSupport
import Testing
import ZeroMQ

struct `Monitors` {
    @Test func `a connection's life is told in order, on both sides`() throws {
        let context = try Context()
        let router = try Socket(.router, in: context)
        let listener = try Monitor(router)
        let endpoint = try router.bind("tcp://127.0.0.1:*")
        try {
            let dealer = try Socket(.dealer, in: context)
            let caller = try Monitor(dealer)
            try dealer.connect(endpoint)
            let calls = try caller.expect("handshake") { $0 == .handshakeSucceeded }
            #expect(calls.map(\.kind) == [.connected, .handshakeSucceeded])
        }()
        let events = try listener.expect("disconnect") { $0 == .disconnected }
        #expect(events.map(\.kind) == [.accepted, .handshakeSucceeded, .disconnected])
    }

    @Test func `a peer that hangs up and comes back is told`() throws {
        let context = try Context()
        var router: Socket? = try Socket(.router, in: context)
        let endpoint = try router?.bind("tcp://127.0.0.1:*") ?? ""
        let dealer = try Socket(.dealer, in: context)
        try dealer.set(.reconnectInterval, .milliseconds(10))
        let monitor = try Monitor(dealer)
        try dealer.connect(endpoint)
        _ = try monitor.expect("handshake") { $0 == .handshakeSucceeded }
        router = nil
        _ = try monitor.expect("disconnect") { $0 == .disconnected }
        let back = try Socket(.router, in: Context())
        try back.bind(endpoint)
        _ = try monitor.expect("second handshake") { $0 == .handshakeSucceeded }
    }

    @Test func `garbage, slow handshakes and port scans are closed in time while real traffic goes on`()
        throws
    {
        let pair = try Pair(router: { try $0.set(.handshakeTimeout, .milliseconds(200)) })
        let name = try pair.greet()
        var generator = SystemRandomNumberGenerator()
        let garbage = (0..<20).map { _ in (0..<512).map { _ in UInt8.random(in: 0...255, using: &generator) }
        }
        let greeting: [UInt8] = [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3]
        let connections = try (0..<60).map { index in
            let connection = try RawConnection(to: pair.endpoint)
            switch index % 3 {
            case 0: connection.write(garbage[index / 3])
            case 1: connection.write(greeting)
            default: break
            }
            return connection
        }
        for number in UInt8(0)..<50 {
            try pair.dealer.sendWhenReady([.bytes([number])])
            // Garbage that looks like ZMTP 1.0 arrives as messages of other peers.
            while try pair.router.expectMessage() != [name.bytes, [number]] {}
        }
        // A silent connection is closed last, when its handshake has taken too long.
        for connection in connections { #expect(connection.isClosed(within: patience)) }
    }
}
