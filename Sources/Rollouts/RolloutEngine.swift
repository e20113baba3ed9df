package import Primitives
package import Reinforcement
package import Scheduling
package import WeightTransfer

/// What generates for a worker: the worker's own decoder, or a server that the worker stands in front of.
///
/// The order of calls: `prepare`, `load`, then `generate`, one at a time. `load` may come again between rollouts, and
/// during one whose assignment goes on with newer weights. `abandon` and `curtail` may come at any time.
package protocol RolloutEngine: Sendable {
    /// What the bits depend on besides the run, in one line for `status`; see `MachineDescription`.
    ///
    /// - Throws: what the engine lacks on this machine.
    func machine() async throws -> String

    /// Whether the same assignment and policy always give the same bits.
    var isReproducible: Bool { get }

    /// Takes the run's documents, after a check against their digests.
    func prepare(_ documents: RunDocuments, _ digests: Digests) async throws

    /// Returns once the policy is in place. Its hashes were checked as it arrived.
    func load(_ manifest: WeightManifest, _ bytes: SharedBuffer) async throws

    /// Generates an assignment as one batch and scores it.
    ///
    /// - Throws: when no policy is loaded that may generate it; `RolloutAbandoned`; `NothingDone`.
    func generate(_ attempt: AttemptID, _ assignment: Assignment) async throws -> RolloutResult

    /// Nobody waits for this attempt any more: `generate` ends soon with `RolloutAbandoned`.
    func abandon(_ attempt: AttemptID)

    /// The worker is to end: `generate` soon returns the problems of this attempt that are done.
    func curtail(_ attempt: AttemptID)
}

extension RolloutEngine {
    /// The machine as the worker reports it.
    package func machineReport() async throws -> String {
        try await machine() + (isReproducible ? "" : ", bits not reproducible")
    }
}
