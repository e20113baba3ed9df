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
    /// Asks whether the worker's process lives, because another process claims its name.
    case challenge(UInt64)
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
///     Refusal(subject: .run, ours: "2026-11-24-bills-7f3a", theirs: "2026-11-20-sums-11d0")
package struct Refusal: Sendable, Hashable, CustomStringConvertible {
    package enum Subject: String, Sendable, Hashable, CaseIterable {
        case protocolVersion, run
        /// Another living process holds this worker name.
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
        switch subject {
        case .key: "key \(theirs) is \(ours); `ponder keys authorize` puts it there"
        case .name: "another living worker is called \(ours): give each its own --name"
        case .run:
            "the run does not match: the coordinator has \(ours), this worker works for \(theirs); "
                + "start the worker anew, or dial the other coordinator"
        case .protocolVersion:
            "the protocol does not match: the coordinator speaks \(ours), this worker \(theirs); "
                + "use one version of Ponder on both sides"
        case .workers:
            "the coordinator takes \(ours) workers and has them, so it does not take \(theirs); end others first"
        }
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
