import Reinforcement
import Wire
import ZeroMQ

/// The DEALER behind `WeightClient`: carries `WeightDownload`'s steps out, one download at a time.
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

    private let endpoint: Endpoint
    private let limits: WeightDownload.Limits
    private let plan: SocketPlan
    private let keys: ClientKeys?
    private let handshakes: HandshakeTally
    private let counters: TransportCounters
    private let context: Context
    private let start = ContinuousClock.now
    private var connection: WatchedDealer
    private var waiting: [Job] = []
    private var current: (job: Job, download: WeightDownload)?
    private var leftOver: WeightArrival?

    init(
        _ endpoint: Endpoint, keys: ClientKeys?, limits: WeightDownload.Limits, plan: SocketPlan,
        counters: TransportCounters
    ) throws {
        self.endpoint = endpoint
        self.limits = limits
        self.plan = plan
        self.keys = keys
        handshakes = HandshakeTally(endpoint, keys, plan: plan)
        self.counters = counters
        context = try Context()
        connection = try WatchedDealer(to: endpoint, plan: plan, keys: keys, handshakes, in: context)
    }

    func prepare(_ poller: Poller) { connection.add(to: poller, reading: true) }

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
        while let news = try connection.news() {
            switch news {
            case .lost:
                // What was asked for on the old connection is not answered on the next one.
                try advance { download, now throws(WeightFetchError) in download.disconnected(now: now) }
            case .shutOut(let reason):
                finish(throwing: WeightFetchError.unreachable(endpoint: endpoint.text, reason: reason))
            }
        }
        for _ in 0..<64 {
            guard let reception = try connection.dealer.receive(limits: plan.limits) else { break }
            try take(reception)
        }
        try advance { download, now throws(WeightFetchError) in try download.tick(now: now) }
        try beginNext()
    }

    func ended(_ error: (any Error)?) {
        counters.ended(error)
        let reason = error.map { "\($0)" } ?? "closed"
        let failure = WeightFetchError.unreachable(endpoint: endpoint.text, reason: reason)
        finish(throwing: failure)
        for job in waiting { job.answer.resume(throwing: failure) }
        waiting = []
    }

    // MARK: Parts

    private var now: Duration { ContinuousClock.now - start }

    private func take(_ reception: Reception) throws {
        let reply: Result<WeightReply, WireError>
        switch reception {
        case .message(let parts):
            do {
                reply = .success(try WeightCoder.decodeReply(parts.map(\.bytes)))
            } catch {
                reply = .failure(WireError(wrapping: error))
            }
        case .rejected(_, let parts, let bytes):
            reply = .failure(.beyondLimits(parts: parts, bytes: bytes, limits: plan.limits))
        }
        switch reply {
        case .success(let reply):
            try advance { download, now throws(WeightFetchError) in try download.received(reply, now: now) }
        case .failure(let error):
            counters.count(\.malformed, "malformed reply from \(endpoint): \(error)")
            try advance { download, now throws(WeightFetchError) in
                try download.receivedMalformed(error, now: now)
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
        let download = WeightDownload(
            job.version, from: endpoint.text, limits: limits, leftOver: leftOver, now: now)
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
        if case .complete(let manifest, let bytes) = step {
            job.answer.resume(returning: (manifest, bytes))
            return
        }
        current = (job, download)
        try carryOut(step)
    }

    private func carryOut(_ step: WeightDownload.Step) throws {
        switch step {
        case .complete: return
        case .ask(let requests): try ask(requests)
        case .redial(let requests):
            let fresh = try WatchedDealer(to: endpoint, plan: plan, keys: keys, handshakes, in: context)
            try connection.dealer.set(.linger, .zero)
            connection = fresh
            try ask(requests)
        }
    }

    private func ask(_ requests: [WeightRequest]) throws {
        for request in requests {
            do {
                try connection.dealer.send(WeightCoder.encode(request).map { .bytes($0) })
            } catch let error as ZeroMQError where error.code == .again {
                // The reply deadline asks again.
                counters.count(\.overflowed, "request to \(endpoint) dropped: the queue is full")
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
