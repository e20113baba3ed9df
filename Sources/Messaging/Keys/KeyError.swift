import Glibc
import Host

/// Why a key, a key file or the list of allowed keys cannot be used; the user must change it (exit code 2).
///
///     keys/worker.key can be read by others (mode 0644): chmod 600 keys/worker.key
package struct KeyError: Error, Sendable, Hashable, CustomStringConvertible {
    package let path: String
    /// What is wrong; follows the path in a sentence.
    package let problem: String
    package let remedy: String

    package init(_ path: String, _ problem: String, remedy: String) {
        self.path = path
        self.problem = problem
        self.remedy = remedy
    }

    /// A system call that failed.
    static func system(_ operation: String, _ path: String, _ code: Int32) -> KeyError {
        KeyError(
            path, "cannot be \(operation) (\(String(cString: strerror(code))))",
            remedy: "check the path, its owner and the free space on its disk")
    }

    /// What the system refused to do with a file.
    init(_ error: FileError) {
        self.init(
            error.path, "cannot be used, the system refuses to \(error.operation) it (\(error.reason))",
            remedy: "check the path, its owner and the room on its disk")
    }

    package var description: String { "\(path) \(problem): \(remedy)" }
}
