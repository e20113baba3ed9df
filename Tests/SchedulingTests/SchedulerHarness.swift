import Reasoning
import Reinforcement
import Scheduling
import TestSupport
import Testing

/// A scheduler's state with its time moved by hand and its actions sorted.
struct SchedulerHarness {
    var state: SchedulerState
    var now = Duration.zero
    /// Since the last `clear`, in order.
    var actions: [SchedulerState.Action] = []

    init(_ change: (inout SchedulerState.Configuration) -> Void = { _ in }) {
        var configuration = Samples.configuration
        change(&configuration)
        state = SchedulerState(configuration, now: .zero)
    }

    mutating func tell(_ event: SchedulerState.Event) {
        actions += state.handle(event, now: now)
        #expect(state.inconsistency == nil)
    }

    mutating func clear() { actions = [] }

    mutating func say(_ message: WorkerMessage, _ worker: UInt8, stamp: RunStamp = Samples.stamp) {
        tell(.received(Envelope(stamp: stamp, message: message), from: Samples.peer(worker)))
    }

    /// HELLO of `worker-N` from peer N.
    mutating func hello(
        _ worker: UInt8, instance: UInt64? = nil, peer: UInt8? = nil, digests: Digests? = nil,
        standing: WorkerStanding = .empty, stamp: RunStamp = .unknown
    ) {
        let hello = Hello(
            name: "worker-\(worker)", instance: instance ?? UInt64(worker), host: "h", process: 1,
            machine: "m",
            digests: digests, standing: standing)
        say(.hello(hello), peer ?? worker, stamp: stamp)
    }

    /// Connected, and in possession of the newest policy.
    mutating func join(_ worker: UInt8, version: Int = 0) {
        hello(worker)
        say(.ready(PolicyVersion(version)), worker)
    }

    mutating func ping(
        _ worker: UInt8, version: Int? = 0, working: [AttemptID] = [], pending: [AttemptID] = []
    ) {
        say(
            .ping(
                WorkerStanding(version: version.map { PolicyVersion($0) }, working: working, pending: pending)
            ),
            worker)
    }

    /// Moves time on in steps of half a second, with a tick at each; these workers ping meanwhile.
    mutating func wait(
        _ time: Duration, pinging workers: [UInt8] = [], version: Int = 0, working: [UInt8: AttemptID] = [:]
    ) {
        let end = now + time
        while now < end {
            now = min(end, now + .milliseconds(500))
            for worker in workers {
                ping(worker, version: version, working: working[worker].map { [$0] } ?? [])
            }
            tell(.tick)
        }
    }

    /// Every assignment handed out since the last `clear`, and to whom.
    var issued: [(attempt: AttemptID, assignment: Assignment, worker: UInt8)] {
        actions.compactMap { action in
            guard case .send(let envelope, let peer) = action,
                case .assignment(let attempt, let assignment) = envelope.message
            else { return nil }
            return (attempt, assignment, peer.bytes[0])
        }
    }

    func sent(to worker: UInt8) -> [CoordinatorMessage] {
        actions.compactMap { action in
            guard case .send(let envelope, let peer) = action, peer == Samples.peer(worker) else {
                return nil
            }
            return envelope.message
        }
    }

    var events: [RunEvent] {
        actions.compactMap { action in
            if case .record(let event) = action { event } else { nil }
        }
    }

    var examinations: [RolloutResult] {
        actions.compactMap { action in
            if case .examine(let result, _, _, _) = action { result } else { nil }
        }
    }

    var completed: [(round: RoundID, groups: [TraceGroup])] {
        actions.compactMap { action in
            if case .complete(let round, let groups) = action { (round, groups) } else { nil }
        }
    }

    var failures: [RunFailure] {
        actions.compactMap { action in
            if case .fail(let failure) = action { failure } else { nil }
        }
    }

    static func groups(_ result: RolloutResult, _ assignment: Assignment, by worker: String = "worker-1")
        -> [TraceGroup]
    {
        assignment.groups(
            result.traces.map {
                ScoredTrace(
                    trace: $0, response: "", form: nil, thought: nil,
                    reward: Reward(format: 0.2, accuracy: 1, verdict: .correct))
            }, prompts: assignment.problems.map { _ in [] }, by: worker)
    }

    mutating func deliver(_ attempt: AttemptID, _ assignment: Assignment, by worker: UInt8) {
        say(.result(Samples.result(attempt, assignment)), worker)
    }

    mutating func accept(_ attempt: AttemptID, _ assignment: Assignment) {
        tell(.examined(attempt, .accepted(Self.groups(Samples.result(attempt, assignment), assignment))))
    }
}
