package import Foundation
import Host
package import Transformers

/// Reads the files of a model folder that another program may have written.
package enum ModelFile {
    /// The bytes of a regular file of at most `limit` bytes.
    ///
    /// - Throws: `ModelError` saying what is there instead, or that the file is too large.
    package static func read(_ path: String, atMost limit: Int) throws(ModelError) -> Data {
        let size = try checkedSize(path)
        guard size <= limit else {
            throw ModelError(
                path: path, "has \(size) bytes, more than the \(limit) that such a file may have")
        }
        let data: Data
        do throws(FileError) {
            data = try Files.read(path, limit: limit)
        } catch {
            throw ModelError(path: path, "cannot be read: \(error.reason)")
        }
        try refusePointer(data, path)
        return data
    }

    /// The bytes of an optional file; nil when there is none.
    package static func readIfThere(_ path: String, atMost limit: Int) throws(ModelError) -> Data? {
        exists(path) ? try read(path, atMost: limit) : nil
    }

    /// Whether the path exists; a broken link counts.
    static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// The bytes of a regular file, mapped into memory and read on access.
    package static func map(_ path: String) throws(ModelError) -> Data {
        _ = try checkedSize(path)
        do {
            let data = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
            try refusePointer(data, path)
            return data
        } catch let error as ModelError {
            throw error
        } catch {
            throw ModelError(
                path: path, "cannot be read: \(FileError(error, operation: "read", path: path).cause)")
        }
    }

    /// Opening a pipe would block forever, so only regular files (or links to them) are opened.
    private static func checkedSize(_ path: String) throws(ModelError) -> Int {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw ModelError(path: path, "cannot be read: \(String(cString: strerror(errno)))")
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw ModelError(path: path, "is not a file") }
        return Int(status.st_size)
    }

    private static func refusePointer(_ data: Data, _ path: String) throws(ModelError) {
        guard data.starts(with: Data("version https://git-lfs.github.com/".utf8)) else { return }
        throw ModelError(
            path: path, "is only a pointer to the file that Git LFS keeps; fetch it with `git lfs pull`")
    }
}
