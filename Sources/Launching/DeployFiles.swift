package import Foundation
import Host

/// The templates that come with Ponder, `Deploy/slurm` and `Deploy/kubernetes`, found at run time.
///
/// Looked for in `$PONDER_HOME/share`, beside the binary (where a build puts them), and in `../share/ponder` from it (where
/// `Scripts/install` puts them).
package struct DeployFiles: Sendable {
    package let folder: URL

    package init(folder: URL) { self.folder = folder }

    /// - Throws: `LaunchError` naming every place that was searched.
    package static func find(_ environment: [String: String] = ProcessInfo.processInfo.environment) throws
        -> DeployFiles
    {
        var places: [String] = []
        if let home = environment["PONDER_HOME"], !home.isEmpty {
            places += ["\(home)/share/deploy", "\(home)/share/ponder/deploy"]
        }
        if let binary = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
            let beside = URL(filePath: binary).deletingLastPathComponent()
            places.append(beside.appending(path: "ponder_ponder.resources/deploy").path)
            places.append(beside.deletingLastPathComponent().appending(path: "share/ponder/deploy").path)
        }
        guard
            let place = places.first(where: {
                FileManager.default.fileExists(atPath: "\($0)/slurm/workers.sbatch")
            })
        else {
            throw LaunchError(
                .usage,
                "the templates for launching were not found in any of \(places.joined(separator: ", ")); set PONDER_HOME to an "
                    + "installation made by Scripts/install")
        }
        return DeployFiles(folder: URL(filePath: place, directoryHint: .isDirectory))
    }

    /// The text of one template.
    ///
    /// - Throws: `LaunchError`.
    package func text(_ name: String) throws -> String {
        do throws(FileError) {
            return try Files.text(folder.appending(path: name).path)
        } catch {
            throw LaunchError(
                .usage,
                "the template \(folder.appending(path: name).path) cannot be read: \(error.reason); "
                    + "install Ponder again with Scripts/install")
        }
    }

    /// The files of a folder of templates, by name.
    func texts(in name: String) throws -> [(name: String, text: String)] {
        let files: [String]
        do {
            files = try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: name).path)
        } catch {
            throw LaunchError(
                .usage,
                "\(FileError(error, operation: "read", path: folder.appending(path: name).path)); install Ponder "
                    + "again with Scripts/install")
        }
        return try files.sorted().map { ("\(name)/\($0)", try text("\(name)/\($0)")) }
    }
}
