package import Foundation
import Host

/// The folder of launch records, one JSON file each.
package struct LaunchStore: Sendable {
    package let folder: URL

    package init(_ folder: URL) { self.folder = folder }

    /// The folder that is used unless one is given: `$XDG_STATE_HOME/ponder/launch`, or that below `~/.local/state`.
    package static func usual(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> URL {
        if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") {
            return URL(filePath: state).appending(path: "ponder/launch")
        }
        return FileManager.default.homeDirectoryForCurrentUser.appending(path: ".local/state/ponder/launch")
    }

    private func file(_ id: String) -> URL { folder.appending(path: "\(id).json") }

    /// Writes a record; an older one of the same name is replaced at once.
    package func save(_ record: LaunchRecord) throws {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try (encoder.encode(record) + Data("\n".utf8)).write(to: file(record.id), options: .atomic)
        } catch {
            throw LaunchError(
                .failed,
                "the record of this launch: \(FileError(error, operation: "write", path: file(record.id).path)); "
                    + "give --state a folder that can be written")
        }
    }

    /// The records of all launches, oldest first.
    ///
    /// - Throws: `LaunchError` for a damaged record.
    package func records() throws -> [LaunchRecord] {
        guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        do {
            return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
                .filter { $0.pathExtension == "json" }
                .map { file in
                    do {
                        return try decoder.decode(LaunchRecord.self, from: Data(contentsOf: file))
                    } catch {
                        throw LaunchError(
                            .usage, "\(file.path) is no launch record; move it away, or give another --state")
                    }
                }
                .sorted { ($0.started, $0.id) < ($1.started, $1.id) }
        } catch let error as CocoaError {
            throw LaunchError(.usage, "\(FileError(error, operation: "read", path: folder.path))")
        }
    }

    /// Removes the record of a launch that has ended.
    package func remove(_ id: String) throws {
        do {
            try FileManager.default.removeItem(at: file(id))
        } catch let error as CocoaError where error.code == .fileNoSuchFile {
            return
        }
    }
}
