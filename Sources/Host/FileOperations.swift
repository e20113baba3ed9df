package import Foundation

/// The few operations that durable writing needs; each one succeeds completely or throws.
///
/// It is a protocol so that tests can make each operation fail, or end the process before it. Every method
/// throws `FileError`.
package protocol FileOperations: Sendable {
    /// Creates one directory, whose parent must exist.
    func makeDirectory(_ path: String) throws
    /// Creates or empties the file and writes all bytes; they are durable after `synchronize`.
    func write(_ bytes: Data, to path: String) throws
    /// Returns when the content of a file or directory would survive a power failure.
    func synchronize(_ path: String) throws
    /// Moves a file within one file system, and replaces a file at `target`, in one step.
    func rename(_ path: String, to target: String) throws
    /// Creates a symbolic link at `path`.
    func link(_ path: String, to destination: String) throws
    /// Removes a file, or a directory with its contents; succeeds when there is nothing at the path.
    func remove(_ path: String) throws
}

extension FileOperations {
    /// Replaces the file durably: a reader, or a restart, finds either the old bytes or the new bytes.
    package func replace(_ path: String, with bytes: Data) throws {
        let temporary = path + ".writing"
        do {
            try write(bytes, to: temporary)
            try synchronize(temporary)
            try rename(temporary, to: path)
            try synchronize(Files.folder(of: path))
        } catch {
            // The first error is the one to report. The next attempt overwrites a temporary file that
            // remains.
            try? remove(temporary)
            throw error
        }
    }
}
