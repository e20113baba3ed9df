import Coordination
import Episodes
import Foundation
import Learning
import ModelFiles
import Reinforcement
import Settings
import Torch
import Transformers
import WeightTransfer

/// A small step with the embedded base, which shows whether this machine samples, learns and copies weights as it must.
struct LearningTrial {
    private let directory: ModelDirectory
    private let configuration: RunConfiguration
    private let model: Policy
    private let batch: TrainingBatch

    /// Largest accepted difference between sampler and learner, mean over the tokens, in nats.
    private static let mismatchLimit = 1e-4
    /// Largest accepted difference of a gradient's element, as a share of the gradient's norm.
    private static let gradientLimit = 1e-4
    private static let remedy =
        "build the shim again with Scripts/build-shim, or install libtorch again with Scripts/bootstrap"

    /// Samples four problems four times each.
    init() throws {
        directory = try ModelDirectory(path: EmbeddedBase.folder())
        var configuration = RunConfiguration()
        configuration.problems.heldOut = 8
        configuration.learning.rate = 0
        self.configuration = configuration
        model = try directory.load()
        let rules = try RolloutRules(
            configuration, endTokens: directory.configuration.endTokens, directory.tokenizer)
        let problems = try RoundPlan(configuration).heldOut.prefix(4)
        let prompts = try problems.enumerated().map { place, problem in
            (problem: place, tokens: try rules.prompt(for: problem, .training))
        }
        let traces = try Rollout(
            RoundID(step: 0, purpose: .training), seed: 0, prompts: prompts, samples: 4,
            rules.sampling(.training)
        ).finished(by: Generator(model))
        let rows = traces.enumerated().map { place, trace in
            TrainingRow(
                prompt: prompts[trace.id.problem].tokens, response: trace.tokens,
                behaviour: trace.logProbabilities, advantage: place.isMultiple(of: 2) ? 1 : -1)
        }
        batch = TrainingBatch(rows: rows, tokenCount: rows.reduce(0) { $0 + $1.response.count })
    }

    /// One step with learning rate 0: the learner agrees with the sampler, and the weights keep their bits.
    func drift() throws -> String {
        let before = try published.manifest.policyHash
        let report = try Learner(
            model, configuration.learning, temperature: configuration.rollout.temperature
        ).learn(batch)
        let after = try published.manifest.policyHash
        guard before == after else {
            throw CheckFailure(
                "a step with learning rate 0 changes the weights (\(before.prefix(12)) to \(after.prefix(12))); "
                    + Self.remedy)
        }
        let told = "sampler and learner differ by \(Self.text(report.mismatch)) nats a token"
        guard report.mismatch <= Self.mismatchLimit else {
            throw CheckFailure("\(told), more than \(Self.text(Self.mismatchLimit)); \(Self.remedy)")
        }
        return "\(told) (\(batch.tokenCount) tokens), and the weights keep their bits"
    }

    /// The gradient of the step does not depend on how it is cut into micro-batches.
    func microBatches() throws -> String {
        let whole = try gradient(microBatchTokens: 1 << 20)
        let cut = try gradient(microBatchTokens: 64)
        let norm = whole.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
        let worst = zip(whole, cut).reduce(0) { max($0, Double(abs($1.0 - $1.1))) }
        let share = norm > 0 ? worst / norm : .infinity
        let told = "the gradient of one pass and of many differ by \(Self.text(share)) of its norm"
        guard share <= Self.gradientLimit else {
            throw CheckFailure("\(told), more than \(Self.text(Self.gradientLimit)); \(Self.remedy)")
        }
        return told
    }

    private func gradient(microBatchTokens: Int) throws -> [Float] {
        for parameter in model.parameters {
            try parameter.leaf.requireGradient()
            try parameter.leaf.clearGradient()
        }
        var settings = configuration.learning
        settings.microBatchTokens = microBatchTokens
        _ = try PolicyGradient(settings, temperature: configuration.rollout.temperature)
            .backward(batch, through: model)
        return try model.parameters.flatMap { try $0.leaf.gradient()?.floats() ?? [] }
    }

    /// The weights come back with the same SHA-256 from what is sent to a worker, and from a folder.
    func roundTrip() throws -> String {
        let policy = try published
        let hash = policy.manifest.policyHash
        let arrived = try Policy(
            directory.configuration, ParameterSource(policy.manifest, policy.bytes))
        try Self.compare(hash, try Self.published(arrived), "as a worker gets them")
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "ponder-doctor-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try ModelDirectory.write(model, directory.companions, dtype: .float32, to: folder)
        try Self.compare(hash, try Self.published(ModelDirectory(path: folder.path).load()), "from a folder")
        return "SHA-256 \(hash.prefix(12))… again as a worker gets them, and from a folder"
    }

    private static func compare(_ hash: String, _ policy: PublishedPolicy, _ way: String) throws {
        let found = policy.manifest.policyHash
        guard found == hash else {
            throw CheckFailure(
                "\(way), the weights have SHA-256 \(found.prefix(12))… in place of \(hash.prefix(12))…: memory or "
                    + "disk of this machine change bits; test them")
        }
    }

    private var published: PublishedPolicy { get throws { try Self.published(model) } }

    private static func published(_ model: Policy) throws -> PublishedPolicy {
        try PublishedPolicy(of: model, PolicyVersion(0), .fp32)
    }

    private static func text(_ value: Double) -> String { String(format: "%.1e", value) }
}
