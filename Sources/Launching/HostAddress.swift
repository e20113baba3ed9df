import Foundation
import Host

/// Whether a host of a hostfile is this very machine.
package enum HostAddress {
    /// - Parameter resolve: returns the host that ssh would dial, nil when that is unknown.
    package static func isThisMachine(_ name: String, resolve: (String) -> String?) -> Bool {
        let host = resolve(name) ?? name.split(separator: "@").last.map(String.init) ?? name
        let (lower, own) = (host.lowercased(), HostName.own)
        if ["localhost", "::1", "[::1]"].contains(lower) || lower == own.lowercased() { return true }
        if let short = own.split(separator: ".").first, lower == short.lowercased() { return true }
        let numbers = lower.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        return numbers.count == 4 && numbers[0] == 127 && !numbers.contains(nil)
    }

    /// The host that OpenSSH's configuration gives for a name; nil without OpenSSH.
    package static func resolvedBySSH(_ name: String) async -> String? {
        let script = "ssh -G \(ShellText.quoted(name)) 2>/dev/null"
        guard let (code, lines) = try? await ScriptRun.output(of: script), code == 0 else { return nil }
        return lines.first { $0.hasPrefix("hostname ") }.map { String($0.dropFirst("hostname ".count)) }
    }
}
