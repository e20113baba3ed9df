package import Primitives
package import Reinforcement

/// The download of one version, as a value: replies and time go in, requests come out.
///
/// Only the coordinator's manifest counts. Chunks are asked of one source at a time: of each relay in turn,
/// then of the coordinator. A source that is silent, gone, lacks a chunk or sends wrong bytes is left for the
/// next.
///
/// Every chunk is hashed before it is used. `received` returns only complete versions.
package struct WeightDownload {
    package struct Limits: Sendable, Hashable {
        /// Chunks that may be asked for and not answered yet.
        package var window: Int
        /// Failures of one chunk, or of the manifest, after which the download fails.
        package var attempts: Int
        /// When no reply has arrived for this long, the connection is dialed again.
        package var replyWithin: Duration
        /// When no new chunk has arrived for this long, the download fails.
        package var progressWithin: Duration
        /// The largest version, bytes.
        package var largestVersion: Int

        package init(
            window: Int = 8, attempts: Int = 4, replyWithin: Duration = .seconds(5),
            progressWithin: Duration = .seconds(60), largestVersion: Int = 1 << 40
        ) {
            self.window = window
            self.attempts = attempts
            self.replyWithin = replyWithin
            self.progressWithin = progressWithin
            self.largestVersion = largestVersion
        }
    }

    /// The index of a place that chunks come from: 0 is the coordinator, the others are relays.
    package typealias Source = Int
    package static let coordinator: Source = 0

    package enum Step: Equatable {
        /// Ask the coordinator for manifests, and `chunkSource` for chunks.
        case ask([WeightRequest])
        /// Dial the coordinator again, then ask.
        case redial([WeightRequest])
        case complete(WeightManifest, SharedBuffer)

        package static func == (left: Step, right: Step) -> Bool {
            switch (left, right) {
            case (.ask(let left), .ask(let right)), (.redial(let left), .redial(let right)): left == right
            case (.complete(let left, let mine), .complete(let right, let theirs)):
                left == right && mine.bytes == theirs.bytes
            default: false
            }
        }
    }

    /// A relay that this download has given up.
    package struct Complaint: Sendable, Hashable {
        package let source: Source
        package let reason: String

        package init(source: Source, reason: String) {
            self.source = source
            self.reason = reason
        }
    }

    package let version: PolicyVersion
    /// Relays that were given up since the role took the last complaints.
    package var complaints: [Complaint] = []
    private let limits: Limits
    private let endpoint: String
    private var relays: [Source]
    /// The relays that have sealed chunks.
    private var sealed: Set<Source>
    private let held: HeldWeights?
    private var arrival: WeightArrival?
    /// An earlier download of this or another version, whose chunks may serve here.
    private var leftOver: WeightArrival?
    private var inFlight: [String] = []
    private var failures: [String: Int] = [:]
    private var manifestFailures = 0
    private var lastReply: Duration
    private var lastProgress: Duration

    /// - Parameters:
    ///   - relays: the sources to ask for chunks, in this order.
    ///   - sealed: the relays among them that have sealed chunks.
    ///   - held: a complete earlier version.
    /// - leftOver: the arrival of an abandoned download.
    package init(
        _ version: PolicyVersion, from endpoint: String, relays: [Source] = [], sealed: Set<Source> = [],
        limits: Limits,
        held: HeldWeights? = nil, leftOver: WeightArrival?, now: Duration
    ) {
        self.version = version
        self.endpoint = endpoint
        self.relays = relays
        self.sealed = sealed
        self.limits = limits
        self.held = held
        self.leftOver = leftOver
        lastReply = now
        lastProgress = now
    }

    /// The source to ask for chunks now.
    package var chunkSource: Source { relays.first ?? Self.coordinator }

    /// Adds a source of sealed chunks behind the relays.
    package mutating func offer(sealed source: Source) {
        guard !relays.contains(source) else { return }
        relays.append(source)
        sealed.insert(source)
    }

    /// The first request.
    package func start() -> Step { .ask([.manifest(version)]) }

    /// The chunks that have arrived, for the next download.
    package consuming func abandon() -> WeightArrival? { arrival ?? leftOver }

    /// The next time at which `tick` must be called.
    package var deadline: Duration {
        min(lastReply + limits.replyWithin, lastProgress + limits.progressWithin)
    }

    /// Handles a reply.
    ///
    /// - Throws: `WeightFetchError`, which ends the download.
    package mutating func received(
        _ reply: WeightReply, from source: Source = Self.coordinator, now: Duration
    ) throws(WeightFetchError) -> Step {
        if case .chunk(let hash, let bytes) = reply {
            let step: Result<Step, WeightFetchError> = bytes.withUnsafeBytes { bytes in
                do throws(WeightFetchError) {
                    return .success(try received(chunk: bytes, hash: hash, from: source, now: now))
                } catch {
                    return .failure(error)
                }
            }
            return try step.get()
        }
        heard(from: source, now: now)
        switch reply {
        case .manifest(let manifest):
            // A relay's manifest could name hashes of its own making.
            guard source == Self.coordinator else { return giveUp(source, "sent a manifest", now: now) }
            return try begin(manifest, now: now)
        case .unknownVersion(let unknown, let newest):
            guard unknown == version, source == Self.coordinator else { return .ask([]) }
            throw .unknownVersion(version, newest: newest)
        case .unknownChunk(let hash):
            guard inFlight.contains(hash), source == chunkSource else { return .ask([]) }
            guard source == Self.coordinator else {
                return giveUp(source, "does not have chunk \(hash.prefix(12))", now: now)
            }
            if arrival?.isOfDelta(hash) == true { return try leaveRoute() }
            // The version was withdrawn, or the request was damaged: the manifest tells which.
            try countFailure(of: hash)
            return .ask([.manifest(version), .chunk(hash: hash)])
        case .chunk: return .ask([])
        }
    }

    /// Handles a chunk in libzmq's memory, which is copied only to its place in the blob.
    ///
    /// - Throws: `WeightFetchError`, which ends the download.
    package mutating func received(
        chunk: UnsafeRawBufferPointer, hash: String, from source: Source = Self.coordinator, now: Duration
    ) throws(WeightFetchError) -> Step {
        heard(from: source, now: now)
        guard let place = inFlight.firstIndex(of: hash), arrival != nil else { return .ask([]) }
        if arrival?.accept(chunk, hash: hash) == true {
            inFlight.remove(at: place)
            lastProgress = now
            return try proceed()
        }
        guard source == Self.coordinator else {
            return giveUp(source, "sent other bytes under the name of chunk \(hash.prefix(12))", now: now)
        }
        guard chunkSource == source else { return .ask([]) }
        try countFailure(of: hash)
        if arrival?.isOfDelta(hash) == true { return try leaveRoute() }
        return .ask([.chunk(hash: hash)])
    }

    /// Handles a malformed reply.
    ///
    /// A reply is lost with it, so everything outstanding is asked for again.
    package mutating func receivedMalformed(
        _ reason: String, from source: Source = Self.coordinator, now: Duration
    ) throws(WeightFetchError) -> Step {
        guard source == Self.coordinator else {
            return giveUp(source, "sent a malformed reply: \(reason)", now: now)
        }
        heard(from: source, now: now)
        manifestFailures += 1
        guard manifestFailures < limits.attempts else {
            if let arrival {
                throw .corrupted(version, chunk: arrival.firstMissing ?? 0, attempts: manifestFailures)
            }
            throw .invalidManifest(version, reason: reason)
        }
        return .redial(outstanding(at: source))
    }

    /// Handles a broken connection to the coordinator: libzmq dials again, and everything outstanding is asked for again.
    package func disconnected(now: Duration) -> Step { .ask(outstanding(at: Self.coordinator)) }

    /// Gives a relay up and asks the next source.
    package mutating func giveUp(_ source: Source, _ reason: String, now: Duration) -> Step {
        guard let place = relays.firstIndex(of: source) else { return .ask([]) }
        let wasAsked = source == chunkSource
        relays.remove(at: place)
        complaints.append(Complaint(source: source, reason: reason))
        guard wasAsked else { return .ask([]) }
        lastReply = now
        return .ask(outstanding(at: chunkSource))
    }

    /// Checks the deadlines.
    package mutating func tick(now: Duration) throws(WeightFetchError) -> Step {
        if now - lastProgress >= limits.progressWithin {
            guard let arrival else {
                throw .unreachable(endpoint: endpoint, reason: "no manifest within \(limits.progressWithin)")
            }
            throw .timedOut(version, after: limits.progressWithin, chunksLeft: arrival.left)
        }
        guard now - lastReply >= limits.replyWithin else { return .ask([]) }
        if arrival != nil, chunkSource != Self.coordinator {
            return giveUp(chunkSource, "sent nothing for \(limits.replyWithin.text)", now: now)
        }
        lastReply = now
        return .redial(outstanding(at: Self.coordinator))
    }

    // MARK: Parts

    /// Resets the reply deadline, unless the reply is from a source that owes no chunk: a silent relay stays silent.
    private mutating func heard(from source: Source, now: Duration) {
        if source == chunkSource || arrival == nil { lastReply = now }
    }

    private func outstanding(at source: Source) -> [WeightRequest] {
        if arrival == nil { return source == Self.coordinator ? [.manifest(version)] : [] }
        return source == chunkSource ? inFlight.map { .chunk(hash: $0) } : []
    }

    private mutating func begin(_ manifest: WeightManifest, now: Duration) throws(WeightFetchError) -> Step {
        guard manifest.version == version else { return .ask([]) }
        // A repeated manifest changes nothing.
        if arrival != nil { return .ask([]) }
        guard manifest.totalBytes <= limits.largestVersion else {
            throw .invalidManifest(
                version,
                reason: "\(manifest.totalBytes) bytes, more than this machine's \(limits.largestVersion)")
        }
        if manifest.seal == nil { relays.removeAll { sealed.contains($0) } }
        lastProgress = now
        lastReply = now
        var arrival = WeightArrival(manifest, held: held)
        if let leftOver { arrival.takeOver(leftOver) }
        leftOver = nil
        self.arrival = arrival
        return try proceed()
    }

    /// Goes on without deltas: full chunks replace them.
    private mutating func leaveRoute() throws(WeightFetchError) -> Step {
        arrival?.leaveRoute()
        inFlight = []
        return try proceed()
    }

    private mutating func countFailure(of hash: String) throws(WeightFetchError) {
        let count = failures[hash, default: 0] + 1
        failures[hash] = count
        guard count < limits.attempts else {
            throw .corrupted(
                version, chunk: arrival?.manifest.chunks.firstIndex(of: hash) ?? 0, attempts: count)
        }
    }

    /// Fills the window, or completes the download.
    private mutating func proceed() throws(WeightFetchError) -> Step {
        guard var arrival else { return .ask([]) }
        // Moved out and back: a second owner would make the next chunk copy the whole blob.
        self.arrival = nil
        if arrival.missing.isEmpty {
            return .complete(arrival.manifest, SharedBuffer(arrival.takeBytes()))
        }
        var requests: [WeightRequest] = []
        while inFlight.count < limits.window, let hash = arrival.nextToAsk() {
            inFlight.append(hash)
            requests.append(.chunk(hash: hash))
        }
        self.arrival = arrival
        return .ask(requests)
    }
}
