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

/// Generates with its own decoder and copy of the policy, on its own thread.
///
/// The run fixes everything that the bits depend on: threads, batch composition, random numbers.
package actor DecoderEngine: RolloutEngine {
    private let executor: ThreadExecutor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private var rules: RolloutRules?
    private var policy: PolicyConfiguration?
    private var model: (version: PolicyVersion, generator: Generator)?
    nonisolated let interruptions = Interruptions()

    private let permission: ProgramPermission
    private let log: @Sendable (String) -> Void
    /// The programs that judge answers.
    private var pools: VerifierPools?

    /// - Parameters:
    ///   - permission: the programs that a run may start here as its verifier.
    ///   - log: receives a line for every fault of such a program.
    package init(
        executor: ThreadExecutor = ThreadExecutor(name: "ponder-rollout"),
        permission: ProgramPermission = .none, log: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.executor = executor
        self.permission = permission
        self.log = log
    }

    package nonisolated let isReproducible = true

    /// - Throws: `TorchError` when there is no libtorch.
    package func machine() throws -> String {
        MachineDescription.text(engine: "libtorch \(try TorchLibrary.version())")
    }

    /// Reads the run's documents after checking them against their digests.
    ///
    /// - Throws: an error that says what is wrong with them; `TorchError`; `ExternalProgramError` for a
    ///   verifier that may not run here.
    package func prepare(_ documents: RunDocuments, _ digests: Digests) async throws {
        try check(documents, digests)
        model = nil
        await pools?.close()
        pools = nil
        let configuration = try RunConfiguration(json: Data(documents.configuration))
        let programs = configuration.externalPrograms
        for program in programs { try permission.check(program) }
        if !programs.isEmpty { pools = try VerifierPools(programs, log: log) }
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

    /// Installs a policy whose hashes were checked as it arrived.
    ///
    /// It is installed at once, or during a rollout that continues with it.
    ///
    /// - Throws: `PublishedPolicyError`, `TorchError`.
    package nonisolated func load(_ manifest: WeightManifest, _ bytes: SharedBuffer) async throws {
        try await withCheckedThrowingContinuation { continuation in
            interruptions.put(
                .init(manifest: manifest, bytes: bytes) { continuation.resume(with: $0) })
            Task { await takeOffer() }
        }
    }

    /// Ends an attempt that nobody waits for, within a token.
    package nonisolated func abandon(_ attempt: AttemptID) { interruptions.abandon(attempt) }

    /// Ends an attempt early because the worker must end; its finished problems come back within a token.
    package nonisolated func curtail(_ attempt: AttemptID) { interruptions.curtail(attempt) }

    private func takeOffer() {
        guard let offer = interruptions.take() else { return }
        offer.isInPlace(Result { try build(offer.manifest, offer.bytes) })
    }

    private func build(_ manifest: WeightManifest, _ bytes: SharedBuffer) throws {
        guard let policy, let rules else { throw PublishedPolicyError(description: "no documents came yet") }
        // The old policy goes first, because two need twice the memory.
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
    /// - Throws: `PublishedPolicyError` when the loaded version may not generate the assignment,
    ///   `RolloutAbandoned`, `TorchError`, `TokenizerError`, `ExternalProgramError`.
    package func generate(_ attempt: AttemptID, _ assignment: Assignment) async throws -> RolloutResult {
        guard let rules else { throw PublishedPolicyError(description: "no documents came yet") }
        // OpenMP keeps thread counts per thread, and this may be the thread's first work.
        try TorchLibrary.setThreads(rules.configuration.threads.worker)
        let round = assignment.id.round
        var rollout = Rollout(
            round, seed: assignment.seed,
            prompts: try assignment.problems.map {
                ($0.index, try rules.prompt(for: $0.problem, round.purpose))
            },
            samples: assignment.samples, rules.sampling(round.purpose), slots: rules.slots)
        while try !advance(&rollout, attempt, assignment) {
            if interruptions.isAbandoned(attempt) { throw RolloutAbandoned() }
            if interruptions.isCurtailed(attempt) { break }
            takeOffer()
        }
        let traces = rollout.traces
        guard !traces.isEmpty else { throw NothingDone() }
        let problems = rollout.donePrompts.flatMap { place in
            Array(repeating: assignment.problems[place].problem, count: assignment.samples)
        }
        let scored: [ScoredTrace]
        if let pools {
            scored = try await rules.score(traces, of: problems, asking: pools)
        } else {
            scored = try zip(traces, problems).map { try rules.score($0, of: $1) }
        }
        return RolloutResult(attempt: attempt, traces: traces, claims: scored.flatMap(\.reward.verdicts))
    }

    /// Continues with the loaded policy, to the end or to an interruption.
    private func advance(_ rollout: inout Rollout, _ attempt: AttemptID, _ assignment: Assignment) throws
        -> Bool
    {
        guard let model, assignment.versions.contains(model.version) else {
            let wanted = assignment.versions
            throw PublishedPolicyError(
                description: "\(assignment.id) needs policy \(wanted.lowerBound.rawValue) to "
                    + "\(wanted.upperBound.rawValue), loaded is "
                    + (model.map { "\($0.version.rawValue)" } ?? "none"))
        }
        return try rollout.advance(with: model.generator, of: model.version) {
            interruptions.concern(attempt, assignment)
        }
    }
}
