import Foundation
import Host

/// A folder that a command makes; nothing is overwritten.
struct NewFolder {
    let url: URL

    /// - Throws: `CommandFailure` when the path is a file, or a folder with something in it.
    init(_ path: String, option: String) throws {
        url = URL(filePath: path)
        let files = FileManager.default
        guard files.fileExists(atPath: path) else { return }
        guard let names = try? files.contentsOfDirectory(atPath: path) else {
            throw CommandFailure(.usage, "\(path) is not a folder; give \(option) a new one")
        }
        if let first = names.sorted().first {
            throw CommandFailure(
                .usage, "\(path) is not empty (\(first)); give \(option) a new folder, nothing is overwritten"
            )
        }
    }

    /// Writes the folder's files beside it first, so that the folder is whole when it is there.
    ///
    /// - Parameter write: writes into the folder that it is given.
    /// - Throws: `FileError`, and what `write` throws; nothing is left then.
    func fill(_ write: (URL) throws -> Void) throws {
        let files = Files()
        let place = url.standardizedFileURL
        let parent = place.deletingLastPathComponent()
        try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
        let fresh = parent.appending(path: ".writing-\(place.lastPathComponent)-\(getpid())")
        do {
            try files.makeDirectory(fresh.path)
            try write(fresh)
            // An empty folder gives way.
            try files.rename(fresh.path, to: place.path)
            try files.synchronize(parent.path)
        } catch {
            try? files.remove(fresh.path)
            throw error
        }
    }
}
