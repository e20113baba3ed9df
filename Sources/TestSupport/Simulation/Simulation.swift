import Primitives
import Reinforcement
package import Scheduling

/// One whole run on simulated time: the real coordinator and worker states, a network that loses, doubles and delays,
/// processes that are killed, stopped and told to end, weights that are a hash of every learned trace.
///
/// A function of its seed: `Simulation(seed: 17).run()` does the same on every machine. A violation of the checks on the way
/// (I1, I2, I4, torn weights) ends the run at once; the weights (I3, I5) are compared at its end.
package struct Simulation {
    package let seed: UInt64
    package let plan: FaultPlan
    package let sabotage: Sabotage?
    /// Every event and action of a verbose run.
    package let log: Log?

    /// Microseconds.
    var now = 0
    var queue = EventQueue<What>()
    var random: SplitMix
    var coordinator = SimulatedCoordinator()
    var workers: [SimulatedWorker]
    var isCut: [Bool]
    var violation: String?
    var outcome = Outcome()

    /// - Parameter plan: nil draws one from the seed.
    package init(seed: UInt64, plan: FaultPlan? = nil, sabotage: Sabotage? = nil, isVerbose: Bool = false) {
        self.seed = seed
        let plan = plan ?? FaultPlan.drawn(seed: seed)
        self.plan = plan
        self.sabotage = sabotage
        log = isVerbose ? Log() : nil
        random = SplitMix(seed: seed)
        workers = (0..<plan.workers).map { SimulatedWorker(number: $0) }
        isCut = Array(repeating: false, count: plan.workers)
    }

    /// The outcome of a run.
    package struct Outcome: Sendable, Hashable {
        /// The first rule that was broken; nil when all held.
        package var violation: String?
        package var weights: UInt64 = 0
        /// Virtual seconds until every process had ended.
        package var seconds = 0.0
        /// Virtual seconds until the coordinator had ended.
        package var completedAfter = 0.0
        package var handled = 0
        package var incarnations = 0
        /// Of the last incarnation, which carries on those of its predecessors.
        package var ledger = Ledger()
        /// The sum over all incarnations, since the counts of a killed one are otherwise forgotten.
        package var late: [LateReason: Int] = [:]
        package var dropped: [DropReason: Int] = [:]
        package var expired = 0
        package var speculative = 0
        package var quarantines = 0
        package var releases = 0
        package var restarts = 0
        package var returns = 0
        package var refusals = 0
        package var abandonedFetches = 0
        /// Traces that were learned from by a later policy than sampled them.
        package var stale = 0
        /// Traces of several policies that were learned from.
        package var mixed = 0
        /// Rollouts that ended early and yielded some of their problems.
        package var curtailed = 0
        /// How often each code ended a worker.
        package var exits: [Int32: Int] = [:]

        package init() {}

        /// Adds another run's counts.
        package mutating func add(_ other: Outcome) {
            seconds += other.seconds
            completedAfter = max(completedAfter, other.completedAfter)
            handled += other.handled
            incarnations += other.incarnations
            late.merge(other.late, uniquingKeysWith: +)
            dropped.merge(other.dropped, uniquingKeysWith: +)
            exits.merge(other.exits, uniquingKeysWith: +)
            expired += other.expired
            speculative += other.speculative
            quarantines += other.quarantines
            releases += other.releases
            restarts += other.restarts
            returns += other.returns
            refusals += other.refusals
            abandonedFetches += other.abandonedFetches
            stale += other.stale
            mixed += other.mixed
            curtailed += other.curtailed
        }
    }

    enum What {
        case startCoordinator
        case startWorker(Int)
        case coordinatorEvent(SchedulerState.Event, life: Int)
        case coordinatorTick(life: Int)
        case learned(RoundID, [TraceGroup], life: Int)
        case workerEvent(Int, WorkerState.Event, life: Int)
        case workerTick(Int, life: Int)
        case rolloutDone(Int, AttemptID, Assignment, life: Int, job: Int)
        case fetchDone(Int, PolicyVersion, life: Int, job: Int)
        case toCoordinator(PeerID, Envelope<WorkerMessage>)
        case toWorker(Int, connection: Int, Envelope<CoordinatorMessage>)
        case fault(Fault)
    }

    enum Fault {
        case killWorker(Int), loseWorker(Int), pauseWorker(Int, Int), terminateWorker(Int)
        case killCoordinator, pauseCoordinator(Int), terminateCoordinator
        case cut(Int), heal(Int)
    }

    /// Virtual time by which every run is complete; microseconds.
    static let deadline = 200_000_000

    package mutating func run() -> Outcome {
        queue.push(.startCoordinator, at: 0)
        for worker in workers.indices { queue.push(.startWorker(worker), at: random.below(2_000_000)) }
        scheduleFaults()
        while violation == nil, !isDone, let (time, what) = queue.pop() {
            now = time
            if now > Self.deadline + (coordinator.isOver ? Self.deadline : 0) {
                violate(
                    "I4: the run has not ended after \(now / 1_000_000) s; it waits for \(waitDescription)")
                break
            }
            step(what)
        }
        if violation == nil, !isDone {
            violate("I4: nothing happens any more; it waits for \(waitDescription)")
        }
        if violation == nil { checkEnd() }
        outcome.violation = violation
        outcome.seconds = Double(now) / 1e6
        outcome.weights = coordinator.weights
        return outcome
    }

    /// The run is complete and no process is left.
    private var isDone: Bool { coordinator.isOver && workers.allSatisfy { $0.state == nil } }

    private var waitDescription: String { coordinator.state?.waiting.wait.description ?? "the coordinator" }

    private mutating func checkEnd() {
        // With staleness it depends on timing which policy generates a round, and so do the weights.
        let wanted = SimulatedPolicy.weights(after: plan.steps, assignments: plan.assignments)
        if plan.staleness == 0, coordinator.weights != wanted {
            violate("I3: the weights are not those of the run without faults")
        }
        if coordinator.step != plan.steps { violate("I5: \(coordinator.step) steps of \(plan.steps)") }
    }

    mutating func violate(_ what: String) {
        if violation == nil { violation = what }
        note("VIOLATION \(what)")
    }

    /// Lines of a verbose run.
    package final class Log {
        package fileprivate(set) var lines: [String] = []
    }

    func note(_ text: @autoclosure () -> String) {
        log?.lines.append("\(Double(now) / 1e6) \(text())")
    }

    var clock: Duration { .microseconds(now) }

    mutating func after(_ seconds: ClosedRange<Double>, _ what: What) {
        let delay = random.duration(seconds).microseconds
        queue.push(what, at: now + delay)
    }

    private mutating func step(_ what: What) {
        outcome.handled += 1
        switch what {
        case .startCoordinator: startCoordinator()
        case .startWorker(let worker): startWorker(worker)
        case .coordinatorEvent, .coordinatorTick, .learned, .toCoordinator: stepCoordinator(what)
        case .workerEvent, .workerTick, .rolloutDone, .fetchDone, .toWorker: stepWorker(what)
        case .fault(let fault): apply(fault)
        }
    }
}
