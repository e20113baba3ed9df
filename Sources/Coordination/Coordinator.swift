// The way of the data:
//
//   ProblemSource ─Problem→ RoundPlan ─Assignment→ Dispatcher ─attempts→ [transport] → RolloutWorker
//                                                                                          │ generate, score
//   LearnerHost ←TrainingBatch─ GroupAdvantage ←TraceGroup─ Dispatcher ←Examiner←[transport]┘
//        │ step → PolicyVersion + 1                          (admission)  (scores again, audits)
//        ├→ CheckpointStore (policy, optimizer, ledger)
//        └→ WeightPublisher → [transport] → every worker
//
// | loop        | consumes              | waits for                        | unblocked by                              |
// | ----------- | --------------------- | -------------------------------- | ----------------------------------------- |
// | the step    | problems              | a complete round, the learner    | the dispatcher: results, failure, `stop`  |
// | dispatcher  | messages, ticks       | the next event                   | its ticker, several times a ping          |
// | examiner    | results               | its own thread                   | every result ends in a verdict            |
// | recorder    | steps, events, facts  | the disk                         | a full disk is an alarm, never a wait     |
// | keeper      | reports               | the next second                  | cancelled with the step                   |
// | local workers | ends of processes   | `waitpid` of each                | the pipe that every worker holds          |
//
// The dispatcher waits for workers as long as it takes, and `status` says for whom; everything else has a deadline.
import Foundation
import Learning
import Reasoning
package import Reinforcement
import Rollouts
import RunStore
import Tokenization
import Transformers
package import Wire

/// Runs a run from where its folder left it to its end.
package actor Coordinator {
    private let session: RunSession
    private let ports: Ports
    private let learner: LearnerHost
    private let dispatcher: Dispatcher
    private let publisher: WeightPublisher
    private let recorder: RunRecorder
    private let journal: Journal
    private let board: StatusBoard
    private let progress: ProgressReport
    private let evaluation: Evaluation

    private var step: Int
    private var cursor: Int
    private var optimizerSteps: Int
    /// Wall time of the steps of all lives.
    private var seconds: Double
    private var tokens = 0
    private var evaluations: [EvaluationRecord] = []
    private var policyHash = ""
    /// Of the newest checkpoint; nil when there is none.
    private var savedStep: Int?
    private var interruption: Interrupted?
    private var leaving: @Sendable () async -> Void = {}

    /// Where workers come in.
    package struct Ports: Sendable {
        let control: any CoordinatorTransport
        let weights: any WeightServing
        let weightsAddress: WeightsAddress

        package init(
            control: any CoordinatorTransport, weights: any WeightServing, weightsAddress: WeightsAddress
        ) {
            self.control = control
            self.weights = weights
            self.weightsAddress = weightsAddress
        }
    }

    /// Somebody asked the run to pause; it is saved and goes on from there when it is started again.
    package struct Interrupted: Error, Sendable, Hashable, CustomStringConvertible {
        package let step: Int
        package let folder: String

        package var description: String {
            "interrupted after step \(step); `--run \(folder)` goes on from there"
        }
    }

    /// A checkpoint whose weights are not those that its state names.
    package struct PolicyMismatch: Error, Sendable, Hashable, CustomStringConvertible {
        let step: Int
        let said: String
        let found: String

        package var description: String {
            "the checkpoint of step \(step) says policy \(said), its weights are \(found); "
                + "move it away to go on from an older one"
        }
    }

    /// The last step is done, and the disk does not take it.
    package struct OutcomeNotSaved: Error, Sendable, Hashable, CustomStringConvertible {
        let step: Int
        let folder: String

        package var description: String {
            "step \(step) is done and could not be saved in \(folder); free space there and start the run again"
        }
    }

    /// - Parameter log: one line a call, for a person.
    package init(_ session: RunSession, ports: Ports, log: @escaping @Sendable (String) -> Void) throws {
        self.session = session
        self.ports = ports
        let configuration = session.configuration
        let documents = try session.documents
        let journal = Journal(epoch: session.lock.epoch, log: log)
        let board = StatusBoard(steps: configuration.steps, folder: session.directory.root.path)
        var state = CoordinatorState.Configuration(
            stamp: session.stamp, digests: Digests(of: documents), documents: documents,
            weights: ports.weightsAddress, vocabulary: session.model.tokenizer.vocabularySize,
            endToken: session.model.tokenizer.endToken, lengthLimits: [:])
        configuration.configure(&state)
        for purpose in [Purpose.training, .evaluation, .direct] {
            state.lengthLimits[purpose] = session.rules.lengthLimit(purpose)
        }
        let examiner = Examiner(session.rules, policy: session.model.configuration)
        let dispatcher = Dispatcher(
            state, ledger: session.resumed?.state.ledger.resumed() ?? Ledger(), transport: ports.control,
            examiner: examiner, journal: journal, status: { await board.text($0) })
        learner = LearnerHost(configuration, model: session.model)
        publisher = WeightPublisher(server: ports.weights, examiner: examiner, dispatcher: dispatcher)
        recorder = RunRecorder(session.directory, journal: journal, traceLimit: configuration.records.traces)
        evaluation = Evaluation(rules: session.rules)
        progress = ProgressReport(steps: configuration.steps, rules: session.rules)
        self.dispatcher = dispatcher
        self.journal = journal
        self.board = board
        let saved = session.resumed?.state
        step = saved?.step ?? 0
        cursor = saved?.cursor ?? 0
        optimizerSteps = saved?.optimizerSteps ?? 0
        seconds = saved?.seconds ?? 0
        policyHash = saved?.policySHA256 ?? ""
        savedStep = saved?.step
    }

    // MARK: - The run

    /// Trains to the last step.
    ///
    /// - Returns: the object to print.
    /// - Throws: `Interrupted`; `RunFailure` when the run cannot go on; whatever the learner or the disk refuse.
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
            try await finishEarly(.interrupted, error)
            throw Interrupted(step: step, folder: session.directory.root.path)
        } catch {
            try await finishEarly(.failed, error)
            throw error
        }
    }

    /// Ends the run after the step that is being learned, saved; asked from a signal.
    package func interrupt() async {
        let interruption = Interrupted(step: step, folder: session.directory.root.path)
        self.interruption = interruption
        await dispatcher.stop(interruption)
    }

    /// Ends the run because it cannot go on.
    package func fail(_ error: any Error) async { await dispatcher.stop(error) }

    /// Calls `body` with a worker's name whenever a result of it is used.
    package func onAccepted(_ body: @escaping @Sendable (String) async -> Void) async {
        await dispatcher.onAccepted(body)
    }

    /// Calls `body` when the run begins to take leave, whatever the reason.
    package func onLeaving(_ body: @escaping @Sendable () async -> Void) { leaving = body }

    package func note(_ kind: String, _ message: String) { journal.alarm(kind, message) }

    /// One step: everything else hangs off the dispatcher's actions.
    private func makeStep() async throws {
        if let interruption { throw interruption }
        let start = ContinuousClock.now
        // Draw problems, assign, gather groups.
        let assignments = try session.plan.training(step: step, cursor: cursor)
        let groups = try await dispatcher.generate(assignments)
        let generated = ContinuousClock.now

        // Advantages, then learn.
        await dispatcher.began(.learning)
        let batch = try TrainingBatch(groups: groups, advantage: session.configuration.learning.advantage) {
            try session.rules.prompt(for: $0.problem)
        }
        let report = try await learner.learn(batch)
        let learned = ContinuousClock.now
        step += 1
        cursor += assignments.reduce(0) { $0 + $1.problems.count }
        if report.updated { optimizerSteps += 1 }
        journal.begin(step: step)

        // Commit: the records first, because a resumed run cuts what its checkpoint does not have.
        let policy = try await learner.export()
        policyHash = policy.manifest.policyHash
        await record(
            groups, report, seconds: ContinuousClock.now - start, generating: generated - start,
            learning: learned - generated)
        if isSavingDue { await save(during: ContinuousClock.now - start) }

        await dispatcher.began(.publishing)
        try await publisher.publish(policy)
        seconds += (ContinuousClock.now - start).seconds
    }

    // MARK: - Measuring

    private var isMeasuringDue: Bool {
        let every = session.configuration.evaluation.every
        return step == 0 || step == session.configuration.steps || (every > 0 && step % every == 0)
    }

    private func measureIfDue() async throws {
        guard isMeasuringDue else { return }
        await dispatcher.began(.evaluating)
        async let inForm: Void = measure(.evaluation)
        async let direct: Void = measure(.direct)
        _ = try await (inForm, direct)
    }

    private func measure(_ purpose: Purpose) async throws {
        let version = PolicyVersion(step)
        // A life that was killed after measuring has done this already.
        guard !evaluations.contains(where: { $0.version == version && $0.purpose == purpose }) else { return }
        let groups = try await dispatcher.generate(session.plan.measuring(step: step, purpose))
        let record = evaluation.record(groups, of: version, purpose, time: Date().timeIntervalSince1970)
        evaluations.append(record)
        await board.add(record)
        await recorder.record(record, groups: await attributed(groups))
        journal.say(progress.line(record))
    }

    // MARK: - Records

    private func record(
        _ groups: [TraceGroup], _ report: StepReport, seconds: Duration, generating: Duration,
        learning: Duration
    ) async {
        let metrics = StepMetrics(
            step: step, epoch: session.lock.epoch, time: Date().timeIntervalSince1970,
            seconds: seconds.seconds, elapsed: self.seconds + seconds.seconds, groups: groups,
            rules: session.rules, report: report,
            generation: generating.seconds, learning: learning.seconds)
        tokens += metrics.tokens
        await board.add(metrics)
        await recorder.record(metrics, groups: await attributed(groups))
        journal.say(progress.line(metrics))
        if let sample = progress.sample(groups, step: step) { journal.say(sample) }
    }

    /// Groups with the names of the workers that generated them.
    private func attributed(_ groups: [TraceGroup]) async -> [GroupRecord] {
        var records: [GroupRecord] = []
        for group in groups {
            var author: String?
            if let round = group.traces.first?.trace.id.round {
                author = await dispatcher.author(
                    of: session.plan.assignment(of: group.problem.index, in: round))
            }
            records.append(GroupRecord(group: group, worker: author))
        }
        return records
    }

    // MARK: - Saving

    private var isSavingDue: Bool {
        let every = session.configuration.checkpoint.every
        // Due as well when the last time failed.
        return step == session.configuration.steps || step - (savedStep ?? -every) >= every
            || step % every == 0
    }

    /// Saves the step; a disk that refuses is an alarm, and the next step tries again.
    ///
    /// - Parameter time: of the step that is being made so far, not in `seconds` yet.
    /// - Returns: whether the step is saved.
    @discardableResult
    private func save(during time: Duration = .zero) async -> Bool {
        if savedStep == step { return true }
        await dispatcher.began(.checkpointing)
        do {
            let documents = try session.documents
            let state = RunState(
                run: session.identity.id, step: step, optimizerSteps: optimizerSteps,
                seed: session.configuration.seed, cursor: cursor, epoch: session.lock.epoch,
                seconds: seconds + time.seconds, ledger: await dispatcher.ledger,
                protocolVersion: WireProtocol.version,
                digests: Digests(of: documents), policySHA256: policyHash)
            try await learner.save(state, to: session.store)
        } catch let error as CheckpointPruneFailure {
            journal.alarm("checkpointKept", "ALARM: \(error)")
        } catch {
            journal.alarm("checkpointFailed", "ALARM: \(error)")
            await board.trouble("\(error)")
            return false
        }
        savedStep = step
        return true
    }

    // MARK: - Beginning and end

    private func begin() async throws {
        await dispatcher.open()
        let saved = session.resumed
        var event: EventRecord?
        if session.lock.epoch > 1 || saved != nil {
            event = EventRecord(
                time: Date().timeIntervalSince1970, monotonic: 0, epoch: session.lock.epoch, step: step,
                kind: "resumed", message: "resumed at step \(step) as epoch \(session.lock.epoch)")
        }
        let records = try await recorder.open(at: step, event: event)
        journal.begin(step: step)
        for skipped in saved?.skipped ?? [] {
            journal.alarm("checkpointFallback", "ALARM: a damaged checkpoint is set aside: \(skipped)")
        }
        for change in session.changes { journal.alarm("configurationChanged", "changed: \(change)") }
        tokens = records.steps.reduce(0) { $0 + $1.tokens }
        evaluations = records.evaluations
        for record in evaluations { await board.add(record) }
        if let last = records.steps.last { await board.add(last) }
        await recorder.record(.phase, "running")
        startKeeper()

        try await learner.open(session.model, resuming: saved?.checkpoint)
        let policy = try await learner.export()
        policyHash = policy.manifest.policyHash
        if let saved, saved.state.policySHA256 != policyHash {
            throw PolicyMismatch(step: step, said: saved.state.policySHA256, found: policyHash)
        }
        journal.say(progress.opening(session))
        if saved == nil { await save() }
        try await publisher.publish(policy)
    }

    private func finish(_ farewell: Farewell) async throws -> RunResult {
        await dispatcher.began(.finishing)
        guard await saveAtLast() else {
            throw OutcomeNotSaved(step: step, folder: session.directory.root.path)
        }
        let result = RunResult(
            run: session.directory.root.path, seed: session.configuration.seed, steps: step, seconds: seconds,
            tokens: tokens, policySHA256: policyHash, evaluations: evaluations,
            checkpointFallback: session.resumed?.isFallback ?? false)
        await recorder.record(.result, result)
        await end(farewell, phase: "done")
        return result
    }

    private func finishEarly(_ farewell: Farewell, _ error: any Error) async throws {
        journal.note(farewell == .interrupted ? "interrupted" : "failed", "\(error)")
        // A failure may be the learner's own: what was saved before is good.
        if farewell == .interrupted, !policyHash.isEmpty { await save() }
        await end(farewell, phase: farewell.rawValue)
    }

    /// The last step's checkpoint is the run's outcome, so it is tried a few times more.
    private func saveAtLast() async -> Bool {
        for pause in [1, 2, 4, 0] {
            if await save() { return true }
            try? await Task.sleep(for: .seconds(pause))
        }
        return false
    }

    private func end(_ farewell: Farewell, phase: String) async {
        await leaving()
        await dispatcher.takeLeave(farewell)
        await recorder.record(await dispatcher.report)
        await recorder.record(.phase, phase)
        keeper?.cancel()
        await dispatcher.close()
        await ports.weights.close()
        await recorder.close()
        session.lock.release()
    }

    private var keeper: Task<Void, Never>?

    /// Once a second, what is waited for goes into the records, where `status --run` finds it.
    private func startKeeper() {
        keeper = Task { [dispatcher, recorder, board] in
            while !Task.isCancelled {
                await recorder.record(await dispatcher.report)
                await board.trouble(await recorder.trouble)
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }
}
