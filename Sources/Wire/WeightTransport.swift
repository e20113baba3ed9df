package import Primitives
package import Reinforcement
package import WeightTransfer

/// The coordinator's end of the weights port: serves chunks to whoever pulls.
package protocol WeightServing: Sendable {
    /// Serves a version from now on. Versions before the one published last are withdrawn, so that at most two are held.
    ///
    /// - Parameter bytes: the whole blob that the manifest's chunks cut up; never copied.
    func publish(_ manifest: WeightManifest, bytes: SharedBuffer) async throws

    func close() async
}

/// The worker's end of the weights port.
package protocol WeightFetching: Sendable {
    /// Pulls a version, every chunk and tensor checked against its hash.
    ///
    /// Cancelling the task abandons the download at once; chunks that are complete may serve the next fetch.
    ///
    /// - Throws: `WeightFetchError`, or `CancellationError`.
    func fetch(_ version: PolicyVersion) async throws -> (manifest: WeightManifest, bytes: SharedBuffer)

    func close() async
}
