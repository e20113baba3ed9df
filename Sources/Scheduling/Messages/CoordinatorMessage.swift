package import Reinforcement
package import WeightTransfer

/// What a coordinator tells a worker.
///
/// Producer: `SchedulerState`. Consumer: `WorkerState` (and `ponder status` for `status`).
package enum CoordinatorMessage: Sendable, Hashable {
    /// Answers a HELLO.
    case welcome(Welcome)
    /// Answers a HELLO that does not fit; final.
    case refused(Refusal)
    /// Answers anything from a connection that has not said HELLO.
    case helloFirst
    case assignment(AttemptID, Assignment)
    /// The result of this attempt is not needed.
    case abandon(AttemptID)
    /// The result or failure arrived and need not be sent again, whether it was used or not.
    case acknowledged(AttemptID)
    /// Answers a ping, and is sent unasked when a version is published; nil before the first one.
    case pong(newest: PolicyVersion?)
    case farewell(Farewell)
    /// The coordinator's state as JSON, bytes.
    case status([UInt8])
}

/// Everything a worker needs to take part.
package struct Welcome: Sendable, Hashable {
    package let digests: Digests
    /// Nil when the HELLO's digests show that the worker holds them.
    package let documents: RunDocuments?
    /// The newest published policy; nil before the first one.
    package let newest: PolicyVersion?
    package let weights: WeightsAddress
    package let timing: WorkerTiming

    package init(
        digests: Digests, documents: RunDocuments?, newest: PolicyVersion?, weights: WeightsAddress,
        timing: WorkerTiming
    ) {
        self.digests = digests
        self.documents = documents
        self.newest = newest
        self.weights = weights
        self.timing = timing
    }
}

/// How long a worker waits, and for what.
package struct WorkerTiming: Sendable, Hashable {
    /// Between two pings, and before a result or HELLO is sent again.
    package let ping: Duration
    /// A coordinator that says nothing for this long is dialed again.
    package let silence: Duration
    /// A coordinator that says nothing for this long is gone, and the worker ends.
    package let gone: Duration
    /// A worker that was told to end delivers its last results for this long.
    package let grace: Duration

    package init(ping: Duration, silence: Duration, gone: Duration, grace: Duration) {
        self.ping = ping
        self.silence = silence
        self.gone = gone
        self.grace = grace
    }

    package static let standard = WorkerTiming(
        ping: .seconds(1), silence: .seconds(8), gone: .seconds(300), grace: .seconds(10))
}

/// Why a HELLO was refused, with both sides' values.
///
///     Refusal(subject: .tokenizer, ours: "9f2c…", theirs: "11d0…")
package struct Refusal: Sendable, Hashable, CustomStringConvertible {
    package enum Subject: String, Sendable, Hashable, CaseIterable {
        case protocolVersion, run, model, tokenizer, configuration
        /// Another process has the same worker name.
        case name
        /// The roster is full.
        case workers
        /// The worker's key is not on the coordinator's list, or was taken off it.
        case key
    }

    package let subject: Subject
    /// The coordinator's value.
    package let ours: String
    /// The worker's value.
    package let theirs: String

    package init(subject: Subject, ours: String, theirs: String) {
        self.subject = subject
        self.ours = ours
        self.theirs = theirs
    }

    package var description: String {
        if subject == .key { return "key \(theirs) is \(ours); `ponder keys authorize` puts it there" }
        return "\(subject.rawValue) does not match: coordinator \(ours), worker \(theirs)"
    }
}

/// Why a coordinator takes leave of its workers.
package enum Farewell: String, Sendable, Hashable, CaseIterable {
    /// The run is done: workers end well.
    case complete
    /// The coordinator ends now and may be resumed: workers wait for it.
    case interrupted
    /// The run failed: workers end.
    case failed
}
