import Foundation
import GRDB

/// Locks of parts of files (`fcntl`), on which SQLite depends and which some file systems do not have.
enum FileLocks {
    /// Whether the file system of an existing file refuses every such lock.
    static func areMissing(_ path: String) -> Bool {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return false }
        // Closing a file gives up this process's locks on it, so this is asked only after SQLite has failed.
        defer { close(file) }
        var lock = flock()
        lock.l_type = Int16(F_RDLCK)
        lock.l_whence = Int16(SEEK_SET)
        lock.l_start = 0
        lock.l_len = 1
        guard fcntl(file, F_SETLK, &lock) != 0 else { return false }
        return [ENOSYS, ENOLCK, EOPNOTSUPP].contains(errno)
    }

    /// Whether SQLite says that the system refused a lock.
    static func areRefused(_ error: DatabaseError) -> Bool {
        let codes: [ResultCode] = [
            .SQLITE_IOERR_LOCK, .SQLITE_IOERR_RDLOCK, .SQLITE_IOERR_UNLOCK, .SQLITE_IOERR_CHECKRESERVEDLOCK,
            .SQLITE_IOERR_SHMLOCK,
        ]
        return codes.contains(error.extendedResultCode)
    }
}
