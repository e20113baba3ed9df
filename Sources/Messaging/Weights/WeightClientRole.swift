import DequeModule
import Foundation
import Primitives
import Reinforcement
import WeightTransfer
import Wire
import ZeroMQ

/// The socket work of `WeightClient`: carries out the steps of `WeightDownload`, one download at a time.
final class WeightClientRole: SocketRole {
    typealias Answer = CheckedContinuation<(manifest: WeightManifest, bytes: SharedBuffer), any Error>

    enum Command: Sendable {
        case fetch(PolicyVersion, FetchCancellation, Answer)
    }

    private struct Job {
        let version: PolicyVersion
        let cancellation: FetchCancellation
        let answer: Answer
    }

    private let limits: WeightDownload.Limits
    private let relayRest: Duration
    private let plan: SocketPlan
    private let counters: TransportCounters
    private let start = ContinuousClock.now
    private let context: Context
    /// The coordinator, then the relays, then the endpoint that the newest manifest names.
    private var sources: [WeightSource]
    /// The index of the source that a manifest has named.
    private var announced: WeightDownload.Source?
    /// Opens the sealed chunks of the current version.
    private var seal: SealReader?
    private var waiting: Deque<Job> = []
    private var current: (job: Job, download: WeightDownload)?
    private var leftOver: WeightArrival?
    /// The newest complete version, the base of deltas.
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
        self.context = context
        self.sources = try sources.enumerated().map { index, source in
            let role = index == WeightDownload.coordinator ? "coordinator" : "relay"
            return try WeightSource(source, role: role, plan: plan, in: context)
        }
    }

    func prepare(_ poller: Poller) {
        for source in sources { source.connection.prepare(poller) }
    }

    var maximumWait: Duration {
        guard let current else { return .seconds(1) }
        return max(.zero, min(.seconds(1), current.download.deadline - now))
    }

    func execute(_ command: Command) {
        switch command {
        case .fetch(let version, let cancellation, let answer):
            waiting.append(Job(version: version, cancellation: cancellation, answer: answer))
        }
    }

    func turn() throws {
        dropCancelled()
        try beginNext()
        for index in sources.indices { try handleEvents(of: index) }
        for index in sources.indices {
            try sources[index].receive { try take($0, from: index) }
        }
        try advance { download, now throws(WeightFetchError) in try download.tick(now: now) }
        try beginNext()
        // Between two downloads nobody waits for these ports.
        if current != nil {
            for source in sources { source.connection.tellNews(counters.logger) }
        }
    }

    func ended(_ error: (any Error)?, unexecuted commands: [Command]) {
        counters.ended(error)
        for command in commands { execute(command) }
        let reason = error.map { "\($0)" } ?? "closed"
        let failure = WeightFetchError.unreachable(endpoint: coordinator.endpoint.text, reason: reason)
        finish(throwing: failure)
        for job in waiting { job.answer.resume(throwing: failure) }
        waiting = []
    }

    // MARK: Parts

    private var now: Duration { ContinuousClock.now - start }
    private var coordinator: WeightSource { sources[WeightDownload.coordinator] }

    private func handleEvents(of index: WeightDownload.Source) throws {
        while let event = try sources[index].connection.nextEvent() {
            switch event {
            case .lost where index == WeightDownload.coordinator:
                // Requests on the old connection are not answered on the new one.
                try advance { download, now throws(WeightFetchError) in download.disconnected(now: now) }
            case .shutOut(let reason) where index == WeightDownload.coordinator:
                finish(
                    throwing: WeightFetchError.unreachable(
                        endpoint: coordinator.endpoint.text, reason: reason))
            case .lost: try leave(index, "hung up")
            case .shutOut(let reason): try leave(index, "does not accept this worker: \(reason)")
            }
        }
    }

    /// Gives a relay up, during a download or between two.
    private func leave(_ index: WeightDownload.Source, _ reason: String) throws {
        try advance { download, now throws(WeightFetchError) in download.giveUp(index, reason, now: now) }
        try rest(WeightDownload.Complaint(source: index, reason: reason))
    }

    private func take(_ reception: Reception, from index: WeightDownload.Source) throws {
        do {
            switch reception {
            case .message(let parts):
                let frame = parts[0].bytes
                if parts.count == 2, let name = try WeightCoder.chunkHash(frame, size: parts[1].count) {
                    return try parts[1].withUnsafeBytes { try take(chunk: $0, name: name, from: index) }
                }
                let reply = try translated(
                    WeightCoder.decodeReply([frame] + parts.dropFirst().map(\.bytes)), from: index)
                try advance { download, now throws(WeightFetchError) in
                    try download.received(reply, from: index, now: now)
                }
            case .rejected(_, let parts, let bytes):
                throw WireError.beyondLimits(parts: parts, bytes: bytes, limits: plan.limits)
            }
        } catch let error as WireError {
            counters.count(\.malformed, "malformed reply from \(sources[index].endpoint): \(error)")
            try advance { download, now throws(WeightFetchError) in
                try download.receivedMalformed("\(error)", from: index, now: now)
            }
        }
    }

    /// Takes a chunk, and opens it first when its source has sealed chunks.
    private func take(
        chunk: UnsafeRawBufferPointer, name: String, from index: WeightDownload.Source
    ) throws {
        guard sources[index].isSealed else {
            return try advance { download, now throws(WeightFetchError) in
                try download.received(chunk: chunk, hash: name, from: index, now: now)
            }
        }
        // A chunk without a known name belongs to an earlier version.
        guard let seal, let hash = seal.hash(of: name) else { return }
        guard let opened = seal.open(chunk, name: name) else {
            return try leave(index, "sent other bytes under the name of sealed chunk \(name.prefix(12))")
        }
        try opened.withUnsafeBytes { opened in
            try advance { download, now throws(WeightFetchError) in
                try download.received(chunk: opened, hash: hash, from: index, now: now)
            }
        }
    }

    /// Notes the manifest of the current version, and translates the name of a sealed chunk to its hash.
    private func translated(_ reply: WeightReply, from index: WeightDownload.Source) throws -> WeightReply {
        switch reply {
        case .manifest(let manifest) where index == WeightDownload.coordinator:
            if manifest.version == current?.job.version { try noteSeal(of: manifest) }
        case .unknownChunk(let name) where sources[index].isSealed:
            return .unknownChunk(hash: seal?.hash(of: name) ?? name)
        default: break
        }
        return reply
    }

    /// Prepares to open the sealed chunks of a version, and to ask for them at the endpoint that its manifest names.
    private func noteSeal(of manifest: WeightManifest) throws {
        seal = SealReader(manifest)
        guard let address = manifest.seal?.address else { return }
        let endpoint: Endpoint
        do {
            endpoint = try coordinator.endpoint.weights(at: address)
        } catch {
            counters.count(\.malformed, "sealed chunks of \(coordinator.endpoint): \(error)")
            return
        }
        if announced.map({ sources[$0].endpoint }) != endpoint {
            let source = try WeightSource(.sealed(endpoint), role: "coordinator", plan: plan, in: context)
            if let announced { sources[announced] = source } else { sources.append(source) }
            announced = announced ?? sources.count - 1
        }
        guard let announced, !sources[announced].rests(at: now) else { return }
        current?.download.offer(sealed: announced)
    }

    private func dropCancelled() {
        if let current, current.job.cancellation.isCancelled {
            leftOver = current.download.abandon()
            self.current = nil
            current.job.answer.resume(throwing: CancellationError())
        }
        for job in waiting where job.cancellation.isCancelled {
            job.answer.resume(throwing: CancellationError())
        }
        waiting.removeAll { $0.cancellation.isCancelled }
    }

    private func beginNext() throws {
        guard current == nil, let job = waiting.popFirst() else { return }
        let relays = sources.indices.dropFirst().filter { !sources[$0].rests(at: now) }
        let download = WeightDownload(
            job.version, from: coordinator.endpoint.text, relays: relays,
            sealed: Set(relays.filter { sources[$0].isSealed }), limits: limits, held: held,
            leftOver: leftOver, now: now)
        seal = nil
        leftOver = nil
        current = (job, download)
        try carryOut(download.start())
    }

    /// Lets the download take a step, and carries it out.
    private func advance(
        _ body: (inout WeightDownload, Duration) throws(WeightFetchError) -> WeightDownload.Step
    ) throws {
        guard let job = current?.job, var download = current?.download else { return }
        // Moved out and back: with a second owner, every chunk would copy the whole blob.
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
            sources[download.chunkSource].succeeded()
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

    /// Keeps a version when a delta from it is likely: in fp32 nearly every weight changes in a step, so deltas are rare.
    private func hold(_ manifest: WeightManifest, _ bytes: SharedBuffer) {
        let isRounded = manifest.tensors.contains { $0.dtype == .bf16 }
        held = isRounded || !manifest.deltas.isEmpty ? HeldWeights(manifest: manifest, bytes: bytes) : nil
    }

    private func carryOut(_ step: WeightDownload.Step) throws {
        switch step {
        case .complete: return
        case .ask(let requests): try ask(requests)
        case .redial(let requests):
            try coordinator.connection.redial()
            try ask(requests)
        }
    }

    private func ask(_ requests: [WeightRequest]) throws {
        guard let chunkSource = current?.download.chunkSource else { return }
        for request in requests {
            var (source, request) = (coordinator, request)
            if case .chunk(let hash) = request {
                source = sources[chunkSource]
                if source.isSealed, let name = seal?.name(of: hash) { request = .chunk(hash: name) }
            }
            do {
                try source.connection.send(WeightCoder.encode(request))
            } catch let error as ZeroMQError where error.code == .again {
                // Asked again at the reply deadline.
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
