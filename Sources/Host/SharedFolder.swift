import Foundation

/// A folder of files that come with Ponder, found at run time: `base`, `deploy`, `scripts`.
///
/// It is looked for in `$PONDER_HOME/share`, beside the binary (where a build puts it), and in `../share/ponder`
/// relative to the binary (where `Scripts/install` puts it). SwiftPM's `Bundle.module` is not used, because it
/// ends the process when the binary was copied.
package enum SharedFolder {
    /// The possible places of a folder, in the order of the search.
    package static func places(
        of name: String, _ environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> [String] {
        var places: [String] = []
        if let home = environment["PONDER_HOME"], !home.isEmpty {
            places += ["\(home)/share/\(name)", "\(home)/share/ponder/\(name)"]
        }
        if let binary = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
            let folder = Files.folder(of: binary)
            places += ["\(folder)/ponder_ponder.resources/\(name)", "\(folder)/\(name)"]
            places.append("\(Files.folder(of: folder))/share/ponder/\(name)")
        }
        return places
    }

    /// The first place of a folder that has a file of this path in it; nil when none has.
    package static func find(
        _ name: String, having file: String,
        _ environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> String? {
        places(of: name, environment).first { FileManager.default.fileExists(atPath: "\($0)/\(file)") }
    }
}
