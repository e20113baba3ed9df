/// Who may use a port that is bound.
package enum PortSecurity: Sendable {
    /// Whoever is on this machine; endpoints that others reach are refused.
    case local
    /// Whoever reaches it: what `--insecure` says.
    case open
    /// Those whose keys are on the list, encrypted.
    case keys(Gate)

    package var asksForKeys: Bool { gate != nil }

    var gate: Gate? {
        if case .keys(let gate) = self { gate } else { nil }
    }
}
