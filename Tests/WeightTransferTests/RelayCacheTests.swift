import Primitives
import TestSupport
import Testing

@testable import WeightTransfer

struct `A relay's cache` {
    private typealias Cache = RelayCache<String>

    private static func cache(_ change: (inout Cache.Limits) -> Void = { _ in }) -> Cache {
        var limits = Cache.Limits()
        change(&limits)
        return Cache(limits, coordinator: 1)
    }

    private static func chunk(_ number: UInt8) -> (bytes: [UInt8], hash: String) {
        let bytes = [UInt8](repeating: number, count: 100)
        return (bytes, ContentHash.text(of: bytes))
    }

    @Test func `asks once for what many want, and answers all of them`() {
        var cache = Self.cache()
        let (bytes, hash) = Self.chunk(1)
        #expect(cache.request(hash, from: "a", now: .zero) == [.ask(hash, of: 0)])
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
            #expect(cache.heldBytes <= 250 && cache.inconsistency == nil)
        }
        let held = (0..<5 as Range<UInt8>).map { cache.chunk(Self.chunk($0).hash) != nil }
        #expect(held == [false, false, false, true, true])
    }

    @Test func `asks for a window at a time, and refuses requests beyond its bounds`() {
        var cache = Self.cache {
            $0.window = 2
            $0.perPeer = 3
            $0.pending = 4
        }
        let chunks = (0..<6 as Range<UInt8>).map { Self.chunk($0) }
        #expect(cache.request(chunks[0].hash, from: "a", now: .zero) == [.ask(chunks[0].hash, of: 0)])
        #expect(cache.request(chunks[1].hash, from: "a", now: .zero) == [.ask(chunks[1].hash, of: 0)])
        #expect(cache.request(chunks[2].hash, from: "a", now: .zero) == [])
        #expect(cache.request(chunks[3].hash, from: "a", now: .zero) == [.refuse("a", chunks[3].hash)])
        #expect(cache.request(chunks[3].hash, from: "b", now: .zero) == [])
        #expect(cache.request(chunks[4].hash, from: "b", now: .zero) == [.refuse("b", chunks[4].hash)])
        let next = cache.received(chunks[0].bytes, hash: chunks[0].hash, now: .zero)
        #expect(next == [.send("a", chunks[0].hash), .ask(chunks[2].hash, of: 0)])
    }

    @Test func `takes nothing under a wrong name, and tells who waits when nobody has it`() {
        var cache = Self.cache()
        let (bytes, hash) = Self.chunk(1)
        _ = cache.request(hash, from: "a", now: .zero)
        #expect(cache.received(Array(bytes.dropLast()), hash: hash, now: .zero) == nil)
        #expect(cache.chunk(hash) == nil)
        #expect(cache.failed(hash, at: 0, isMissing: true, now: .zero) == [.ask(hash, of: 1)])
        // A late word of the source that was asked before.
        #expect(cache.failed(hash, at: 0, isMissing: true, now: .zero) == [])
        #expect(cache.failed(hash, at: 1, isMissing: true, now: .zero) == [.refuse("a", hash)])
        #expect(cache.pending == 0 && cache.deadline == nil)
    }

    @Test func `a chunk that only the coordinator owes is late at the coordinator, and asked there again`() {
        var cache = Self.cache()
        let hash = Self.chunk(1).hash
        _ = cache.request(hash, from: "a", now: .zero)
        #expect(cache.lateSource == 0)
        #expect(cache.failed(hash, at: 0, isMissing: true, now: .zero) == [.ask(hash, of: 1)])
        #expect(cache.source == 0 && cache.lateSource == 1 && cache.deadline == .seconds(5))
        #expect(cache.move(from: 1, to: 1, now: .seconds(5)) == [.ask(hash, of: 1)])
        #expect(cache.source == 0 && cache.deadline == .seconds(10))
    }

    @Test func `gives a chunk up after four failures, and asks for the next one instead`() {
        var cache = Self.cache { $0.window = 1 }
        let (hash, other) = (Self.chunk(1).hash, Self.chunk(2).hash)
        _ = cache.request(hash, from: "a", now: .zero)
        _ = cache.request(other, from: "b", now: .zero)
        #expect(cache.move(from: 0, to: 1, failed: hash, now: .zero) == [.ask(hash, of: 1)])
        for _ in 0..<2 {
            #expect(cache.move(from: 1, to: 1, failed: hash, now: .zero) == [.ask(hash, of: 1)])
        }
        #expect(
            cache.move(from: 1, to: 1, failed: hash, now: .zero) == [.refuse("a", hash), .ask(other, of: 1)])
    }

    @Test func `asks another source for the chunks in flight at the old one only, each once`() {
        var cache = Self.cache()
        let hashes = (0..<4 as Range<UInt8>).map { Self.chunk($0).hash }
        for hash in hashes { _ = cache.request(hash, from: "a", now: .zero) }
        // The relay does not have this one, so the coordinator is asked for it.
        #expect(cache.failed(hashes[2], at: 0, isMissing: true, now: .zero) == [.ask(hashes[2], of: 1)])
        let moved = cache.move(from: 0, to: 1, failed: hashes[1], now: .zero)
        #expect(moved == [hashes[0], hashes[1], hashes[3]].sorted().map { .ask($0, of: 1) })
        #expect(cache.source == 1)
    }

    @Test func `asks again for all that is outstanding, and for nothing that only the gone wanted`() {
        var cache = Self.cache { $0.window = 1 }
        let chunks = (0..<3 as Range<UInt8>).map { Self.chunk($0) }
        _ = cache.request(chunks[0].hash, from: "a", now: .zero)
        _ = cache.request(chunks[1].hash, from: "a", now: .zero)
        _ = cache.request(chunks[2].hash, from: "b", now: .zero)
        #expect(cache.deadline == .seconds(5))
        #expect(cache.move(from: 0, to: 0, now: .seconds(5)) == [.ask(chunks[0].hash, of: 0)])
        #expect(cache.deadline == .seconds(10))
        cache.forget("a")
        #expect(
            cache.received(chunks[0].bytes, hash: chunks[0].hash, now: .seconds(6))
                == [.ask(chunks[2].hash, of: 0)])
    }

    @Test func `keeps its whole window when peers die while their chunks are queued`() {
        var cache = Self.cache()
        let chunks = (0..<24 as Range<UInt8>).map { Self.chunk($0) }
        var asked: [String] = []
        func note(_ actions: [Cache.Action]?) {
            for case .ask(let hash, _) in actions ?? [] { asked.append(hash) }
        }
        for life in ["first", "second"] {
            for chunk in chunks { note(cache.request(chunk.hash, from: life, now: .zero)) }
            if life == "first" { cache.forget(life) }
        }
        #expect(asked.count == 16)
        for chunk in chunks { note(cache.received(chunk.bytes, hash: chunk.hash, now: .zero)) }
        #expect(asked.count == 24 && Set(asked).count == 24)
        #expect(cache.pending == 0 && cache.deadline == nil && cache.inconsistency == nil)
    }

    /// Random requests, arrivals, failures, deaths and moves; the cache is checked after each.
    private struct RandomLife {
        static let peers = (0..<6).map { "peer \($0)" }
        static let chunks = (0..<40 as Range<UInt8>).map { `A relay's cache`.chunk($0) }

        var random: SplitMix
        var cache: Cache
        var now = Duration.zero
        /// The source that owes each chunk.
        var owed: [String: Int] = [:]

        init(seed: UInt64) {
            random = SplitMix(seed: seed)
            cache = `A relay's cache`.cache {
                $0.window = 4
                $0.perPeer = 12
                $0.pending = 30
                $0.bytes = 1500
            }
        }

        mutating func carryOut(_ actions: [Cache.Action]) throws {
            for case .ask(let hash, let source) in actions {
                try #require(owed[hash] == nil, "asked for a chunk that is in flight")
                owed[hash] = source
            }
            try #require(cache.inconsistency == nil)
            try #require((cache.deadline == nil) == owed.isEmpty)
        }

        mutating func step() throws {
            now += .milliseconds(100)
            let chunk = Self.chunks[random.below(Self.chunks.count)]
            let peer = Self.peers[random.below(Self.peers.count)]
            let inFlight = owed.keys.sorted()
            let hash = inFlight.isEmpty ? chunk.hash : inFlight[random.below(inFlight.count)]
            let source = random.below(2)
            switch random.below(10) {
            case 0..<5:
                try carryOut(cache.request(chunk.hash, from: peer, now: now))
            case 5, 6:
                try receive(hash)
            case 7:
                cache.forget(peer)
                try carryOut([])
            case 8:
                if owed[hash] == source { owed[hash] = nil }
                try carryOut(cache.failed(hash, at: source, isMissing: random.below(2) == 0, now: now))
            default:
                owed = owed.filter { $0.value != source }
                let failed = random.below(2) == 0 ? hash : nil
                try carryOut(cache.move(from: source, to: random.below(2), failed: failed, now: now))
            }
        }

        mutating func receive(_ hash: String) throws {
            owed[hash] = nil
            let bytes = Self.chunks.first { $0.hash == hash }?.bytes ?? []
            try carryOut(cache.received(bytes, hash: hash, now: now) ?? [])
        }

        /// Lets every chunk in flight arrive, and checks that the window is whole then.
        mutating func finish() throws {
            while let hash = owed.keys.first { try receive(hash) }
            try #require(cache.pending == 0 && cache.deadline == nil)
            var asked = 0
            for number in 200..<210 as Range<UInt8> {
                asked += cache.request(`A relay's cache`.chunk(number).hash, from: "last", now: now).count
            }
            try #require(asked == 4)
        }
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func `never asks for a chunk in flight, and never loses a place in its window`(seed: UInt64) throws {
        var life = RandomLife(seed: seed)
        for _ in 0..<400 { try life.step() }
        try life.finish()
    }
}
