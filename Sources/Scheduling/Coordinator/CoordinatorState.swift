package import Reinforcement

/// What a coordinator knows and decides: events go in, actions come out, nothing else happens.
///
/// No clock, socket, tensor or file: `now` is handed in with each event, counted from any start that does not move.
/// A shell executes the actions in order and feeds `tick` at a steady beat, at least once a second.
///
/// A round is a pure function of (seed, step): a coordinator that was killed opens the same assignments again, under a
/// new epoch, and gets the same traces. So only what a checkpoint holds must be durable, and nothing of this state is
/// saved but the ledger and, because a round without them is another round, the assignments that were given up.
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
    var tokensPerProblem: [Purpose: Double] = [:]
    /// Tokens a second of the fastest worker lately; falls slowly once that is gone.
    var fastest = 0.0
    /// Assignments that killed whoever took them, in earlier lives of the coordinator, too, the latest last.
    var setAside: [CoordinatorReport.SetAside] = []

    var roster = Roster()
    var names: [PeerID: String] = [:]
    /// Instances whose name another process took since.
    var replaced: [UInt64] = []

    var activity = Activity.starting
    var phase = Phase.running
    /// Set once; nothing is handed out any more.
    package internal(set) var failure: RunFailure?
    /// As it was when it was last looked at; nil while results come and go faster than that.
    var wait: Wait?
    var notedLedger = Ledger()
    var waitingSince: Duration
    var lastHandled: Duration
    /// Before these nobody can have been silent too long, and no lease be over: nobody is looked through until then.
    var silenceDue = Duration.zero
    var leaseDue = Duration.zero
    /// When stragglers are looked for next.
    var stragglersDue = Duration.zero

    /// - Parameter ledger: of the checkpoint this coordinator resumes from, `Ledger.resumed()`.
    package init(_ configuration: Configuration, ledger: Ledger = Ledger(), now: Duration) {
        self.configuration = configuration
        self.ledger = ledger
        wait = .activity(.starting)
        waitingSince = now
        lastHandled = now
        notedLedger = ledger
    }

    /// Whether the run goes on, takes leave, or has nothing left to say.
    enum Phase: Sendable, Hashable {
        case running
        case leaving(Farewell, until: Duration)
        case over(Farewell)
    }
}
