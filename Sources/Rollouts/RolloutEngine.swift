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
    /// - Throws: an error that says what the engine lacks on this machine.
    func machine() async throws -> String

    /// Whether the same assignment and policy always give the same bits.
    var isReproducible: Bool { get }

    /// Takes the run's documents after checking them against their digests.
    func prepare(_ documents: RunDocuments, _ digests: Digests) async throws

    /// Installs a policy whose hashes were checked as it arrived; returns once it is in place.
    func load(_ manifest: WeightManifest, _ bytes: SharedBuffer) async throws

    /// Generates an assignment as one batch and scores it.
    ///
    /// - Throws: `RolloutAbandoned`, `NothingDone`, or another error when no policy is loaded that may
    ///   generate it.
    func generate(_ attempt: AttemptID, _ assignment: Assignment) async throws -> RolloutResult

    /// Ends an attempt that nobody waits for: `generate` soon throws `RolloutAbandoned`.
    func abandon(_ attempt: AttemptID)

    /// Ends an attempt early because the worker must end: `generate` soon returns its finished problems.
    func curtail(_ attempt: AttemptID)
}

extension RolloutEngine {
    /// The machine as the worker reports it.
    package func machineReport() async throws -> String {
        try await machine() + (isReproducible ? "" : ", bits not reproducible")
    }
}
