package import Reinforcement

/// The faults of one simulated run, drawn from its seed.
package struct FaultPlan: Sendable, Hashable {
    package var workers = 3
    package var steps = 3
    package var assignments = 3
    /// Probability that a message is lost, arrives twice, or arrives late.
    package var loss = 0.0
    package var duplication = 0.0
    package var delay = 0.001...0.01
    /// Probability that a message is kept and sent again at some later time, over restarts and incarnations.
    package var replay = 0.0
    /// Number of each fault before `faultsEnd`.
    package var workerKills = 0
    /// Workers that are killed and never restarted.
    package var workerLosses = 0
    package var workerPauses = 0
    package var workerTerminations = 0
    package var coordinatorKills = 0
    package var coordinatorPauses = 0
    package var coordinatorTerminations = 0
    package var partitions = 0
    /// This many workers, counted from the last, send broken results half of the time.
    package var evilWorkers = 0
    /// This many workers, counted from the last, are slower by the factor `slowness`.
    package var slowWorkers = 0
    package var slowness = 10.0
    /// Steps between two commits; a killed coordinator goes back to the last one.
    package var commitEvery = 1
    /// After this time nothing fails, and the run must end.
    package var faultsEnd = Duration.seconds(20)
    /// Most steps by which a trace's policy may be older than the learner's.
    package var staleness = 0
    /// Whether rollouts continue with newer weights.
    package var onNewWeights = OnNewWeights.finish
    /// Whether every message goes through the wire's coder.
    package var usesCoder = false

    package init() {}

    /// A plan without faults.
    package static let calm = FaultPlan()

    /// Some faults of each kind, and many of a few kinds.
    package static func drawn(seed: UInt64) -> FaultPlan {
        var random = SplitMix(seed: seed &+ 0xFA01)
        var plan = FaultPlan()
        plan.workers = 1 + random.below(4)
        plan.steps = 2 + random.below(4)
        plan.assignments = 1 + random.below(4)
        plan.loss = [0, 0, 0.05, 0.2, 0.4][random.below(5)]
        plan.duplication = [0, 0, 0.1, 0.3][random.below(4)]
        plan.delay = [0.001...0.01, 0.001...0.01, 0.05...0.5, 0.001...3][random.below(4)]
        plan.replay = [0, 0, 0.05][random.below(3)]
        func count(_ limit: Int) -> Int { random.chance(0.5) ? 0 : random.below(limit + 1) }
        plan.workerKills = count(8)
        plan.workerLosses = min(count(2), plan.workers - 1)
        plan.workerPauses = count(3)
        plan.workerTerminations = count(3)
        plan.coordinatorKills = count(3)
        plan.coordinatorPauses = count(2)
        plan.coordinatorTerminations = count(1)
        plan.partitions = count(2)
        // The first worker is honest, or nothing would ever be accepted.
        plan.evilWorkers = min(count(2), plan.workers - 1)
        plan.slowWorkers = min(count(1), plan.workers - 1)
        plan.commitEvery = 1 + random.below(2)
        plan.faultsEnd = .seconds([4, 8, 16][random.below(3)])
        plan.usesCoder = seed.isMultiple(of: 50)
        if seed % 4 == 3 { plan.staleness = 1 + random.below(3) }
        if seed % 8 == 7 { plan.onNewWeights = .continue }
        return plan
    }
}

/// A rule broken on purpose, to test that the simulator notices.
package enum Sabotage: String, Sendable, Hashable, CaseIterable {
    /// Every result that arrives is learned from, including a second result for the same sample.
    case learnsFromDuplicates
    /// Groups are learned from in the order of their arrival.
    case learnsInOrderOfArrival
    /// Samples depend on the worker, and nothing is audited.
    case samplesByWorker
    /// Workers compute with older weights than those they were asked for.
    case servesOldWeights
    /// Tokens and log-probabilities are accepted without an audit.
    case neverAudits
    /// A resumed run starts one step behind what it had committed, with the weights of that commit.
    case resumesAtWrongStep
    /// No result ever arrives.
    case losesResults
}
