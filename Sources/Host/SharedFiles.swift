import Foundation

/// The files that come with Ponder: the base model, the help, the templates for launching.
///
/// SwiftPM's `Bundle.module` is not used, because it ends the process when the binary was copied.
package enum SharedFiles {
    /// The possible places of a file or folder, in the order of the search: below `$PONDER_HOME/share`, beside the binary
    /// (where a build puts it), and in `../share/ponder` from the binary (where `Scripts/install` puts it).
    package static func places(
        of name: String, environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> [String] {
        var places: [String] = []
        if let home = environment["PONDER_HOME"], !home.isEmpty {
            places += ["\(home)/share/\(name)", "\(home)/share/ponder/\(name)"]
        }
        if let binary = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
            let folder = (binary as NSString).deletingLastPathComponent
            let above = (folder as NSString).deletingLastPathComponent
            places += [
                "\(folder)/ponder_ponder.resources/\(name)", "\(folder)/\(name)",
                "\(above)/share/ponder/\(name)",
            ]
        }
        return places
    }
}
