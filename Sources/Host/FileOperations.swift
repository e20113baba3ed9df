package import Foundation

/// The few operations of which durable writing consists; each does all or throws.
///
/// It is a protocol so that tests can make each operation fail, or end the process before it.
/// Every method throws `FileError`.
package protocol FileOperations: Sendable {
    /// Makes one directory, whose parent must be there.
    func makeDirectory(_ path: String) throws
    /// Makes or empties the file and writes all bytes; they are durable after `synchronize`.
    func write(_ bytes: Data, to path: String) throws
    /// Returns when the content of a file or directory would survive a power cut.
    func synchronize(_ path: String) throws
    /// Moves within one file system and replaces a file at `target`, as one step.
    func rename(_ path: String, to target: String) throws
    /// Makes a symbolic link at `path`.
    func link(_ path: String, to destination: String) throws
    /// Removes a file, or a directory with everything in it; a path without either is no error.
    func remove(_ path: String) throws
}

extension FileOperations {
    /// Replaces the file durably: a reader or a restart finds the old bytes or the new bytes.
    package func replace(_ path: String, with bytes: Data) throws {
        let temporary = path + ".writing"
        do {
            try write(bytes, to: temporary)
            try synchronize(temporary)
            try rename(temporary, to: path)
            try synchronize(Files.folder(of: path))
        } catch {
            // The first error is the one to report. The next attempt overwrites a file that stays here.
            try? remove(temporary)
            throw error
        }
    }
}
