import Testing
import ZeroMQ

struct `CURVE` {
    private func server(_ keys: CurveKeyPair, enforceZAP: Bool = false) -> (Socket) throws -> Void {
        { socket in
            try socket.set(.curveServer, true)
            try socket.set(.curveSecretKey, keys.secretKey)
            if enforceZAP {
                try socket.set(.zapDomain, "ponder")
                try socket.set(.zapEnforceDomain, true)
            }
        }
    }

    private func client(serverKey: CurvePublicKey) throws -> (Socket) throws -> Void {
        let keys = try CurveKeyPair.generate()
        return { socket in
            try socket.set(.curveServerKey, serverKey)
            try socket.set(.curvePublicKey, keys.publicKey)
            try socket.set(.curveSecretKey, keys.secretKey)
        }
    }

    @Test func `a client that knows the server's key gets through`() throws {
        let keys = try CurveKeyPair.generate()
        let pair = try Pair(router: server(keys), dealer: client(serverKey: keys.publicKey))
        try pair.dealer.sendWhenReady([.bytes([1])])
        #expect(try pair.router.expectMessage().last == [1])
    }

    @Test func `a client with another server's key is told that the handshake failed`() throws {
        let keys = try CurveKeyPair.generate()
        let other = try CurveKeyPair.generate()
        let pair = try Pair(router: server(keys))
        let dealer = try Socket(.dealer, in: pair.context)
        try client(serverKey: other.publicKey)(dealer)
        let monitor = try Monitor(dealer)
        try dealer.connect(pair.endpoint)
        let events = try monitor.expect("failed handshake") {
            if case .handshakeFailed = $0 { true } else { false }
        }
        #expect(!events.contains { $0.kind == .handshakeSucceeded })
    }

    @Test func `a client without keys is refused by a server that has some`() throws {
        let pair = try Pair(router: server(try .generate()))
        let plain = try Socket(.dealer, in: pair.context)
        let monitor = try Monitor(plain)
        try plain.connect(pair.endpoint)
        let failed = try monitor.expect("failed handshake") {
            if case .handshakeFailed = $0 { true } else { false }
        }
        guard case .handshakeFailed(let failure) = failed.last?.kind else { return }
        #expect(failure.description == "one side uses keys and the other none")
    }

    @Test func `a server that enforces its domain accepts nobody without a handler`() throws {
        let keys = try CurveKeyPair.generate()
        let pair = try Pair(router: server(keys, enforceZAP: true))
        let dealer = try Socket(.dealer, in: pair.context)
        try client(serverKey: keys.publicKey)(dealer)
        let monitor = try Monitor(pair.router)
        try dealer.connect(pair.endpoint)
        let events = try monitor.expect("failed handshake") {
            if case .handshakeFailed = $0 { true } else { false }
        }
        #expect(!events.contains { $0.kind == .handshakeSucceeded })
    }

    @Test func `key pairs differ, and the public key follows from the secret one`() throws {
        let first = try CurveKeyPair.generate()
        let second = try CurveKeyPair.generate()
        #expect(first != second)
        #expect(first.publicKey.z85.utf8.count == 40)
        #expect(try CurveKeyPair(secretKey: first.secretKey) == first)
    }

    @Test(arguments: ["", "short", String(repeating: "\u{22}", count: 40), String(repeating: "é", count: 20)])
    func `what is no key is refused`(text: String) {
        #expect(CurvePublicKey(z85: text) == nil)
        #expect(CurveSecretKey(z85: text) == nil)
    }

    @Test func `a secret key does not print itself`() throws {
        let keys = try CurveKeyPair.generate()
        var dumped = ""
        dump(keys, to: &dumped)
        for text in ["\(keys)", "\(keys.secretKey)", String(reflecting: keys), dumped] {
            #expect(!text.contains(keys.secretKey.z85))
        }
    }
}
