import Foundation

/// A file operation that the system refused.
///
///     cannot write runs/a/checkpoints/…/state.json: No space left on device; free space on that file system
package struct FileError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The operation that failed, as a verb: `write`, `synchronize`, `rename`.
    package let operation: String
    package let path: String
    /// The system's error number, `errno`.
    package let code: Int32

    package init(operation: String, path: String, code: Int32) {
        self.operation = operation
        self.path = path
        self.code = code
    }

    /// Whether the disk is full or the quota is used up.
    ///
    /// The operation can be repeated when space is available again.
    package var isDiskFull: Bool { code == ENOSPC || code == EDQUOT }

    private var isWriting: Bool { !["open", "read", "look at"].contains(operation) }

    /// The system's description of `code`.
    package var reason: String { String(cString: strerror(code)) }

    /// The system's description of `code`, and the remedy.
    package var cause: String {
        let remedy =
            switch code {
            case ENOENT, ENOTDIR: "; check the path"
            case EISDIR: "; name a file"
            case EFBIG: "; name a smaller file"
            case ENOSPC: "; free space on that file system"
            case EDQUOT: "; free space or raise the quota"
            case EFBIG where operation != "read": "; raise the limit on the size of files, `ulimit -f`"
            case ENOENT where isWriting, ENOTDIR where isWriting:
                "; a folder on this path was moved or removed: put it back"
            case ENOLCK, ENOSYS: "; this file system does not support it: use another one"
            case ESTALE: "; the file server has forgotten it: mount the file system again"
            case EIO: "; the disk reports damage: check it, or use another disk"
            case EACCES, EPERM: "; give this user the right to it"
            case EROFS: "; the file system is read-only: use another folder"
            case EMFILE, ENFILE: "; too many files are open: raise `ulimit -n`"
            default: ""
            }
        return reason + remedy
    }

    package var description: String { "cannot \(operation) \(path): \(cause)" }
}
