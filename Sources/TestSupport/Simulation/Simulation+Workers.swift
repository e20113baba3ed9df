import Reinforcement
import Scheduling

/// A worker's shell.
struct SimulatedWorker {
    let number: Int
    /// Nil while it is dead.
    var state: WorkerState?
    var life = 0
    var pausedUntil = 0
    /// Rises each time it dials, so that the coordinator sees another peer.
    var connection = 0
    /// The loaded weights: version and content.
    var weights: (version: PolicyVersion, content: UInt64)?
    /// Numbers of the rollout and the fetch that run now; the ends of earlier ones are ignored.
    var rollout = 0
    var fetch = 0
    var isGenerating = false
    var isFetching = false
    /// The current assignment, and the policies that have sampled its tokens so far.
    var job: Assignment?
    var changes: [SimulatedPolicy.Change] = []
    /// Whether its machine is lost.
    var isLost = false

    var name: String { "worker-\(number)" }
}

extension Simulation {
    mutating func startWorker(_ number: Int) {
        guard workers[number].state == nil, !workers[number].isLost, !coordinator.isOver else { return }
        workers[number].life += 1
        workers[number].connection += 1
        workers[number].weights = nil
        workers[number].isGenerating = false
        workers[number].isFetching = false
        let instance = UInt64(number * 1000 + workers[number].life)
        let identity = WorkerState.Identity(
            name: workers[number].name, instance: instance, host: "localhost", process: Int(instance),
            machine: "simulated")
        let time = clock
        workers[number].state = WorkerState(identity, timing: Self.timing, now: time)
        tell(number, .start)
        queue.push(.workerTick(number, life: workers[number].life), at: now)
    }

    mutating func stepWorker(_ what: What) {
        let number = what.worker
        guard workers[number].state != nil else { return }
        if workers[number].pausedUntil > now {
            queue.push(what, at: workers[number].pausedUntil)
            return
        }
        let life = workers[number].life
        switch what {
        case .workerTick(_, life):
            queue.push(what, at: now + 500_000)
            tell(number, .tick)
        case .workerEvent(_, let event, life): tell(number, event)
        case .toWorker(_, let connection, let envelope) where connection == workers[number].connection:
            tell(number, .received(envelope))
        case .rolloutDone(_, let attempt, let assignment, life, let job) where job == workers[number].rollout:
            finishRollout(number, attempt, assignment)
        case .fetchDone(_, let version, life, let job) where job == workers[number].fetch:
            finishFetch(number, version)
        default: break
        }
    }

    private mutating func finishRollout(_ number: Int, _ attempt: AttemptID, _ assignment: Assignment) {
        workers[number].isGenerating = false
        guard workers[number].weights.map({ assignment.versions.contains($0.version) }) == true else {
            violate("worker \(number) generated \(attempt) with other weights than it was asked for")
            return
        }
        let result = SimulatedPolicy.result(attempt, assignment, changes: workers[number].changes)
        workers[number].job = nil
        tell(number, .rolloutFinished(result))
    }

    /// Ends a rollout with its finished problems, possibly none.
    private mutating func curtail(_ number: Int, _ attempt: AttemptID) {
        workers[number].rollout += 1
        workers[number].isGenerating = false
        guard let assignment = workers[number].job else { return }
        workers[number].job = nil
        let done = Set(assignment.problems.map(\.index).filter { _ in random.chance(0.5) })
        let part = assignment.part(done)
        outcome.curtailed += done.isEmpty ? 0 : 1
        let event: WorkerState.Event =
            done.isEmpty
            ? .rolloutFailed(attempt, reason: "nothing of it is done")
            : .rolloutFinished(
                SimulatedPolicy.result(attempt, part, changes: workers[number].changes))
        after(0.001...0.05, .workerEvent(number, event, life: workers[number].life))
    }

    /// From a random future position, the worker samples with the weights that it has now.
    private mutating func changePolicy(_ number: Int) {
        guard let weights = workers[number].weights else { return }
        let content = sabotage == .samplesByWorker ? weights.content ^ UInt64(number) : weights.content
        let reached = workers[number].changes.last.map { $0.position + 1 } ?? 0
        let position = reached == 0 ? 0 : reached + random.below(3)
        workers[number].changes.append(
            SimulatedPolicy.Change(position: position, version: weights.version, weights: content))
    }

    private mutating func finishFetch(_ number: Int, _ version: PolicyVersion) {
        workers[number].isFetching = false
        let isReachable = coordinator.state != nil && coordinator.pausedUntil <= now && !isCut[number]
        if isReachable, let content = coordinator.served[version] {
            if sabotage == .servesOldWeights, let old = workers[number].weights {
                workers[number].weights = (version, old.content)
            } else {
                workers[number].weights = (version, content)
            }
            if workers[number].isGenerating { changePolicy(number) }
            tell(number, .weightsReady(version))
        } else {
            tell(number, .weightsFailed(version, reason: "not served"))
        }
    }

    mutating func tell(_ number: Int, _ event: WorkerState.Event) {
        guard workers[number].state != nil, violation == nil else { return }
        note("worker \(number) ← \(event)")
        let time = clock
        let actions = workers[number].state?.handle(event, now: time) ?? []
        for action in actions { execute(number, action) }
    }

    private mutating func execute(_ number: Int, _ action: WorkerState.Action) {
        note("worker \(number) → \(action)")
        let life = workers[number].life
        switch action {
        case .send(let envelope): sendToCoordinator(number, envelope)
        case .reconnect: workers[number].connection += 1
        case .fetch(let version):
            let isInUse = workers[number].isGenerating && workers[number].job?.goesOn(with: version) != true
            if isInUse || workers[number].isFetching {
                violate("worker \(number) fetches weights while they are in use")
            }
            workers[number].isFetching = true
            workers[number].fetch += 1
            after(0.01...0.5, .fetchDone(number, version, life: life, job: workers[number].fetch))
        case .abandonFetch(let version):
            outcome.abandonedFetches += 1
            workers[number].fetch += 1
            workers[number].isFetching = false
            after(
                0.001...0.05,
                .workerEvent(number, .weightsFailed(version, reason: "abandoned"), life: life))
        case .generate(let attempt, let assignment):
            if workers[number].isGenerating || workers[number].isFetching {
                violate("worker \(number) generates two things at once, or during a fetch")
            }
            workers[number].isGenerating = true
            workers[number].job = assignment
            workers[number].changes = []
            changePolicy(number)
            workers[number].rollout += 1
            let slowness = number >= plan.workers - plan.slowWorkers ? plan.slowness : 1
            let job = workers[number].rollout
            after(
                0.1 * slowness...1 * slowness,
                .rolloutDone(number, attempt, assignment, life: life, job: job))
        case .abandonRollout(let attempt):
            workers[number].rollout += 1
            workers[number].isGenerating = false
            after(
                0.001...0.05,
                .workerEvent(number, .rolloutFailed(attempt, reason: "abandoned"), life: life))
        case .curtailRollout(let attempt): curtail(number, attempt)
        case .exit(let code, let reason):
            if code == 3, !coordinator.isOver {
                violate("I4: worker \(number) gave a living run up: \(reason)")
            }
            outcome.exits[code, default: 0] += 1
            workers[number].state = nil
            // Its parent restarts it while the run continues.
            after(0.5...3, .startWorker(number))
        case .prepare, .note, .diagnose: break
        }
    }
}

extension Simulation.What {
    /// The worker that a fault hits.
    var worker: Int {
        switch self {
        case .workerEvent(let number, _, _), .workerTick(let number, _), .rolloutDone(let number, _, _, _, _),
            .fetchDone(let number, _, _, _), .toWorker(let number, _, _), .startWorker(let number):
            number
        default: 0
        }
    }
}
