package import Reasoning
package import Reinforcement
package import Scheduling

/// Everything besides tensors that a run needs to go on exactly where a checkpoint left it (`state.json`).
///
/// Random numbers are counters keyed by the seed, so integers are all there is to say about them.
package struct RunState: Sendable, Hashable, Codable {
    /// Version of this format: 1 has keys in camelCase, 2 in snake_case.
    package private(set) var schema = 2
    /// `RunIdentity.id`.
    package var run: String
    /// Steps done; also the policy version.
    package var step: Int
    /// Updates that the optimizer made; fewer than `step` when steps had no variance in their rewards.
    package var optimizerSteps: Int
    package var seed: UInt64
    /// Problems drawn from the source so far.
    package var cursor: Int
    /// The coordinator's incarnation that saved it, from 1.
    package var incarnation: UInt64
    /// Wall time of all steps so far, in seconds.
    package var seconds: Double
    package var ledger: Ledger
    /// Version of the wire protocol.
    package var protocolVersion: Int
    /// SHA-256 of the configuration, the tokenizer and the model's `config.json`, hexadecimal.
    package var digests: Digests
    /// SHA-256 of the fp32 masters' bytes in the order of their names, hexadecimal.
    package var policySHA256: String
    /// How often problems were solved so far; nil in a run without a curriculum.
    package var curriculum: Curriculum?

    package init(
        run: String, step: Int, optimizerSteps: Int, seed: UInt64, cursor: Int, incarnation: UInt64,
        seconds: Double,
        ledger: Ledger, protocolVersion: Int, digests: Digests, policySHA256: String,
        curriculum: Curriculum? = nil
    ) {
        self.run = run
        self.step = step
        self.optimizerSteps = optimizerSteps
        self.seed = seed
        self.cursor = cursor
        self.incarnation = incarnation
        self.seconds = seconds
        self.ledger = ledger
        self.protocolVersion = protocolVersion
        self.digests = digests
        self.policySHA256 = policySHA256
        self.curriculum = curriculum
    }

    package var version: PolicyVersion { PolicyVersion(step) }
}
