package import Reasoning
package import Reinforcement
package import Scheduling

/// Everything besides tensors that a run needs to continue exactly from a checkpoint (`state.json`).
///
/// Random numbers are functions of the seed and counters, so no generator state is stored.
package struct RunState: Sendable, Hashable, Codable {
    /// Version of the format: 1 has camelCase keys, 2 has snake_case keys.
    package private(set) var schema = 2
    /// The run's id, `RunIdentity.id`.
    package var run: String
    /// Number of steps done, which is also the policy version.
    package var step: Int
    /// Number of optimizer updates; below `step` when some steps had no variance in their rewards.
    package var optimizerSteps: Int
    package var seed: UInt64
    /// Number of problems drawn from the source so far.
    package var cursor: Int
    /// Incarnation of the coordinator that saved the state, from 1.
    package var incarnation: UInt64
    /// Wall time of all steps so far, in seconds.
    package var seconds: Double
    package var ledger: Ledger
    /// Version of the wire protocol.
    package var protocolVersion: Int
    /// SHA-256 of the configuration, the tokenizer and the model's `config.json`, as hexadecimal text.
    package var digests: Digests
    /// SHA-256 of the fp32 master weights in the order of their names, as hexadecimal text.
    package var policySHA256: String
    /// How often problems were solved so far; nil in a run without a curriculum.
    package var curriculum: Curriculum?
    /// Response tokens of all steps so far; nil in a state that an older Ponder saved.
    package var tokens: Int?

    package init(
        run: String, step: Int, optimizerSteps: Int, seed: UInt64, cursor: Int, incarnation: UInt64,
        seconds: Double,
        ledger: Ledger, protocolVersion: Int, digests: Digests, policySHA256: String,
        curriculum: Curriculum? = nil, tokens: Int? = nil
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
        self.tokens = tokens
    }

    package var version: PolicyVersion { PolicyVersion(step) }
}
