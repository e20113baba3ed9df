/// Where weights are pulled from.
package enum WeightsAddress: Sendable, Hashable {
    /// A TCP port on the host that the worker already dialed.
    case port(Int)
    /// A whole endpoint, `ipc:///run/ponder/weights`.
    case endpoint(String)
}
