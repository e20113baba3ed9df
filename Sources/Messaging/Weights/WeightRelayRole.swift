import Logging
import Primitives
import Scheduling
import WeightTransfer
import Wire
import ZeroMQ

/// The socket work of `WeightRelay`: a router that workers ask, and a connection to each source of chunks.
final class WeightRelayRole: SocketRole {
    typealias Command = Never

    private let router: AuthorizedRouter
    private let plan: SocketPlan
    private let counters: TransportCounters
    private let shutOut: @Sendable (String) -> Void
    private let start = ContinuousClock.now
    /// The places to ask, in this order; the last one is the coordinator, which never rests.
    private let sources: [WeightSource]
    private let rest: Duration
    private let traffic: WeightTraffic
    private var cache: RelayCache<PeerID>
    /// Since when no chunk has arrived that is in flight, and when that was logged last.
    private var silence: (since: Duration, logged: Duration)?

    init(
        _ endpoint: Endpoint, security: PortSecurity, sources: [WeightClient.Source],
        limits: RelayCache<PeerID>.Limits, rest: Duration, plan: SocketPlan, traffic: WeightTraffic,
        counters: TransportCounters, shutOut: @escaping @Sendable (String) -> Void
    ) throws {
        router = try AuthorizedRouter(
            endpoint, security: security, plan: plan.forWeightRequests, counters: counters)
        self.plan = plan
        self.rest = rest
        self.traffic = traffic
        self.counters = counters
        self.shutOut = shutOut
        let context = try Context()
        self.sources = try sources.enumerated().map { index, source in
            let role = index == sources.count - 1 ? "coordinator" : "relay"
            return try WeightSource(source, role: role, plan: plan, in: context)
        }
        cache = RelayCache(limits, coordinator: sources.count - 1)
    }

    /// The bound endpoint.
    var shared: Endpoint { router.endpoint }

    func prepare(_ poller: Poller) {
        router.prepare(poller)
        for source in sources { source.connection.prepare(poller) }
    }

    var maximumWait: Duration {
        let deadline = cache.deadline.map { max(.zero, $0 - now) } ?? .seconds(1)
        return min(deadline, min(.seconds(1), router.maximumWait))
    }

    func turn() throws {
        for peer in try router.updateAuthorization() { cache.forget(peer) }
        for index in sources.indices { try handleEvents(of: index) }
        for index in sources.indices {
            try sources[index].receive { try take($0, from: index) }
        }
        try serve()
        try checkDeadline()
        for source in sources { source.connection.tellNews(counters.logger) }
    }

    func ended(_ error: (any Error)?, unexecuted commands: [Never]) {
        counters.ended(error)
        if let error { shutOut("the socket thread of the relay has failed: \(error)") }
    }

    // MARK: Sources

    private var now: Duration { ContinuousClock.now - start }
    private var coordinator: Int { sources.count - 1 }

    private func handleEvents(of index: Int) throws {
        while let event = try sources[index].connection.nextEvent() {
            switch event {
            case .lost where index == coordinator:
                // libzmq dials again, but the questions on the old connection are not answered on the new one.
                try carryOut(cache.move(from: index, to: index, now: now))
            case .shutOut(let reason) where index == coordinator: shutOut(reason)
            case .lost: try leave(index, "hung up")
            case .shutOut(let reason): try leave(index, "does not accept this relay: \(reason)")
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
                traffic.received(parts[1].count)
                if let actions = cache.received(parts[1].bytes, hash: hash, now: now) {
                    return try carryOut(actions)
                }
                if index == cache.source {
                    return try leave(
                        index, "sent other bytes under the name of chunk \(hash.prefix(12))", failed: hash)
                }
                return try carryOut(cache.failed(hash, at: index, isMissing: false, now: now))
            }
            if case .unknownChunk(let hash) = try WeightCoder.decodeReply(
                [frame] + parts.dropFirst().map(\.bytes))
            {
                try carryOut(cache.failed(hash, at: index, isMissing: true, now: now))
            }
        } catch let error as WireError {
            counters.count(\.malformed, "malformed reply from \(sources[index].endpoint): \(error)")
            if index == cache.source { try leave(index, "sent a malformed reply: \(error)") }
        }
    }

    /// Sets a relay aside, or dials the coordinator again, and asks for its chunks in flight elsewhere.
    ///
    /// - Parameter failed: a chunk that arrived with other bytes.
    private func leave(_ index: Int, _ reason: String, failed hash: String? = nil) throws {
        if index == coordinator {
            try sources[index].connection.redial()
        } else if try sources[index].rest(rest, from: now), index == cache.source {
            counters.count(
                \.setAside, "relay \(sources[index].endpoint) \(reason); others are asked for its chunks")
        }
        // A chunk that only the coordinator owes goes back to it, and not to the relay that lacks the chunk.
        let next = index == coordinator && cache.source != coordinator ? coordinator : bestSource
        try carryOut(cache.move(from: index, to: next, failed: hash, now: now))
    }

    /// The first source that does not rest.
    private var bestSource: Int {
        sources.indices.first { $0 == coordinator || !sources[$0].rests(at: now) } ?? coordinator
    }

    /// Leaves a source that is silent for too long, and logs a long silence: first at once, then each time it has doubled.
    private func checkDeadline() throws {
        guard let deadline = cache.deadline else {
            if silence != nil {
                counters.logger.notice("chunks arrive again from \(sources[cache.source].endpoint)")
                silence = nil
            }
            // Nothing is in flight, so this only chooses the source of the next chunks.
            let best = bestSource
            if best != cache.source { try carryOut(cache.move(from: cache.source, to: best, now: now)) }
            return
        }
        if let silence, cache.lastReply > silence.logged { self.silence = nil }
        guard now >= deadline else { return }
        let since = silence?.since ?? cache.lastReply
        if silence.map({ now - $0.since >= ($0.logged - $0.since) * 2 }) ?? true {
            counters.logger.warning(
                "waiting for \(cache.pending) chunks from \(sources[cache.lateSource].endpoint), for \((now - since).text)"
            )
            silence = (since, now)
        }
        try leave(cache.lateSource, "sent nothing for \((now - cache.lastReply).text)")
    }

    // MARK: Workers

    private func serve() throws {
        for (peer, request) in try router.weightRequests() {
            switch request {
            case .chunk(let hash):
                try carryOut(cache.request(hash, from: peer, now: now))
            case .manifest(let version):
                // Workers trust no manifest but the coordinator's.
                try send(
                    WeightCoder.encode(.unknownVersion(version, newest: nil)).map { .bytes($0) }, to: peer)
            }
        }
    }

    private func carryOut(_ actions: [RelayCache<PeerID>.Action]) throws {
        for action in actions {
            switch action {
            case .ask(let hash, let source):
                do {
                    try sources[source].connection.send(WeightCoder.encode(.chunk(hash: hash)))
                } catch let error as ZeroMQError where error.code == .again {
                    // Asked again at the deadline.
                    counters.count(\.overflowed, "request dropped: the queue is full")
                }
            case .send(let peer, let hash):
                guard let chunk = cache.chunk(hash) else { continue }
                let header = try WeightCoder.chunkHeader(hash: hash, size: chunk.count)
                let parts: [Part] = [.bytes(header), .shared(chunk, 0..<chunk.count)]
                if try send(parts, to: peer) { traffic.sent(chunk.count) }
            case .refuse(let peer, let hash):
                try send(WeightCoder.encode(.unknownChunk(hash: hash)).map { .bytes($0) }, to: peer)
            }
        }
    }

    /// Whether the parts are queued.
    @discardableResult
    private func send(_ parts: [Part], to peer: PeerID) throws -> Bool {
        switch try router.send(parts, to: peer) {
        case .queued: return true
        // The peer has more requests in flight than its queue holds, and asks again.
        case .full: return false
        case .unreachable, .unauthorized:
            cache.forget(peer)
            return false
        }
    }
}
