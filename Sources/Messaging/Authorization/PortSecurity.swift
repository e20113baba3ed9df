/// Who may use a bound port.
package enum PortSecurity: Sendable {
    /// Every process on this machine. Endpoints that other machines can reach are refused.
    case local
    /// Every peer that can reach the port, without keys: the flag `--insecure`.
    case open
    /// Peers whose keys are on the list, over encrypted connections.
    case keys(AllowListWatcher)

    package var asksForKeys: Bool { allowList != nil }

    var allowList: AllowListWatcher? {
        if case .keys(let allowList) = self { allowList } else { nil }
    }
}
