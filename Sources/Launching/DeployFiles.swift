package import Foundation
import Host

/// The templates that come with Ponder, `Deploy/slurm` and `Deploy/kubernetes`: a shared folder, found at run time.
package struct DeployFiles: Sendable {
    package let folder: URL

    package init(folder: URL) { self.folder = folder }

    /// - Throws: `LaunchError` naming every place that was searched.
    package static func find(_ environment: [String: String] = ProcessInfo.processInfo.environment) throws
        -> DeployFiles
    {
        guard let place = SharedFolder.find("deploy", having: "slurm/workers.sbatch", environment) else {
            let places = SharedFolder.places(of: "deploy", environment)
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
