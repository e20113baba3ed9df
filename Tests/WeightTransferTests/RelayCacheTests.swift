import Testing

@testable import Messaging
@testable import WeightTransfer
@testable import Wire

struct `A relay's cache` {
    private typealias Cache = RelayCache<String>

    private static func cache(_ change: (inout Cache.Limits) -> Void = { _ in }) -> Cache {
        var limits = Cache.Limits()
        change(&limits)
        return Cache(limits)
    }

    private static func chunk(_ number: UInt8) -> (bytes: [UInt8], hash: String) {
        let bytes = [UInt8](repeating: number, count: 100)
        return (bytes, ContentHash.text(of: bytes))
    }

    @Test func `asks once for what many want, and answers all of them`() {
        var cache = Self.cache()
        let (bytes, hash) = Self.chunk(1)
        #expect(cache.request(hash, from: "a", now: .zero) == [.ask(hash)])
        #expect(cache.request(hash, from: "b", now: .zero) == [])
        #expect(cache.request(hash, from: "a", now: .zero) == [])
        #expect(cache.received(bytes, hash: hash, now: .zero) == [.send("a", hash), .send("b", hash)])
        #expect(cache.request(hash, from: "c", now: .zero) == [.send("c", hash)])
        #expect(cache.received(bytes, hash: hash, now: .zero) == [])
        #expect(cache.deadline == nil && cache.pending == 0)
    }

    @Test func `holds no more than its bytes, and lets the oldest go first`() {
        var cache = Self.cache { $0.bytes = 250 }
        for number in 0..<5 as Range<UInt8> {
            let (bytes, hash) = Self.chunk(number)
            _ = cache.request(hash, from: "a", now: .zero)
            _ = cache.received(bytes, hash: hash, now: .zero)
            #expect(cache.heldBytes <= 250)
        }
        let held = (0..<5 as Range<UInt8>).map { cache.chunk(Self.chunk($0).hash) != nil }
        #expect(held == [false, false, false, true, true])
    }

    @Test func `asks for a window at a time, and refuses wishes beyond what it can remember`() {
        var cache = Self.cache {
            $0.window = 2
            $0.wishes = 3
            $0.pending = 4
        }
        let chunks = (0..<6 as Range<UInt8>).map { Self.chunk($0) }
        #expect(cache.request(chunks[0].hash, from: "a", now: .zero) == [.ask(chunks[0].hash)])
        #expect(cache.request(chunks[1].hash, from: "a", now: .zero) == [.ask(chunks[1].hash)])
        #expect(cache.request(chunks[2].hash, from: "a", now: .zero) == [])
        #expect(cache.request(chunks[3].hash, from: "a", now: .zero) == [.refuse("a", chunks[3].hash)])
        #expect(cache.request(chunks[3].hash, from: "b", now: .zero) == [])
        #expect(cache.request(chunks[4].hash, from: "b", now: .zero) == [.refuse("b", chunks[4].hash)])
        let next = cache.received(chunks[0].bytes, hash: chunks[0].hash, now: .zero)
        #expect(next == [.send("a", chunks[0].hash), .ask(chunks[2].hash)])
    }

    @Test func `takes nothing under a wrong name, and tells who waits when nobody has it`() {
        var cache = Self.cache()
        let (bytes, hash) = Self.chunk(1)
        _ = cache.request(hash, from: "a", now: .zero)
        #expect(cache.received(Array(bytes.dropLast()), hash: hash, now: .zero) == nil)
        #expect(cache.chunk(hash) == nil)
        #expect(cache.failed(hash, isLast: false, now: .zero) == [.ask(hash)])
        #expect(cache.failed(hash, isLast: true, now: .zero) == [.refuse("a", hash)])
        #expect(cache.pending == 0 && cache.deadline == nil)
    }

    @Test func `asks again for all that is outstanding, and for nothing that only the gone wanted`() {
        var cache = Self.cache { $0.window = 1 }
        let chunks = (0..<3 as Range<UInt8>).map { Self.chunk($0) }
        _ = cache.request(chunks[0].hash, from: "a", now: .zero)
        _ = cache.request(chunks[1].hash, from: "a", now: .zero)
        _ = cache.request(chunks[2].hash, from: "b", now: .zero)
        #expect(cache.deadline == .seconds(5))
        #expect(cache.askAgain(now: .seconds(5)) == [.ask(chunks[0].hash)])
        #expect(cache.deadline == .seconds(10))
        cache.forget("a")
        #expect(
            cache.received(chunks[0].bytes, hash: chunks[0].hash, now: .seconds(6)) == [.ask(chunks[2].hash)])
    }
}
