// How the data flows:
//
//   ProblemSource ─Problem→ RoundPlan ─Assignment→ Scheduler ─attempts→ [transport] → RolloutWorker
//                                                                                                  │ generate, score
//   LearnerHost ←TrainingBatch─ GroupAdvantage ←TraceGroup─ Scheduler ←RolloutResult─ [transport] ←┘
//        │ Objective → optimizer step → PolicyVersion + 1     ⇅ Examiner: scores again, audits
//        ├→ RunRecorder (records), CheckpointStore (policy, optimizer, ledger)
//        └→ WeightPublisher → [transport] → every worker
//
// | loop      | consumes               | waits for                      | unblocked by                             |
// | --------- | ---------------------- | ------------------------------ | ---------------------------------------- |
// | the step  | problems               | a complete round, the learner  | the scheduler: groups, failure or `stop` |
// | scheduler | messages, ticks        | the next event                 | its ticker, several times a ping         |
// | examiner  | results                | its own thread                 | the end of each examination              |
// | recorder  | steps, events, reports | the disk                       | a full disk: it is an alarm, not a wait  |
// | keeper    | reports                | the next second                | the end of the run, which cancels it     |
//
// The scheduler waits for workers without a limit, and `status` names them; every other wait has a deadline. The target
// Service adds the loops of the processes: local workers, signals, sockets.
import Episodes
import Foundation
import Host
import Learning
import ModelFiles
import Primitives
import Reasoning
import Reinforcement
package import RunStore
import Scheduling
import Settings
import StrictConfiguration
import Transformers
package import WeightTransfer
package import Wire

/// Trains a run from the state in its folder to the last step.
package actor Coordinator {
    let session: RunSession
    let ports: Ports
    let learner: LearnerHost
    let scheduler: Scheduler
    let publisher: WeightPublisher
    let examiner: Examiner
    let recorder: RunRecorder
    let journal: Journal
    let board: StatusBoard
    let progress: ProgressReport

    var step: Int
    var cursor: Int
    var optimizerSteps: Int
    /// Draws problems according to their past results; nil when they are drawn in turn.
    var curriculum: Curriculum?
    /// Wall time of all steps in seconds, including those before restarts.
    var seconds: Double
    var tokens = 0
    /// How long the newest policy took to publish; nil until a step has published one.
    var publishing: Duration?
    var evaluations: [EvaluationRecord] = []
    var policyHash = ""
    /// The newest checkpoint's step.
    package nonisolated let saved: SavedStep
    /// The checkpoint that is being written.
    var saving: Task<Bool, Never>?
    /// Why the last try to save failed; nil when it succeeded.
    var savingTrouble: String?
    /// Whether somebody asked for a checkpoint.
    var isSavingWanted = false
    var lastSave = ContinuousClock.now
    /// Whether the learner is ahead of the other state, which cannot be saved then.
    var isMidStep = false
    private var interruption: Interrupted?
    private var processor = ProcessorTime()
    /// Training rounds in generation, by step: the learner's current round, and the rounds ahead of it that
    /// staleness allows.
    private var rounds: [Int: Task<[TraceGroup], any Error>] = [:]
    /// What is computed now.
    var work: Work?
    var signal = SignalCheck()
    /// Where accuracy took off; nil when it did not, or not yet.
    var aha: AhaMoment?
    var keeper: Task<Void, Never>?
    var working: @Sendable (String) -> Void = { _ in }
    var leaving: @Sendable () async -> Void = {}

    /// Where workers connect.
    package struct Ports: Sendable {
        let control: any CoordinatorTransport
        let weights: any WeightServing
        let weightsAddress: WeightsAddress
        /// The warning that `status` shows about ports that are open to anyone; nil when every port requires
        /// keys.
        let insecure: String?

        package init(
            control: any CoordinatorTransport, weights: any WeightServing, weightsAddress: WeightsAddress,
            insecure: String? = nil
        ) {
            self.control = control
            self.weights = weights
            self.weightsAddress = weightsAddress
            self.insecure = insecure
        }
    }

    /// - Parameters:
    ///   - log: receives one line per call, for a person to read.
    ///   - alarmed: receives the kind and the text of each alarm.
    package init(
        _ session: RunSession, ports: Ports, log: @escaping @Sendable (String) -> Void,
        alarmed: @escaping @Sendable (String, String) -> Void = { _, _ in }
    ) throws {
        self.session = session
        self.ports = ports
        let configuration = session.configuration
        let documents = try session.documents
        let journal = Journal(incarnation: session.lock.incarnation, log: log, alarmed: alarmed)
        let board = StatusBoard(
            steps: configuration.steps, folder: session.directory.root.path, journal: journal)
        var state = SchedulerState.Configuration(
            stamp: session.stamp, digests: Digests(of: documents), documents: documents,
            weights: ports.weightsAddress, vocabulary: session.model.configuration.vocabularySize,
            endTokens: session.rules.ends.tokens, lengthLimits: [:])
        configuration.configure(&state)
        for purpose in Purpose.allCases {
            state.lengthLimits[purpose] = session.rules.lengthLimit(purpose)
        }
        let examiner = try Examiner(
            session.rules, policy: session.model.configuration, key: session.auditKey,
            log: { journal.alarm("externalVerifier", $0) })
        self.examiner = examiner
        let scheduler = Scheduler(
            state, ledger: session.resumed?.state.ledger.resumed() ?? Ledger(), transport: ports.control,
            journal: journal,
            examine: { result, assignment, worker, scrutiny in
                let finding = await examiner.examine(result, assignment, by: worker, scrutiny: scrutiny)
                if finding.lies > 0 {
                    journal.note(
                        "falseClaim",
                        "\(worker) claims other verdicts than \(finding.lies) of \(result.traces.count) answers deserve"
                    )
                }
                return finding.outcome
            }, status: { await board.text($0) })
        learner = LearnerHost(configuration, model: session.model)
        publisher = WeightPublisher(server: ports.weights, examiner: examiner, scheduler: scheduler)
        recorder = RunRecorder(
            session.directory, journal: journal, settings: configuration.records,
            advantage: configuration.learning.advantage,
            configuration: String(decoding: configuration.canonicalJSON, as: UTF8.self))
        progress = ProgressReport(steps: configuration.steps)
        self.scheduler = scheduler
        self.journal = journal
        self.board = board
        let saved = session.resumed?.state
        step = saved?.step ?? 0
        cursor = saved?.cursor ?? 0
        optimizerSteps = saved?.optimizerSteps ?? 0
        curriculum = configuration.curriculum
        if let rates = saved?.curriculum?.rates { curriculum?.rates = rates }
        seconds = saved?.seconds ?? 0
        policyHash = saved?.policySHA256 ?? ""
        self.saved = SavedStep(saved?.step)
    }

    // MARK: - The run

    /// Trains to the last step.
    ///
    /// - Returns: the object to print.
    /// - Throws: `Interrupted`; `RunFailure` when the run cannot continue; errors of the learner and of files.
    package func run() async throws -> RunResult {
        do {
            try await begin()
            try await measureIfDue()
            while step < session.configuration.steps {
                try await makeStep()
                try await measureIfDue()
            }
            return try await finish(.complete)
        } catch let error as Interrupted {
            throw interrupted(saved: await finishEarly(.interrupted, error))
        } catch {
            await finishEarly(.failed, error)
            throw error
        }
    }

    /// Ends the run after the last step that is done, with a checkpoint.
    package func interrupt() async {
        let interruption = Interrupted(step: step, folder: session.directory.root.path)
        self.interruption = interruption
        await scheduler.stop(interruption)
    }

    /// Ends the run because it cannot continue.
    package func fail(_ error: any Error) async { await scheduler.stop(error) }

    /// Calls `body` with a worker's name whenever one of its results is used.
    package func onAccepted(_ body: @escaping @Sendable (String) async -> Void) async {
        await scheduler.onAccepted(body)
    }

    /// Calls `body` several times a second while workers are answered.
    package func onBeat(_ body: @escaping @Sendable () -> Void) async { await scheduler.onBeat(body) }

    /// Calls `body` about once a second while an evaluation or a step takes longer than two seconds, with a line
    /// that says how far it is.
    package func onWorking(_ body: @escaping @Sendable (String) -> Void) { working = body }

    /// Calls `body` when the run begins to say goodbye to its workers, for any reason.
    package func onLeaving(_ body: @escaping @Sendable () async -> Void) { leaving = body }

    package func note(_ kind: String, _ message: String) { journal.alarm(kind, message) }

    /// Opens every round that may be generated now, and returns the groups of this step's round.
    private func trainingGroups() async throws -> [TraceGroup] {
        let configuration = session.configuration
        for ahead in Staleness(bound: configuration.staleness).openSteps(at: step, of: configuration.steps)
        where rounds[ahead] == nil {
            let assignments = try session.plan.training(
                step: ahead, cursor: cursor + (ahead - step) * configuration.rollout.problems, curriculum)
            rounds[ahead] = Task { [scheduler] in try await scheduler.generate(assignments) }
        }
        defer { rounds[step] = nil }
        return try await rounds[step]?.value ?? []
    }

    /// Makes one step; everything else is driven by the scheduler's actions.
    private func makeStep() async throws {
        if let interruption { throw interruption }
        let start = ContinuousClock.now
        let rollout = session.configuration.rollout
        work = Work(.step(step + 1), responses: rollout.problems * rollout.samples)
        // Draw problems, assign, gather groups.
        let groups = try await trainingGroups()
        let generated = ContinuousClock.now

        // Advantages, then learn.
        await scheduler.began(.learning)
        await settleSaving()
        isMidStep = true
        let batch = TrainingBatch(groups: groups, advantage: session.configuration.learning.advantage)
        let coordinating = processor.lap()
        let report = try await learner.learn(batch)
        let learned = ContinuousClock.now
        _ = processor.lap()
        step += 1
        cursor += session.configuration.rollout.problems
        if report.updated { optimizerSteps += 1 }
        curriculum?.record(
            groups.compactMap { group in group.solveRate.map { (problem: group.problem.problem, solved: $0) }
            })
        journal.begin(step: step)

        // Record before saving: a resumed run removes records that are newer than its checkpoint.
        let policy = try await learner.export()
        policyHash = policy.manifest.policyHash
        isMidStep = false
        await record(
            groups, report, seconds: ContinuousClock.now - start, generating: generated - start,
            learning: learned - generated, coordinating: coordinating)
        if isSavingDue { await save(during: ContinuousClock.now - start) }

        await scheduler.began(.publishing)
        let published = ContinuousClock.now
        try await publisher.publish(policy)
        publishing = ContinuousClock.now - published
        seconds += (ContinuousClock.now - start).seconds
    }
}
