import Testing

@testable import ZeroMQ

/// Options that Ponder never sets.
extension SocketOption where Value == String {
    fileprivate static var routingID: Self { Self(5, "ROUTING_ID") }
}

extension SocketOption where Value == Int32 {
    fileprivate static var mechanism: Self { Self(43, "MECHANISM") }
}

struct `Socket options` {
    private func readBack<Value: Equatable>(
        _ option: SocketOption<Value>, _ value: Value, kind: Socket.Kind = .dealer
    ) throws {
        let socket = try Socket(kind, in: Context())
        #expect(try socket.get(option) != value, "\(option.name) must change for the test to mean anything")
        try socket.set(option, value)
        #expect(try socket.get(option) == value, "\(option.name)")
    }

    @Test func `a new socket does not linger, and bounds what it takes in`() throws {
        let socket = try Socket(.dealer, in: Context())
        #expect(try socket.get(.linger) == .zero)
        #expect(try socket.get(.maximumPartBytes) == 64 << 20)
    }

    @Test func `durations are read back as they were set`() throws {
        try readBack(.linger, .seconds(2))
        try readBack(.tcpMaximumRetransmission, .seconds(10))
        try readBack(.handshakeTimeout, .seconds(5))
        try readBack(.reconnectInterval, .milliseconds(150))
        try readBack(.reconnectIntervalMaximum, .seconds(10))
    }

    @Test func `a part of a millisecond counts as a whole one, never as none`() throws {
        let socket = try Socket(.dealer, in: Context())
        try socket.set(.linger, .microseconds(1))
        #expect(try socket.get(.linger) == .milliseconds(1))
    }

    @Test func `a negative time means none, never no limit`() throws {
        let socket = try Socket(.dealer, in: Context())
        try socket.set(.linger, .seconds(-1))
        #expect(try socket.get(.linger) == .zero)
    }

    @Test func `bounds and switches are read back as they were set`() throws {
        try readBack(.sendHighWater, 17)
        try readBack(.receiveHighWater, 18)
        try readBack(.maximumPartBytes, 4 << 20)
        try readBack(.ipv6, true)
    }

    @Test func `CURVE options are read back and turn the mechanism on`() throws {
        let keys = try CurveKeyPair.generate()
        let server = try CurveKeyPair.generate()
        try readBack(.curvePublicKey, keys.publicKey)
        try readBack(.curveSecretKey, keys.secretKey)
        try readBack(.curveServerKey, server.publicKey)
        try readBack(.curveServer, true)
        try readBack(.zapDomain, "ponder")
        try readBack(.zapEnforceDomain, true)

        let socket = try Socket(.router, in: Context())
        #expect(try socket.get(.mechanism) == 0)
        try socket.set(.curveServer, true)
        #expect(try socket.get(.mechanism) == 2)
    }

    @Test func `without handover a second peer of the same name is not heard`() throws {
        let pair = try Pair(
            router: { try $0.set(.routerHandover, false) }, dealer: { try $0.set(.routingID, "same") })
        let name = try pair.greet()
        #expect(name.bytes == [UInt8]("same".utf8))

        let second = try Socket(.dealer, in: pair.context)
        try second.set(.routingID, "same")
        let monitor = try Monitor(second)
        try second.connect(pair.endpoint)
        _ = try monitor.expect("handshake") { $0 == .handshakeSucceeded }
        try second.sendWhenReady([.bytes([66])])

        try pair.dealer.send([.bytes([1])])
        #expect(try pair.router.expectMessage().last == [1])
    }

    @Test func `with handover the second peer takes the name over`() throws {
        let pair = try Pair(
            router: { try $0.set(.routerHandover, true) }, dealer: { try $0.set(.routingID, "same") })
        _ = try pair.greet()
        let second = try Socket(.dealer, in: pair.context)
        try second.set(.routingID, "same")
        try second.connect(pair.endpoint)
        try second.sendWhenReady([.bytes([66])])
        #expect(try pair.router.expectMessage() == [[UInt8]("same".utf8), [66]])
    }

    @Test func `an option the socket does not have is an error that names it`() throws {
        let socket = try Socket(.dealer, in: Context())
        let error = #expect(throws: ZeroMQError.self) { try socket.set(.routerMandatory, true) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.operation == "set ROUTER_MANDATORY")
    }
}
