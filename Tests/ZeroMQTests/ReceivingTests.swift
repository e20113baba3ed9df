import Testing
import ZeroMQ

struct `Receiving` {
    @Test func `nothing waiting is nil`() throws {
        #expect(try Pair().router.receive(limits: .init(parts: 1, bytes: 1)) == nil)
    }

    @Test(arguments: [(parts: 1000, each: 1), (parts: 3, each: 2000), (parts: 1, each: 5000)])
    func `a message beyond the limits is taken out whole and counted`(parts: Int, each: Int) throws {
        let pair = try Pair()
        let part = Part.bytes([UInt8](repeating: 0, count: each))
        try pair.dealer.sendWhenReady([Part](repeating: part, count: parts))
        try pair.dealer.send([.bytes([42])])

        let limits = ReceptionLimits(parts: 8, bytes: 4096)
        guard case .rejected(let head, let count, let bytes) = try pair.router.expectReception(limits: limits)
        else {
            Issue.record("the message was accepted")
            return
        }
        #expect(count == parts + 1)
        #expect(bytes == parts * each + head[0].count)
        #expect(head.count == 2)
        #expect(head.last?.peerAddress == "127.0.0.1")
        #expect(try pair.router.expectMessage(limits: limits).last == [42])
    }

    @Test func `the payload part says where the message came from`() throws {
        let pair = try Pair()
        try pair.dealer.sendWhenReady([.bytes([1])])
        guard case .message(let parts) = try pair.router.expectReception(limits: .init(parts: 2, bytes: 100))
        else {
            Issue.record("rejected")
            return
        }
        #expect(parts[1].peerAddress == "127.0.0.1")
        #expect(parts[1].userID == nil)
    }

    @Test func `a part larger than the socket allows breaks its sender's connection, not the others`() throws
    {
        let pair = try Pair(router: { try $0.set(.maximumPartBytes, 1000) })
        let monitor = try Monitor(pair.router)
        let good = try Socket(.dealer, in: pair.context)
        try good.connect(pair.endpoint)
        try good.sendWhenReady([.bytes([1])])
        #expect(try pair.router.expectMessage().last == [1])

        try pair.dealer.sendWhenReady([.bytes([UInt8](repeating: 0, count: 1001))])
        _ = try monitor.expect("disconnect") { $0 == .disconnected }
        try good.send([.bytes([2])])
        #expect(try pair.router.expectMessage().last == [2])
    }

    @Test func `duplicate messages are two messages`() throws {
        let pair = try Pair()
        for _ in 0..<2 { try pair.dealer.sendWhenReady([.bytes([8])]) }
        #expect(try pair.router.expectMessage().last == [8])
        #expect(try pair.router.expectMessage().last == [8])
    }
}
