package import Primitives
package import Reinforcement
package import WeightTransfer

/// The coordinator's end of the weights port, which serves chunks to any peer.
package protocol WeightServing: Sendable {
    /// Serves a version from now on.
    ///
    /// Versions before the one published last are withdrawn, so that at most two are held.
    ///
    /// - Parameter bytes: the whole blob that the manifest describes; it is never copied.
    func publish(_ manifest: WeightManifest, bytes: SharedBuffer) async throws

    func close() async
}

/// The worker's end of the weights port.
package protocol WeightFetching: Sendable {
    /// Fetches a version and checks every chunk and tensor against its hash.
    ///
    /// Cancelling the task abandons the download at once; complete chunks may serve the next fetch.
    ///
    /// - Throws: `WeightFetchError`, or `CancellationError`.
    func fetch(_ version: PolicyVersion) async throws -> (manifest: WeightManifest, bytes: SharedBuffer)

    func close() async
}
