import Primitives
import Testing
import ZeroMQ

struct `Sending` {
    @Test func `a mandatory router refuses a peer it does not know`() throws {
        let pair = try Pair()
        _ = try pair.greet()
        let error = #expect(throws: ZeroMQError.self) {
            try pair.router.send([.bytes([1, 2, 3, 4, 5]), .bytes([0])])
        }
        #expect(error?.code == .hostUnreachable)
        #expect(error?.description.contains("no peer") == true)
    }

    @Test func `a full queue takes none of a message's parts, and what it took arrives whole`() throws {
        let pair = try Pair(
            router: { try $0.set(.sendHighWater, 2) }, dealer: { try $0.set(.receiveHighWater, 2) })
        let name = try pair.greet()
        let payload = [UInt8](repeating: 7, count: 100_000)
        var accepted = 0
        // Bounded by what the kernel buffers, some megabytes.
        while accepted < 10_000,
            try pair.router.queues([.bytes(name.bytes), .bytes([1]), .bytes(payload), .bytes([3])])
        {
            accepted += 1
        }
        #expect(accepted >= 2 && accepted < 10_000)
        for _ in 0..<accepted {
            #expect(try pair.dealer.expectMessage().map(\.count) == [1, 100_000, 1])
        }
        #expect(try pair.dealer.receive(limits: .init(parts: 9, bytes: 1 << 20)) == nil)
        // Room again: the refused message left nothing behind in the way.
        try pair.router.sendWhenReady([.bytes(name.bytes), .bytes([9])])
        #expect(try pair.dealer.expectMessage() == [[9]])
    }

    @Test func `a dealer without a peer takes nothing`() throws {
        let dealer = try Socket(.dealer, in: Context())
        let error = #expect(throws: ZeroMQError.self) { try dealer.send([.bytes([1]), .bytes([2])]) }
        #expect(error?.code == .again)
    }

    @Test func `empty parts and a thousand parts arrive as they were sent`() throws {
        let pair = try Pair()
        let parts = (0..<1000).map { [UInt8](repeating: UInt8($0 % 256), count: $0 % 3) }
        try pair.dealer.sendWhenReady(parts.map { .bytes($0) })
        #expect(
            try pair.router.expectMessage(limits: .init(parts: 1001, bytes: 4096)).dropFirst() == parts[...])
    }

    @Test func `a shared buffer arrives and every message gives its reference back exactly once`() throws {
        var buffer = SharedBuffer((0..<200_000).map { UInt8($0 % 251) })
        try {
            let pair = try Pair()
            let name = try pair.greet()
            for index in 0..<20 {
                let start = index * 10_000
                try pair.router.sendWhenReady([.bytes(name.bytes), .shared(buffer, start..<start + 10_000)])
                let expected = (start..<start + 10_000).map { UInt8($0 % 251) }
                #expect(try pair.dealer.expectMessage() == [expected])
            }
        }()
        // The context has ended, so libzmq holds nothing any more.
        #expect(isKnownUniquelyReferenced(&buffer))
    }

    @Test func `a shared buffer that could not be sent is given back too`() throws {
        var buffer = SharedBuffer([1, 2, 3])
        let dealer = try Socket(.dealer, in: Context())
        #expect(throws: ZeroMQError.self) { try dealer.send([.shared(buffer, 0..<3)]) }
        #expect(isKnownUniquelyReferenced(&buffer))
    }

    @Test func `a shared buffer lives until the message that was queued from it is sent`() throws {
        weak var observed: SharedBuffer?
        try {
            let pair = try Pair()
            let name = try pair.greet()
            let payload = [UInt8](repeating: 5, count: 1 << 20)
            do {
                let buffer = SharedBuffer(payload)
                observed = buffer
                try pair.router.send([.bytes(name.bytes), .shared(buffer, 0..<buffer.count)])
            }
            #expect(try pair.dealer.expectMessage(limits: .init(parts: 1, bytes: 2 << 20)) == [payload])
        }()
        #expect(observed == nil)
    }

    @Test func `an empty shared range is an empty part`() throws {
        let pair = try Pair()
        try pair.dealer.sendWhenReady([.bytes([1]), .shared(SharedBuffer([]), 0..<0)])
        #expect(try pair.router.expectMessage().dropFirst() == [[1], []])
    }
}
