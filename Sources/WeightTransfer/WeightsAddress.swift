/// Where a worker fetches weights.
package enum WeightsAddress: Sendable, Hashable {
    /// A TCP port on the host that the worker already dialed.
    case port(Int)
    /// A whole endpoint, such as `ipc:///run/ponder/weights`.
    case endpoint(String)
}
