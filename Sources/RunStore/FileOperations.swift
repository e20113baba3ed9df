package import Foundation

/// The few operations that durable writing is made of, each all or an error.
///
/// A protocol so that tests can make each of them fail, or kill the process before it.
/// Every method throws `FileError`.
package protocol FileOperations: Sendable {
    /// Makes one directory; its parent is there.
    func makeDirectory(_ path: String) throws
    /// Makes or empties the file and writes all of `bytes`; not durable before `synchronize`.
    func write(_ bytes: Data, to path: String) throws
    /// Returns when the file's or directory's content would survive a power cut.
    func synchronize(_ path: String) throws
    /// Moves within one file system, replacing a file at `target`; all or nothing.
    func rename(_ path: String, to target: String) throws
    /// Makes a symbolic link at `path`.
    func link(_ path: String, to destination: String) throws
    /// Removes a file, or a directory with everything in it; fine when there is none.
    func remove(_ path: String) throws
}

extension FileOperations {
    /// Replaces the file durably: a reader or a restart finds the old bytes or the new, never a part.
    package func replace(_ path: String, with bytes: Data) throws {
        let temporary = path + ".writing"
        do {
            try write(bytes, to: temporary)
            try synchronize(temporary)
            try rename(temporary, to: path)
            try synchronize(directory(of: path))
        } catch {
            // The first error is the one to report; a file left here is overwritten by the next attempt.
            try? remove(temporary)
            throw error
        }
    }

    func directory(of path: String) -> String {
        let parent = (path as NSString).deletingLastPathComponent
        return parent.isEmpty ? "." : parent
    }
}
