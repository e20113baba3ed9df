import Reinforcement
import Wire
import ZeroMQ

/// The DEALERs behind `WeightClient`: carries `WeightDownload`'s steps out, one download at a time.
final class WeightClientRole: SocketRole {
    typealias Answer = CheckedContinuation<(manifest: WeightManifest, bytes: WeightBytes), any Error>

    enum Command: Sendable {
        case fetch(PolicyVersion, FetchTicket, Answer)
    }

    private struct Job {
        let version: PolicyVersion
        let ticket: FetchTicket
        let answer: Answer
    }

    private let limits: WeightDownload.Limits
    private let relayRest: Duration
    private let plan: SocketPlan
    private let counters: TransportCounters
    private let start = ContinuousClock.now
    /// The coordinator, then the relays.
    private let sources: [WeightSource]
    private var waiting: [Job] = []
    private var current: (job: Job, download: WeightDownload)?
    private var leftOver: WeightArrival?
    /// The newest version that arrived whole, for deltas to begin with.
    private var held: HeldWeights?

    init(
        _ sources: [WeightClient.Source], limits: WeightDownload.Limits, relayRest: Duration,
        plan: SocketPlan,
        counters: TransportCounters
    ) throws {
        self.limits = limits
        self.relayRest = relayRest
        self.plan = plan
        self.counters = counters
        let context = try Context()
        self.sources = try sources.map { try WeightSource($0, plan: plan, in: context) }
    }

    func prepare(_ poller: Poller) {
        for source in sources { source.connection.add(to: poller, reading: true) }
    }

    var patience: Duration {
        guard let current else { return .seconds(1) }
        return max(.zero, min(.seconds(1), current.download.deadline - now))
    }

    func execute(_ command: Command) {
        switch command {
        case .fetch(let version, let ticket, let answer):
            waiting.append(Job(version: version, ticket: ticket, answer: answer))
        }
    }

    func turn() throws {
        dropCancelled()
        try beginNext()
        for index in sources.indices { try hear(index) }
        for index in sources.indices {
            try sources[index].receive(plan.limits) { try take($0, from: index) }
        }
        try advance { download, now throws(WeightFetchError) in try download.tick(now: now) }
        try beginNext()
    }

    func ended(_ error: (any Error)?) {
        counters.ended(error)
        let reason = error.map { "\($0)" } ?? "closed"
        let failure = WeightFetchError.unreachable(endpoint: coordinator.endpoint.text, reason: reason)
        finish(throwing: failure)
        for job in waiting { job.answer.resume(throwing: failure) }
        waiting = []
    }

    // MARK: Parts

    private var now: Duration { ContinuousClock.now - start }
    private var coordinator: WeightSource { sources[WeightDownload.coordinator] }

    /// What libzmq tells of a connection.
    private func hear(_ index: WeightDownload.Source) throws {
        while let news = try sources[index].connection.news() {
            switch news {
            case .lost where index == WeightDownload.coordinator:
                // What was asked for on the old connection is not answered on the next one.
                try advance { download, now throws(WeightFetchError) in download.disconnected(now: now) }
            case .shutOut(let reason) where index == WeightDownload.coordinator:
                finish(
                    throwing: WeightFetchError.unreachable(
                        endpoint: coordinator.endpoint.text, reason: reason))
            case .lost: try leave(index, "hung up")
            case .shutOut(let reason): try leave(index, "does not let us in: \(reason)")
            }
        }
    }

    /// Gives a relay up, in a download or between two.
    private func leave(_ index: WeightDownload.Source, _ reason: String) throws {
        try advance { download, now throws(WeightFetchError) in download.giveUp(index, reason, now: now) }
        try rest(WeightDownload.Complaint(source: index, reason: reason))
    }

    private func take(_ reception: Reception, from index: WeightDownload.Source) throws {
        do {
            switch reception {
            case .message(let parts):
                let frame = parts[0].bytes
                if parts.count == 2, let hash = try WeightCoder.chunkHash(frame, size: parts[1].count) {
                    return try parts[1].withUnsafeBytes { chunk in
                        try advance { download, now throws(WeightFetchError) in
                            try download.received(chunk: chunk, hash: hash, from: index, now: now)
                        }
                    }
                }
                let reply = try WeightCoder.decodeReply([frame] + parts.dropFirst().map(\.bytes))
                try advance { download, now throws(WeightFetchError) in
                    try download.received(reply, from: index, now: now)
                }
            case .rejected(_, let parts, let bytes):
                throw WireError.beyondLimits(parts: parts, bytes: bytes, limits: plan.limits)
            }
        } catch let error as WireError {
            counters.count(\.malformed, "malformed reply from \(sources[index].endpoint): \(error)")
            try advance { download, now throws(WeightFetchError) in
                try download.receivedMalformed(error, from: index, now: now)
            }
        }
    }

    private func dropCancelled() {
        if let current, current.job.ticket.isCancelled {
            leftOver = current.download.abandon()
            self.current = nil
            current.job.answer.resume(throwing: CancellationError())
        }
        for job in waiting where job.ticket.isCancelled { job.answer.resume(throwing: CancellationError()) }
        waiting.removeAll { $0.ticket.isCancelled }
    }

    private func beginNext() throws {
        guard current == nil, !waiting.isEmpty else { return }
        let job = waiting.removeFirst()
        let relays = sources.indices.dropFirst().filter { !sources[$0].rests(at: now) }
        let download = WeightDownload(
            job.version, from: coordinator.endpoint.text, relays: relays, limits: limits, held: held,
            leftOver: leftOver, now: now)
        leftOver = nil
        current = (job, download)
        try carryOut(download.start())
    }

    /// Lets the download take a step and carries out what comes of it.
    private func advance(
        _ body: (inout WeightDownload, Duration) throws(WeightFetchError) -> WeightDownload.Step
    ) throws {
        guard let job = current?.job, var download = current?.download else { return }
        // Moved out and back: a second owner would make every chunk copy the whole blob.
        current = nil
        let step: WeightDownload.Step
        do {
            step = try body(&download, now)
        } catch {
            leftOver = download.abandon()
            job.answer.resume(throwing: error)
            return
        }
        for complaint in download.complaints { try rest(complaint) }
        download.complaints = []
        if case .complete(let manifest, let bytes) = step {
            sources[download.chunkSource].didWell()
            hold(manifest, bytes)
            job.answer.resume(returning: (manifest, bytes))
            return
        }
        current = (job, download)
        try carryOut(step)
    }

    private func rest(_ complaint: WeightDownload.Complaint) throws {
        let source = sources[complaint.source]
        guard try source.rest(relayRest, from: now) else { return }
        counters.count(
            \.setAside, "relay \(source.endpoint) \(complaint.reason); others are asked for its chunks")
    }

    /// Keeps a version where a delta from it may come: hardly a pattern of 32 bits stays the same over a step.
    private func hold(_ manifest: WeightManifest, _ bytes: WeightBytes) {
        let isRounded = manifest.tensors.contains { $0.dtype == .bf16 }
        held = isRounded || !manifest.deltas.isEmpty ? HeldWeights(manifest: manifest, bytes: bytes) : nil
    }

    private func carryOut(_ step: WeightDownload.Step) throws {
        switch step {
        case .complete: return
        case .ask(let requests): try ask(requests)
        case .redial(let requests):
            try coordinator.redial()
            try ask(requests)
        }
    }

    private func ask(_ requests: [WeightRequest]) throws {
        guard let chunkSource = current?.download.chunkSource else { return }
        for request in requests {
            let source: WeightSource
            switch request {
            case .manifest: source = coordinator
            case .chunk: source = sources[chunkSource]
            }
            do {
                try source.connection.dealer.send(WeightCoder.encode(request).map { .bytes($0) })
            } catch let error as ZeroMQError where error.code == .again {
                // The reply deadline asks again.
                counters.count(\.overflowed, "request to \(source.endpoint) dropped: the queue is full")
            }
        }
    }

    private func finish(throwing error: WeightFetchError) {
        guard let (job, download) = current else { return }
        current = nil
        leftOver = download.abandon()
        job.answer.resume(throwing: error)
    }
}
