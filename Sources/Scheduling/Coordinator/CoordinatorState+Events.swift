import Reasoning
package import Reinforcement

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
        /// The transport hears the peer no more, because its key was revoked.
        case revoked(PeerID)
        /// What earlier lives of this coordinator gave up; said before any round is opened.
        case recalled([CoordinatorReport.SetAside])
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
        ///
        /// `scrutiny` times as many are audited as of a worker that has proven itself.
        case examine(RolloutResult, Assignment, worker: String, scrutiny: Double)
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
}
