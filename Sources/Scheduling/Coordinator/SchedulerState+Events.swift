package import Reinforcement

extension SchedulerState {
    /// What happens to a coordinator.
    package enum Event: Sendable, Hashable {
        case received(Envelope<WorkerMessage>, from: PeerID)
        /// A message that could not be read, with the reason.
        case malformed(from: PeerID, reason: String)
        /// A message with another protocol version.
        case incompatible(from: PeerID, theirs: Int, ours: Int)
        /// The transport lost the peer; most transports do not report this.
        case disconnected(PeerID)
        /// The peer's key was revoked, so the transport ignores the peer from now on.
        case revoked(PeerID)
        /// The transport refuses to carry this message, with the reason; it would refuse the same message
        /// again.
        case unsendable(CoordinatorMessage, reason: String)
        /// The assignments that earlier incarnations of this coordinator set aside; sent before the first
        /// round opens.
        case recalled([CoordinatorReport.SetAside])
        /// A round is to be generated.
        ///
        /// Its assignments are in the order of their indices, and are the same each time this step is run.
        case open([Assignment])
        /// Workers can now fetch the weights of this version.
        case published(PolicyVersion)
        /// The answer to `Action.examine`.
        case examined(AttemptID, ExaminationOutcome)
        /// The shell began this activity between rounds; `status` reports it as the current wait.
        case began(Activity)
        /// The run ends, and the workers are told why.
        case shutdown(Farewell)
        case tick

        /// Whether the event is as frequent as messages; the current wait is then updated with the next tick,
        /// or on request.
        var isFrequent: Bool {
            switch self {
            case .received, .malformed, .examined: true
            default: false
            }
        }
    }

    /// Work that the shell does between rounds.
    package enum Activity: String, Sendable, Hashable, Codable {
        case starting, learning, publishing, evaluating, checkpointing, finishing
    }

    /// An action that the shell must execute; actions come in order.
    package enum Action: Sendable, Hashable {
        case send(Envelope<CoordinatorMessage>, to: PeerID)
        /// Score the traces again, audit some of them, and report with `Event.examined`.
        ///
        /// The assignment is the attempt's, or the part of it that came back. The audit rate of a proven
        /// worker is multiplied by `scrutiny`.
        case examine(RolloutResult, Assignment, worker: String, scrutiny: Double)
        /// The round's groups in the order of the problems' indices; groups of assignments that were set
        /// aside are missing.
        case complete(RoundID, [TraceGroup])
        /// The run ends, and this round will never be complete.
        case cancel(RoundID, Farewell)
        /// Answer this peer with `CoordinatorMessage.status`.
        case answerStatus(PeerID)
        case record(RunEvent)
        /// The run cannot continue.
        case fail(RunFailure)
        /// Every worker was told that the run ends, and has left or used up its grace period.
        case over(Farewell)
    }
}

/// The result of scoring and auditing a rollout result.
package enum ExaminationOutcome: Sendable, Hashable {
    /// One group per problem, in the order of the assignment.
    case accepted([TraceGroup])
    case rejected(DropReason, detail: String)
}
