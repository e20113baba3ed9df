import Logging
import Primitives
import Reinforcement
import Scheduling
import WeightTransfer
import Wire
import ZeroMQ

/// The sockets behind `WeightRelay`: a desk that workers ask, and a DEALER to each source of chunks.
final class WeightRelayRole: SocketRole {
    typealias Command = Never

    private let desk: WeightDesk
    private let plan: SocketPlan
    private let counters: TransportCounters
    private let logger: Logger
    private let ended: @Sendable (String) -> Void
    private let start = ContinuousClock.now
    /// Who is asked, the first that does not rest; the last one, the coordinator, never does.
    private let sources: [WeightSource]
    private let rest: Duration
    private let traffic: WeightTraffic
    private var asked = 0
    private var cache: RelayCache<PeerID>
    /// Since when nothing has come that is waited for, and until when the log has been told.
    private var silence: (since: Duration, told: Duration)?

    init(
        _ endpoint: Endpoint, sources: [WeightClient.Source], limits: RelayCache<PeerID>.Limits,
        rest: Duration,
        plan: SocketPlan, door: Door, in context: Context, traffic: WeightTraffic,
        counters: TransportCounters,
        logger: Logger, ended: @escaping @Sendable (String) -> Void
    ) throws {
        desk = try WeightDesk(endpoint, plan: plan, door: door, in: context, counters: counters)
        self.plan = plan
        self.rest = rest
        self.traffic = traffic
        self.counters = counters
        self.logger = logger
        self.ended = ended
        self.sources = try sources.map { try WeightSource($0, plan: plan, in: context) }
        cache = RelayCache(limits)
    }

    var endpoint: Endpoint { desk.endpoint }

    func prepare(_ poller: Poller) {
        desk.prepare(poller)
        for source in sources { source.connection.add(to: poller, reading: true) }
    }

    var patience: Duration {
        let deadline = cache.deadline.map { max(.zero, $0 - now) } ?? .seconds(1)
        return min(deadline, min(.seconds(1), desk.patience))
    }

    func execute(_ command: Never) {}

    func turn() throws {
        for peer in try desk.expelled() { cache.forget(peer) }
        for index in sources.indices { try hear(index) }
        for index in sources.indices {
            try sources[index].receive(plan.limits) { try take($0, from: index) }
        }
        try serve()
        try lookAfterSilence()
    }

    func ended(_ error: (any Error)?) {
        counters.ended(error)
        if let error { ended("the relay's socket thread has ended: \(error)") }
    }

    // MARK: Upstream

    private var now: Duration { ContinuousClock.now - start }
    private var last: Int { sources.count - 1 }

    private func hear(_ index: Int) throws {
        while let news = try sources[index].connection.news() {
            switch news {
            case .lost where index == last:
                // libzmq dials again by itself; what was asked is not answered on the next connection.
                if asked == last { try carryOut(cache.askAgain(now: now)) }
            case .lost where index == asked: try next("hung up")
            case .lost: try sources[index].rest(rest, from: now)
            case .shutOut(let reason) where index == last: ended(reason)
            case .shutOut(let reason) where index == asked: try next("does not let us in: \(reason)")
            case .shutOut: try sources[index].rest(rest, from: now)
            }
        }
    }

    private func take(_ reception: Reception, from index: Int) throws {
        do {
            guard case .message(let parts) = reception else {
                throw WireError(.frameSize, field: "reply", found: "too much", wanted: "a chunk")
            }
            let frame = parts[0].bytes
            if parts.count == 2, let hash = try WeightCoder.chunkHash(frame, size: parts[1].count) {
                traffic.came(parts[1].count)
                let bytes = parts[1].bytes
                if let actions = cache.received(bytes, hash: hash, now: now) { return try carryOut(actions) }
                if index == asked { try next("sent other bytes under the name of chunk \(hash.prefix(12))") }
                return try carryOut(cache.failed(hash, isLast: false, now: now))
            }
            if case .unknownChunk(let hash) = try WeightCoder.decodeReply(
                [frame] + parts.dropFirst().map(\.bytes))
            {
                try carryOut(cache.failed(hash, isLast: index == last, now: now), to: last)
            }
        } catch let error as WireError {
            counters.count(\.malformed, "malformed reply from \(sources[index].endpoint): \(error)")
            if index == asked { try next("sent what is no reply: \(error)") }
        }
    }

    /// Asks the next source, or the last one again.
    private func next(_ reason: String) throws {
        if asked == last {
            try sources[last].redial()
        } else {
            counters.count(
                \.setAside, "relay \(sources[asked].endpoint) \(reason); others are asked for its chunks")
            try sources[asked].rest(rest, from: now)
        }
        asked = sources.indices.first { $0 == last || !sources[$0].rests(at: now) } ?? last
        try carryOut(cache.askAgain(now: now))
    }

    /// Names a wait that is long, at once and then each time it has doubled.
    private func lookAfterSilence() throws {
        guard let deadline = cache.deadline else {
            if silence != nil { logger.notice("chunks arrive again from \(sources[asked].endpoint)") }
            silence = nil
            asked = sources.indices.first { $0 == last || !sources[$0].rests(at: now) } ?? last
            return
        }
        if let silence, cache.lastReply > silence.told { self.silence = nil }
        guard now >= deadline else { return }
        let since = silence?.since ?? cache.lastReply
        if silence.map({ now - $0.since >= ($0.told - $0.since) * 2 }) ?? true {
            logger.warning(
                "waiting for \(cache.pending) chunks from \(sources[asked].endpoint), for \((now - since).seconds.rounded()) s"
            )
            silence = (since, now)
        }
        try next("said nothing for \((now - cache.lastReply).seconds.rounded()) s")
    }

    // MARK: Downstream

    private func serve() throws {
        for (peer, request) in try desk.requests() {
            switch request {
            case .chunk(let hash):
                try carryOut(cache.request(hash, from: peer, now: now))
            case .manifest(let version):
                // What a relay says of a version is worth nothing: the coordinator tells.
                try send(
                    WeightCoder.encode(.unknownVersion(version, newest: nil)).map { .bytes($0) }, to: peer)
            }
        }
    }

    private func carryOut(_ actions: [RelayCache<PeerID>.Action], to source: Int? = nil) throws {
        for action in actions {
            switch action {
            case .ask(let hash):
                do {
                    try sources[source ?? asked].connection.dealer.send(
                        WeightCoder.encode(.chunk(hash: hash)).map { .bytes($0) })
                } catch let error as ZeroMQError where error.code == .again {
                    // The deadline asks again.
                    counters.count(\.overflowed, "request dropped: the queue is full")
                }
            case .send(let peer, let hash):
                guard let chunk = cache.chunk(hash) else { continue }
                let header = try WeightCoder.chunkHeader(hash: hash, size: chunk.count)
                if try send([.bytes(header), .shared(chunk, 0..<chunk.count)], to: peer) {
                    traffic.went(chunk.count)
                }
            case .refuse(let peer, let hash):
                try send(WeightCoder.encode(.unknownChunk(hash: hash)).map { .bytes($0) }, to: peer)
            }
        }
    }

    /// Whether it is on its way.
    @discardableResult
    private func send(_ parts: [Part], to peer: PeerID) throws -> Bool {
        switch try desk.send(parts, to: peer) {
        case .sent: return true
        case .gone: cache.forget(peer)
        case .full: break
        }
        return false
    }
}
