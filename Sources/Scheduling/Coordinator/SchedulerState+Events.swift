package import Reinforcement

extension SchedulerState {
    /// What happens to a coordinator.
    package enum Event: Sendable, Hashable {
        case received(Envelope<WorkerMessage>, from: PeerID)
        /// A message that could not be read, and why.
        case malformed(from: PeerID, reason: String)
        /// A message of another protocol version.
        case incompatible(from: PeerID, theirs: Int, ours: Int)
        /// The transport lost the peer. Most transports never say so.
        case disconnected(PeerID)
        /// The transport ignores the peer from now on, because its key was revoked.
        case revoked(PeerID)
        /// The transport refuses to carry this message, and why. The same message would be refused again.
        case unsendable(CoordinatorMessage, reason: String)
        /// What earlier incarnations of this coordinator set aside; said before any round is opened.
        case recalled([CoordinatorReport.SetAside])
        /// A round is to be generated. Its assignments come in the order of their indices, and are the same each time this
        /// step is run.
        case open([Assignment])
        /// The weights of this version can be fetched.
        case published(PolicyVersion)
        /// The answer to `Action.examine`.
        case examined(AttemptID, ExaminationOutcome)
        /// What the shell does now between rounds. It is shown as what is waited for.
        case began(Activity)
        /// The run ends; workers are told why.
        case shutdown(Farewell)
        case tick

        /// Comes with every message; what is waited for is looked up with the next tick, and when somebody asks.
        var isFrequent: Bool {
            switch self {
            case .received, .malformed, .examined: true
            default: false
            }
        }
    }

    /// What the shell does between rounds.
    package enum Activity: String, Sendable, Hashable, Codable {
        case starting, learning, publishing, evaluating, checkpointing, finishing
    }

    /// What the shell must do, in order.
    package enum Action: Sendable, Hashable {
        case send(Envelope<CoordinatorMessage>, to: PeerID)
        /// Score the traces again and audit some of them, then say `Event.examined`. The assignment is the attempt's, or the
        /// part of it that came back.
        ///
        /// `scrutiny` times as many are audited as of a worker that has proven itself.
        case examine(RolloutResult, Assignment, worker: String, scrutiny: Double)
        /// The round's groups in the order of the problems' indices, without those of assignments that were set aside.
        case complete(RoundID, [TraceGroup])
        /// The run takes leave: this round will never be complete.
        case cancel(RoundID, Farewell)
        /// Answer with `CoordinatorMessage.status`.
        case answerStatus(PeerID)
        case record(RunEvent)
        /// The run cannot go on.
        case fail(RunFailure)
        /// Every worker was told, and has left or had its time.
        case over(Farewell)
    }
}

/// What scoring a result again and auditing it found.
package enum ExaminationOutcome: Sendable, Hashable {
    /// One group per problem, in the order of the assignment.
    case accepted([TraceGroup])
    case rejected(DropReason, detail: String)
}
