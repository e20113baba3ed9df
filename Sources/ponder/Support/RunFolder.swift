import Foundation
import RunStore

extension RunDirectory {
    /// The folder that `--run` names: `last` is the newest run in the folder `runs`, unless there is a folder `last`.
    ///
    /// - Throws: `RunDirectoryError` when no run has been started yet.
    static func folder(named name: String) throws -> URL {
        guard name == "last", !FileManager.default.fileExists(atPath: name) else {
            return URL(filePath: name, directoryHint: .isDirectory)
        }
        return try newest(in: URL(filePath: "runs", directoryHint: .isDirectory)).root
    }

    /// The existing run that `--run` names.
    ///
    /// - Throws: `RunDirectoryError` when the folder holds no run.
    static func existing(named name: String) throws -> RunDirectory {
        try existing(at: folder(named: name))
    }
}

extension String {
    /// A path relative to the working directory where that is shorter.
    var fromHere: String {
        let here = FileManager.default.currentDirectoryPath + "/"
        return hasPrefix(here) ? String(dropFirst(here.count)) : self
    }
}

extension RunFork {
    /// Reads `RUN` or `RUN@STEP`.
    ///
    /// - Throws: `RunDirectoryError` when the folder holds no run.
    init(argument: String) throws {
        if let mark = argument.lastIndex(of: "@"), let step = Int(argument[argument.index(after: mark)...]),
            step >= 0
        {
            self.init(source: try .existing(named: String(argument[..<mark])), step: step)
        } else {
            self.init(source: try .existing(named: argument), step: nil)
        }
    }
}
