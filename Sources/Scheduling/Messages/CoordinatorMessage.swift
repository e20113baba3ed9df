package import Reinforcement
package import WeightTransfer

/// A message from a coordinator to a worker.
///
/// Producer: `SchedulerState`. Consumer: `WorkerState` (and `ponder status` for `status`).
package enum CoordinatorMessage: Sendable, Hashable {
    /// Answers a HELLO.
    case welcome(Welcome)
    /// Refuses a HELLO for good.
    case refused(Refusal)
    /// Answers any message from a connection that has not said HELLO.
    case helloFirst
    case assignment(AttemptID, Assignment)
    /// Tells the worker to drop this attempt, because its result is not needed.
    case abandon(AttemptID)
    /// The result or failure arrived, whether it is used or not; the worker stops sending it.
    case acknowledged(AttemptID)
    /// Answers a ping, and announces a new version; nil before the first version.
    case pong(newest: PolicyVersion?)
    case farewell(Farewell)
    /// The coordinator's state as JSON in UTF-8.
    case status([UInt8])
}

/// What a worker needs to take part in a run.
package struct Welcome: Sendable, Hashable {
    package let digests: Digests
    /// Nil when the digests in the HELLO show that the worker already holds them.
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

/// How long a worker waits for each event.
package struct WorkerTiming: Sendable, Hashable {
    /// Time between two pings, and before a result or HELLO is sent again.
    package let ping: Duration
    /// Time without a message after which the worker reconnects.
    package let silence: Duration
    /// Time without a message after which the worker gives up and ends.
    package let gone: Duration
    /// Time for which a worker that was told to end still delivers its last results.
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

/// Why a HELLO was refused, with the values of both sides.
///
///     Refusal(subject: .tokenizer, ours: "9f2c…", theirs: "11d0…")
package struct Refusal: Sendable, Hashable, CustomStringConvertible {
    package enum Subject: String, Sendable, Hashable, CaseIterable {
        case protocolVersion, run, model, tokenizer, configuration
        /// Another process holds this worker name.
        case name
        /// The coordinator has no room for another worker.
        case workers
        /// The worker's key is not on the coordinator's list, or was removed from it.
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

/// Why a coordinator says goodbye to its workers.
package enum Farewell: String, Sendable, Hashable, CaseIterable {
    /// The run is complete: workers exit with success.
    case complete
    /// The coordinator ends now and may be resumed: workers wait for it.
    case interrupted
    /// The run failed: workers end.
    case failed
}
