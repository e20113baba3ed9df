package import Foundation

/// The file operations of the operating system.
package struct Files: FileOperations {
    package init() {}

    package func makeDirectory(_ path: String) throws {
        guard mkdir(path, 0o755) == 0 else { throw Self.failed("make the directory", path) }
    }

    package func write(_ bytes: Data, to path: String) throws {
        var file = try OpenFile(path, O_WRONLY | O_CREAT | O_TRUNC)
        try file.write(bytes)
        try file.close()
    }

    package func synchronize(_ path: String) throws { try OpenFile(path, O_RDONLY).synchronize() }

    package func rename(_ path: String, to target: String) throws {
        guard Foundation.rename(path, target) == 0 else { throw Self.failed("rename \(path) to", target) }
    }

    package func link(_ path: String, to destination: String) throws {
        guard symlink(destination, path) == 0 else { throw Self.failed("link", path) }
    }

    package func remove(_ path: String) throws {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch let error as CocoaError {
            let cause = error.underlying as? POSIXError
            if error.code == .fileNoSuchFile || cause?.code == .ENOENT { return }
            throw FileError(operation: "remove", path: path, code: cause?.code.rawValue ?? EIO)
        }
    }

    /// Reads a whole file.
    ///
    /// - Throws: `FileError`; `EFBIG` for a file of more than `limit` bytes.
    package static func read(_ path: String, limit: Int = 64 << 20) throws(FileError) -> Data {
        try OpenFile(path, O_RDONLY).contents(limit: limit)
    }

    /// The folder of a file; `.` for a bare file name.
    package static func folder(of path: String) -> String {
        let parent = (path as NSString).deletingLastPathComponent
        return parent.isEmpty ? "." : parent
    }

    private static func failed(_ operation: String, _ path: String) -> FileError {
        FileError(operation: operation, path: path, code: errno)
    }
}
