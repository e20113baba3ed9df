import Reinforcement
import Scheduling

/// The coordinator's shell, and the state that survives when it is killed.
struct SimulatedCoordinator {
    /// Nil while it is dead.
    var state: SchedulerState?
    /// The incarnation; events that were made for an earlier one are void.
    var life = 0
    var pausedUntil = 0
    var isOver = false
    var isLeaving = false

    var step = 0
    var weights = SimulatedPolicy.base
    /// Versions that the weights server holds.
    var served: [PolicyVersion: UInt64] = [:]
    /// Training rounds that are open or complete, by step; complete ones wait for the learner.
    var opened: Set<Int> = []
    var gathered: [Int: [TraceGroup]] = [:]
    var isEvaluating = false
    var isLearning = false
    /// Results in the order of arrival, for the sabotaged learners.
    var arrived: [TraceGroup] = []

    /// The state at the last commit.
    var durable = (step: 0, weights: SimulatedPolicy.base, ledger: Ledger())
}

extension Simulation {
    static let timing = WorkerTiming(
        ping: .seconds(1), silence: .seconds(4), gone: .seconds(120), grace: .seconds(3))

    mutating func startCoordinator() {
        guard coordinator.state == nil, !coordinator.isOver else { return }
        coordinator.life += 1
        outcome.incarnations = coordinator.life
        var configuration = Samples.configuration
        configuration.stamp = RunStamp(run: Samples.stamp.run, incarnation: UInt64(coordinator.life))
        configuration.timing = Self.timing
        configuration.lease = .seconds(40)
        configuration.straggler = .seconds(8)
        configuration.quarantine = .seconds(3)
        configuration.longestQuarantine = .seconds(12)
        configuration.poisonLimit = 1000
        coordinator.step = coordinator.durable.step
        coordinator.weights = coordinator.durable.weights
        if sabotage == .resumesAtWrongStep { coordinator.step = max(0, coordinator.step - 1) }
        coordinator.served = [:]
        coordinator.isLeaving = false
        coordinator.arrived = []
        coordinator.opened = []
        coordinator.gathered = [:]
        coordinator.isLearning = false
        let ledger = coordinator.durable.ledger.resumed()
        let state = SchedulerState(configuration, ledger: ledger, now: clock)
        coordinator.state = state
        let life = coordinator.life
        note("coordinator starts, incarnation \(life), step \(coordinator.step)")
        queue.push(.coordinatorTick(life: life), at: now)
        publishAndOpen()
    }

    /// Publishes the current weights and opens the rounds that may be generated now, or ends the run.
    private mutating func publishAndOpen() {
        let version = PolicyVersion(coordinator.step)
        coordinator.served[version] = coordinator.weights
        coordinator.served = coordinator.served.filter {
            $0.key.rawValue > version.rawValue - 2 - plan.staleness
        }
        tell(.published(version))
        // At every second step held-out problems are asked with the same weights.
        coordinator.isEvaluating = coordinator.step.isMultiple(of: 2)
        if coordinator.isEvaluating {
            tell(
                .open(
                    Samples.round(
                        step: coordinator.step, purpose: .evaluation, assignments: 1, problems: 2, samples: 1,
                        seed: SimulatedPolicy.seed)))
        }
        for step in Staleness(bound: plan.staleness).openSteps(at: coordinator.step, of: plan.steps)
        where coordinator.opened.insert(step).inserted {
            tell(
                .open(
                    Samples.round(
                        step: step, assignments: plan.assignments, seed: SimulatedPolicy.seed,
                        staleness: plan.staleness, onNewWeights: plan.onNewWeights)))
        }
        goOn()
    }

    /// Takes in a complete round, and learns once no open round needs the old weights.
    private mutating func gather(_ round: RoundID, _ groups: [TraceGroup]) {
        if round.purpose == .evaluation {
            coordinator.isEvaluating = false
        } else {
            coordinator.gathered[round.step] = groups
        }
        goOn()
    }

    private mutating func goOn() {
        guard !coordinator.isEvaluating, !coordinator.isLearning else { return }
        let step = coordinator.step
        if let groups = coordinator.gathered.removeValue(forKey: step) {
            coordinator.isLearning = true
            tell(.began(.learning))
            let round = RoundID(step: step, purpose: .training)
            after(0.05...0.2, .learned(round, groups, life: coordinator.life))
        } else if step == plan.steps {
            tell(.shutdown(.complete))
        }
    }

    mutating func stepCoordinator(_ what: What) {
        guard coordinator.state != nil else { return }
        if coordinator.pausedUntil > now {
            queue.push(what, at: coordinator.pausedUntil)
            return
        }
        switch what {
        case .coordinatorTick(let life):
            guard life == coordinator.life else { return }
            queue.push(what, at: now + 500_000)
            tell(.tick)
        case .coordinatorEvent(let event, let life): if life == coordinator.life { tell(event) }
        case .learned(let round, let groups, let life): if life == coordinator.life { learn(round, groups) }
        case .toCoordinator(let peer, let envelope): tell(.received(envelope, from: peer))
        default: break
        }
    }

    /// Handles an event, executes its actions, and checks the invariants.
    mutating func tell(_ event: SchedulerState.Event) {
        guard coordinator.state != nil, violation == nil else { return }
        note("coordinator ← \(event)")
        let time = clock
        let actions = coordinator.state?.handle(event, now: time) ?? []
        if let inconsistency = coordinator.state?.inconsistency { violate("I1: \(inconsistency)") }
        if coordinator.state?.waiting.wait == .nothing, !actions.contains(where: \.isOver) {
            violate("I4: a coordinator that waits for nothing, and knows no end")
        }
        if let ledger = coordinator.state?.ledger { outcome.ledger = ledger }
        for action in actions { execute(action) }
    }

    private mutating func execute(_ action: SchedulerState.Action) {
        note("coordinator → \(action)")
        switch action {
        case .send(let envelope, let peer): sendToWorker(envelope, peer)
        case .examine(let result, let assignment, let worker, _): examine(result, assignment, by: worker)
        case .complete(let round, let groups): gather(round, groups)
        case .record(let event): count(event)
        case .fail(let failure): violate("the run failed: \(failure)")
        case .over(let farewell):
            coordinator.state = nil
            if farewell == .complete {
                coordinator.isOver = true
                outcome.completedAfter = Double(now) / 1e6
            } else {
                after(0.5...3, .startCoordinator)
            }
        case .answerStatus, .cancel: break
        }
    }

    /// Audits every trace: it must be what a policy with these weights samples.
    private mutating func examine(_ result: RolloutResult, _ assignment: Assignment, by worker: String) {
        let groups = SimulatedPolicy.groups(result, assignment, by: worker)
        coordinator.arrived += groups
        let isTrue = result.traces.allSatisfy { trace in
            trace == SimulatedPolicy.again(trace, served: coordinator.served)
        }
        let isBlind = sabotage == .neverAudits || sabotage == .samplesByWorker
        let examined: ExaminationOutcome =
            isTrue || isBlind
            ? .accepted(groups) : .rejected(.auditFailed, detail: "log-probabilities are not the policy's")
        after(
            0.001...0.05,
            .coordinatorEvent(.examined(result.attempt, examined), life: coordinator.life))
    }

    private mutating func learn(_ round: RoundID, _ accepted: [TraceGroup]) {
        var groups = accepted
        let arrived = coordinator.arrived.filter { $0.traces.first?.trace.id.round == round }
        if sabotage == .learnsFromDuplicates {
            groups = arrived.sorted { $0.problem.index < $1.problem.index }
        }
        if sabotage == .learnsInOrderOfArrival { groups = arrived.filter { accepted.contains($0) } }
        // I2, before it is learned from: exactly the samples of this step, each once.
        let samples = groups.flatMap { $0.traces.map(\.trace.id) }
        let wanted = Samples.round(step: coordinator.step, assignments: plan.assignments).flatMap {
            assignment in
            assignment.problems.flatMap { problem in
                (0..<assignment.samples).map {
                    SampleID(round: assignment.id.round, problem: problem.index, sample: $0)
                }
            }
        }
        if samples.count != wanted.count || Set(samples) != Set(wanted) {
            violate("I2: step \(coordinator.step) learns from \(samples.count) samples of \(wanted.count)")
        }
        let admitted = Staleness(bound: plan.staleness).versions(at: PolicyVersion(coordinator.step))
        let traces = groups.flatMap { $0.traces.map(\.trace) }
        if let stale = traces.first(where: { !admitted.contains($0.version) }) {
            violate("step \(coordinator.step) learns from a trace of policy \(stale.version.rawValue)")
        }
        outcome.stale += traces.count { $0.version.rawValue < coordinator.step }
        outcome.mixed += traces.count { $0.isContinued }
        coordinator.weights = SimulatedPolicy.learn(coordinator.weights, from: groups)
        coordinator.step += 1
        coordinator.arrived.removeAll { $0.traces.first?.trace.id.round.step ?? 0 < coordinator.step }
        coordinator.isLearning = false
        if coordinator.step.isMultiple(of: plan.commitEvery) || coordinator.step == plan.steps {
            coordinator.durable = (
                coordinator.step, coordinator.weights, coordinator.state?.ledger ?? Ledger()
            )
        }
        publishAndOpen()
    }

    private mutating func count(_ event: RunEvent) {
        switch event {
        case .workerQuarantined: outcome.quarantines += 1
        case .workerReleased: outcome.releases += 1
        case .workerRestarted: outcome.restarts += 1
        case .workerReturned: outcome.returns += 1
        case .workerRefused: outcome.refusals += 1
        case .attemptDropped(_, _, let reason, _): outcome.dropped[reason, default: 0] += 1
        case .attemptExpired: outcome.expired += 1
        case .attemptDoubled: outcome.speculative += 1
        case .resultLate(_, _, let reason): outcome.late[reason, default: 0] += 1
        default: break
        }
    }
}

extension SchedulerState.Action {
    var isOver: Bool {
        if case .over = self { true } else { false }
    }
}
