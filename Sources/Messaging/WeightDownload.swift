import Reinforcement
import Wire

/// The download of one version, as a value: replies and time go in, requests come out.
///
/// Every chunk is hashed before it is used, every tensor when all chunks are there, and nothing is handed out before
/// that: what `received` returns at last is the whole version or nothing.
struct WeightDownload {
    struct Limits: Sendable, Hashable {
        /// Chunks that may be asked for and not answered yet.
        var window = 8
        /// Times a chunk, or the manifest, may come with other bytes.
        var attempts = 4
        /// Without any reply for this long the connection is dialed again.
        var replyWithin = Duration.seconds(5)
        /// Without anything that counts for this long the fetch fails.
        var progressWithin = Duration.seconds(60)
        /// Largest version, bytes.
        var largestVersion = 1 << 40
    }

    enum Step: Equatable {
        case ask([WeightRequest])
        /// Dial again, then ask.
        case redial([WeightRequest])
        case complete(WeightManifest, WeightBytes)

        static func == (left: Step, right: Step) -> Bool {
            switch (left, right) {
            case (.ask(let left), .ask(let right)), (.redial(let left), .redial(let right)): left == right
            case (.complete(let left, let mine), .complete(let right, let theirs)):
                left == right && mine.bytes == theirs.bytes
            default: false
            }
        }
    }

    let version: PolicyVersion
    private let limits: Limits
    private let endpoint: String
    private var arrival: WeightArrival?
    /// Chunks that came whole before, of this or another version.
    private var leftOver: WeightArrival?
    private var inFlight: [String] = []
    private var failures: [String: Int] = [:]
    private var manifestFailures = 0
    private var lastReply: Duration
    private var lastProgress: Duration

    init(
        _ version: PolicyVersion, from endpoint: String, limits: Limits, leftOver: WeightArrival?,
        now: Duration
    ) {
        self.version = version
        self.endpoint = endpoint
        self.limits = limits
        self.leftOver = leftOver
        lastReply = now
        lastProgress = now
    }

    /// What to ask first.
    func start() -> Step { .ask([.manifest(version)]) }

    /// The complete chunks, for the next download.
    consuming func abandon() -> WeightArrival? { arrival ?? leftOver }

    /// When `tick` has something to do at the latest.
    var deadline: Duration { min(lastReply + limits.replyWithin, lastProgress + limits.progressWithin) }

    /// - Throws: `WeightFetchError`, which ends the download.
    mutating func received(_ reply: WeightReply, now: Duration) throws(WeightFetchError) -> Step {
        lastReply = now
        switch reply {
        case .manifest(let manifest):
            return try begin(manifest, now: now)
        case .chunk(let hash, let bytes):
            guard let place = inFlight.firstIndex(of: hash), arrival != nil else { return .ask([]) }
            inFlight.remove(at: place)
            if bytes.withUnsafeBytes({ arrival?.accept($0, hash: hash) }) == true {
                lastProgress = now
                return try proceed()
            }
            try countFailure(of: hash)
            inFlight.append(hash)
            return .ask([.chunk(hash: hash)])
        case .unknownVersion(let unknown, let newest):
            guard unknown == version else { return .ask([]) }
            throw .unknownVersion(version, newest: newest)
        case .unknownChunk(let hash):
            // Withdrawn, or our question was garbled: the manifest tells which.
            guard inFlight.contains(hash) else { return .ask([]) }
            try countFailure(of: hash)
            return .ask([.manifest(version), .chunk(hash: hash)])
        }
    }

    /// Bytes arrived that are no reply, so something is lost: everything outstanding is asked for again.
    mutating func receivedMalformed(_ error: WireError, now: Duration) throws(WeightFetchError) -> Step {
        lastReply = now
        manifestFailures += 1
        guard manifestFailures < limits.attempts else {
            if let arrival {
                throw .corrupted(version, chunk: arrival.firstMissing ?? 0, attempts: manifestFailures)
            }
            throw .invalidManifest(version, reason: error.description)
        }
        return .redial(outstanding)
    }

    /// The connection broke; libzmq dials again, and everything outstanding is asked for on the next one.
    func disconnected(now: Duration) -> Step { .ask(outstanding) }

    /// Looks after the deadlines.
    mutating func tick(now: Duration) throws(WeightFetchError) -> Step {
        if now - lastProgress >= limits.progressWithin {
            guard let arrival else {
                throw .unreachable(endpoint: endpoint, reason: "no manifest within \(limits.progressWithin)")
            }
            throw .timedOut(version, after: limits.progressWithin, chunksLeft: arrival.missing.count)
        }
        guard now - lastReply >= limits.replyWithin else { return .ask([]) }
        lastReply = now
        return .redial(outstanding)
    }

    // MARK: Parts

    private var outstanding: [WeightRequest] {
        arrival == nil ? [.manifest(version)] : inFlight.map { .chunk(hash: $0) }
    }

    private mutating func begin(_ manifest: WeightManifest, now: Duration) throws(WeightFetchError) -> Step {
        guard manifest.version == version else { return .ask([]) }
        // Asked for again on the way; the chunks go on as they were.
        if arrival != nil { return .ask([]) }
        guard manifest.totalBytes <= limits.largestVersion else {
            throw .invalidManifest(
                version,
                reason: "\(manifest.totalBytes) bytes, more than this machine's \(limits.largestVersion)")
        }
        lastProgress = now
        var arrival = WeightArrival(manifest)
        if let leftOver { arrival.takeOver(leftOver) }
        leftOver = nil
        self.arrival = arrival
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

    /// Fills the window, or ends.
    private mutating func proceed() throws(WeightFetchError) -> Step {
        guard var arrival else { return .ask([]) }
        if arrival.missing.isEmpty {
            self.arrival = nil
            if let tensor = arrival.firstTornTensor {
                throw .invalidManifest(
                    version, reason: "its chunks are whole, but tensor \(tensor) has another hash")
            }
            return .complete(arrival.manifest, WeightBytes(arrival.takeBytes()))
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
