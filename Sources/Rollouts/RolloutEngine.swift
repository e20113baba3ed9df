import Episodes
package import ExternalPrograms
import Foundation
import ModelFiles
package import Primitives
import Reasoning
package import Reinforcement
package import Scheduling
import Settings
import StrictConfiguration
import Tokenization
package import Torch
import Transformers
package import WeightTransfer
import Wire

/// Owns a worker's copy of the policy and generates with it, on a thread of its own.
///
/// Everything that the bits depend on is the run's: threads, batch composition, random numbers.
package actor RolloutEngine {
    private let executor: ThreadExecutor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private var rules: RolloutRules?
    private var policy: PolicyConfiguration?
    private var model: (version: PolicyVersion, generator: Generator)?
    nonisolated let interruptions = Interruptions()

    private let permission: ProgramPermission
    private let log: @Sendable (String) -> Void
    /// The program of an external verifier.
    private var pool: VerifierPool?

    /// - Parameters:
    ///   - permission: which programs a run may start here as its verifier.
    ///   - log: gets a line for everything that goes wrong with one.
    package init(
        executor: ThreadExecutor = ThreadExecutor(name: "ponder-rollout"),
        permission: ProgramPermission = .none, log: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.executor = executor
        self.permission = permission
        self.log = log
    }

    /// What the bits depend on besides the run: processor and libtorch, one line for `status`.
    ///
    /// - Throws: `TorchError` when there is no libtorch.
    package func machine() throws -> String { try MachineDescription.text() }

    /// Reads the run's documents, and checks them against their digests.
    ///
    /// - Throws: whatever is wrong with them; also `TorchError`, and `ExternalProgramError` for a verifier that may not run here.
    package func prepare(_ documents: RunDocuments, _ digests: Digests) async throws {
        try check(documents, digests)
        model = nil
        await pool?.close()
        pool = nil
        let configuration = try RunConfiguration(json: Data(documents.configuration))
        if let program = configuration.program {
            try permission.check(program)
            pool = try VerifierPool(program, log: log)
        }
        let policy = try PolicyConfiguration(
            json: Data(documents.model), path: "the coordinator's config.json")
        self.policy = policy
        rules = try RolloutRules(
            configuration, endTokens: policy.endTokens,
            try Tokenizer(contentsOf: documents.tokenizer, requiresEnd: false))
    }

    private func check(_ documents: RunDocuments, _ digests: Digests) throws {
        for (name, bytes, digest) in [
            ("config.json", documents.model, digests.model),
            ("tokenizer.json", documents.tokenizer, digests.tokenizer),
            ("configuration", documents.configuration, digests.configuration),
        ] {
            let found = ContentHash.text(of: bytes)
            guard found == digest else {
                throw PublishedPolicyError(
                    description: "the coordinator's \(name) has SHA-256 \(found), it says \(digest)")
            }
        }
    }

    /// Puts a policy in place whose hashes were checked as it arrived: at once, or under a rollout that goes on with it.
    ///
    /// - Throws: `PublishedPolicyError`, `TorchError`.
    package nonisolated func load(_ manifest: WeightManifest, _ bytes: SharedBuffer) async throws {
        try await withCheckedThrowingContinuation { continuation in
            interruptions.put(
                .init(manifest: manifest, bytes: bytes) { continuation.resume(with: $0) })
            Task { await takeOffer() }
        }
    }

    /// Nobody waits for this attempt any more: it ends within a token.
    nonisolated func abandon(_ attempt: AttemptID) { interruptions.abandon(attempt) }

    /// The worker is to end: what is done of this attempt comes back within a token.
    nonisolated func curtail(_ attempt: AttemptID) { interruptions.curtail(attempt) }

    private func takeOffer() {
        guard let offer = interruptions.take() else { return }
        offer.isInPlace(Result { try build(offer.manifest, offer.bytes) })
    }

    private func build(_ manifest: WeightManifest, _ bytes: SharedBuffer) throws {
        guard let policy, let rules else { throw PublishedPolicyError(description: "no documents came yet") }
        // The old one first: two need twice the memory.
        model = nil
        try TorchLibrary.setThreads(rules.configuration.threads.worker)
        model = (
            manifest.version,
            try Generator(
                Policy(policy, ParameterSource(manifest, bytes)),
                dtype: DType(rules.configuration.policy.dtype))
        )
    }

    /// Generates an assignment as one batch and scores it.
    ///
    /// - Throws: `PublishedPolicyError` when a version is loaded that may not generate it, `RolloutAbandoned`, `TorchError`,
    ///   `TokenizerError`, `ExternalProgramError`.
    package func generate(_ attempt: AttemptID, _ assignment: Assignment) async throws -> RolloutResult {
        guard let rules else { throw PublishedPolicyError(description: "no documents came yet") }
        // Thread counts are kept per thread by OpenMP, and this may be the thread's first work.
        try TorchLibrary.setThreads(rules.configuration.threads.worker)
        let round = assignment.id.round
        var generation = Generation(
            try assignment.problems.map { try rules.prompt(for: $0.problem, round.purpose) },
            samples: assignment.samples, rules.sampling(round.purpose), slots: rules.slots)
        var segments = [[Segment]](repeating: [], count: assignment.traceCount)
        while try !advance(&generation, &segments, attempt, assignment) {
            if interruptions.isAbandoned(attempt) { throw RolloutAbandoned() }
            if interruptions.isCurtailed(attempt) { break }
            takeOffer()
        }
        var traces: [Trace] = []
        var problems: [Problem] = []
        let done = generation.donePrompts
        guard !done.isEmpty else { throw NothingDone() }
        for (row, completion) in generation.completions.enumerated() {
            let (problem, sample) = row.quotientAndRemainder(dividingBy: assignment.samples)
            guard done.contains(problem) else { continue }
            let assigned = assignment.problems[problem]
            traces.append(
                Trace(
                    id: SampleID(round: round, problem: assigned.index, sample: sample),
                    tokens: completion.tokens,
                    // Rounding may leave a certain token a hair above 0.
                    logProbabilities: completion.logProbabilities.map { min($0, 0) },
                    segments: segments[row], finish: completion.ended ? .end : .length))
            problems.append(assigned.problem)
        }
        let scored: [ScoredTrace]
        if let pool {
            scored = try await rules.score(traces, of: problems, asking: pool)
        } else {
            scored = try zip(traces, problems).map { try rules.score($0, of: $1) }
        }
        return RolloutResult(attempt: attempt, traces: traces, claims: scored.map(\.reward.verdict))
    }

    /// Goes on with the policy that is loaded, to the end or to an interruption, and notes whose the tokens are.
    private func advance(
        _ generation: inout Generation, _ segments: inout [[Segment]], _ attempt: AttemptID,
        _ assignment: Assignment
    ) throws -> Bool {
        guard let model, assignment.versions.contains(model.version) else {
            let wanted = assignment.versions
            throw PublishedPolicyError(
                description: "\(assignment.id) needs policy \(wanted.lowerBound.rawValue) to "
                    + "\(wanted.upperBound.rawValue), loaded is "
                    + (model.map { "\($0.version.rawValue)" } ?? "none"))
        }
        let round = assignment.id.round
        let random = CounterRandom(seed: assignment.seed)
        let before = generation.completions.map(\.tokens.count)
        let isDone = try withoutGradients {
            try model.generator.advance(
                &generation, isInterrupted: { interruptions.concern(attempt, assignment) }
            ) { prompt, sample, position in
                random.uniform(
                    round.purpose.stream, step: round.step, problem: assignment.problems[prompt].index,
                    sample: sample, position: position)
            }
        }
        for (row, completion) in generation.completions.enumerated()
        where completion.tokens.count > before[row] {
            segments[row].append(
                .sampled(model.version, tokens: completion.tokens.count - before[row]))
        }
        return isDone
    }
}
