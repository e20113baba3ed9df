/// What a coordinator knows and decides: events go in, actions come out, nothing else happens.
///
/// No clock, socket, tensor or file: `now` is handed in with each event, counted from any start that does not move.
/// A shell executes the actions in order and feeds `tick` at a steady beat, at least once a second.
///
/// A round is a pure function of (seed, step): a coordinator that was killed opens the same assignments again, under a
/// new epoch, and gets the same traces. So only what a checkpoint holds must be durable, and nothing of this state but
/// the ledger is saved.
///
/// | loop | consumes | waits for | unblocked by |
/// | --- | --- | --- | --- |
/// | dispatch | unassigned slots of open rounds | an idle worker with the round's policy | `ready`, results, HELLO |
/// | admission | results | `examined` | the shell's examination |
/// | leases | attempts that are out | a result | its deadline, or the silence of its worker |
/// | roster | HELLO, pings | a sign of life | silence, goodbye |
package struct CoordinatorState: Sendable {
    package let configuration: Configuration
    /// The newest published policy; nil before the first one.
    package internal(set) var newest: PolicyVersion?
    package internal(set) var ledger: Ledger

    var rounds: [OpenRound] = []
    /// Attempts that are out or being examined.
    var attempts: [AttemptID: Attempt] = [:]
    /// How attempts of open and of just closed rounds ended.
    var fates: [AttemptID: Fate] = [:]
    var closedRounds: [RoundID] = []
    var durations: [Purpose: [Duration]] = [:]

    var roster: [String: RosterEntry] = [:]
    var names: [PeerID: String] = [:]
    /// Instances whose name another process took since.
    var replaced: [UInt64] = []

    var activity = Activity.starting
    var phase = Phase.running
    var wait: Wait
    var waitingSince: Duration

    /// - Parameter ledger: of the checkpoint this coordinator resumes from, `Ledger.resumed()`.
    package init(_ configuration: Configuration, ledger: Ledger = Ledger(), now: Duration) {
        self.configuration = configuration
        self.ledger = ledger
        wait = .activity(.starting)
        waitingSince = now
    }

    /// Whether the run goes on, takes leave, or has nothing left to say.
    enum Phase: Sendable, Hashable {
        case running
        case leaving(Farewell, until: Duration)
        case over(Farewell)
    }
}

extension CoordinatorState {
    /// What may happen to a coordinator.
    package enum Event: Sendable, Hashable {
        case received(Envelope<WorkerMessage>, from: PeerID)
        /// A message that could not be read, and why.
        case malformed(from: PeerID, reason: String)
        /// A message of another protocol version.
        case incompatible(from: PeerID, theirs: Int, ours: Int)
        /// The transport lost the peer; most transports never say so.
        case disconnected(PeerID)
        /// A round is to be generated: the same assignments whenever this step is run, in the order of their indices.
        case open([Assignment])
        /// The weights of this version can be fetched.
        case published(PolicyVersion)
        /// The answer to `Action.examine`.
        case examined(AttemptID, Verdict)
        /// What the shell does now between rounds; shown as what is waited for.
        case began(Activity)
        /// The run ends; workers are told why.
        case shutdown(Farewell)
        case tick
    }

    /// The outcome of re-scoring and auditing a result.
    package enum Verdict: Sendable, Hashable {
        /// One group a problem, in the order of the assignment.
        case accepted([TraceGroup])
        case rejected(DropReason, detail: String)
    }

    /// What the shell does between rounds.
    package enum Activity: String, Sendable, Hashable, Codable {
        case starting, learning, publishing, evaluating, checkpointing, finishing
    }

    /// What the shell must do, in order.
    package enum Action: Sendable, Hashable {
        case send(Envelope<CoordinatorMessage>, to: PeerID)
        /// Score the traces again and audit some of them, then say `Event.examined`. The assignment is the attempt's.
        case examine(RolloutResult, Assignment, worker: String)
        /// Every assignment has one accepted result: groups in the order of the problems' indices.
        case complete(RoundID, [TraceGroup])
        /// Answer with `CoordinatorMessage.status`.
        case answerStatus(PeerID)
        case record(RunEvent)
        /// The run cannot go on.
        case fail(RunFailure)
        /// Every worker has been told, and has left or had its time.
        case over(Farewell)
    }

    package struct Configuration: Sendable, Hashable {
        package var stamp: RunStamp
        package var digests: Digests
        package var documents: RunDocuments
        package var weights: WeightsAddress
        package var timing = WorkerTiming.standard

        /// Token ids are below this.
        package var vocabulary: Int
        /// The token that ends a response.
        package var endToken: Int32
        /// Limit of new tokens by purpose; a purpose without one falls back on training's.
        package var lengthLimits: [Purpose: Int]
        package var staleness = Staleness.synchronous

        /// An attempt that is out this long has expired; doubled each time one of its assignment expires, so that
        /// slow workers get done at last.
        package var lease = Duration.seconds(120)
        /// An assignment that its worker does not report holding after this long is sent again.
        package var resend = Duration.seconds(3)
        /// Before there is a median: an attempt out this long is given to an idle worker as well.
        package var straggler = Duration.seconds(20)
        /// An attempt out this many times the median is given to an idle worker as well.
        package var stragglerFactor = 3.0
        /// Never called a straggler before this.
        package var stragglerMinimum = Duration.seconds(1)

        /// Invalid results, less valid ones, that put a worker in quarantine.
        package var strikeLimit = 3
        /// Deaths in a row, without a result used between them, that put a worker in quarantine.
        package var deathLimit = 5
        /// Length of the first quarantine; doubled for each further one, up to `longestQuarantine`.
        package var quarantine = Duration.seconds(30)
        package var longestQuarantine = Duration.seconds(3600)
        /// Deaths and failures of workers over one assignment that end the run.
        package var poisonLimit = 8
        package var workerLimit = 1024

        package init(
            stamp: RunStamp, digests: Digests, documents: RunDocuments, weights: WeightsAddress, vocabulary: Int,
            endToken: Int32, lengthLimits: [Purpose: Int]
        ) {
            self.stamp = stamp
            self.digests = digests
            self.documents = documents
            self.weights = weights
            self.vocabulary = vocabulary
            self.endToken = endToken
            self.lengthLimits = lengthLimits
        }
    }
}
