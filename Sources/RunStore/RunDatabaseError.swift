import Foundation
import GRDB
import Host

/// The run's database refused an operation and recorded nothing of it.
///
/// Every recording may be repeated, because it replaces what an earlier try wrote. The run continues without
/// its records.
package struct RunDatabaseError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Kind: String, Sendable, Hashable {
        case diskFull, inputOutput, noLocks, damaged, busy, readOnly, cannotOpen, newerFormat, other
    }

    package let kind: Kind
    /// The failed operation: `record step 12`.
    package let operation: String
    package let path: String
    /// SQLite's message.
    package let message: String

    init(kind: Kind, operation: String, path: String, message: String) {
        self.kind = kind
        self.operation = operation
        self.path = path
        self.message = message
    }

    init(_ error: any Error, operation: String, path: String) {
        self.operation = operation
        self.path = path
        guard let error = error as? DatabaseError else {
            kind =
                switch error {
                case let error as FileError where error.isDiskFull: .diskFull
                case is DecodingError, is RowDecodingError: .damaged
                default: .other
                }
            message = "\(error)"
            return
        }
        message = error.message ?? "\(error.resultCode)"
        kind =
            switch error.resultCode {
            case .SQLITE_IOERR, .SQLITE_BUSY, .SQLITE_PROTOCOL, .SQLITE_CANTOPEN:
                FileLocks.areMissing(path) || FileLocks.areRefused(error) ? .noLocks : Kind(error.resultCode)
            default: Kind(error.resultCode)
            }
    }

    package var description: String {
        let remedy =
            switch kind {
            case .diskFull: "; free space on that file system"
            case .inputOutput: "; check the disk"
            case .noLocks:
                "; this file system has no file locks: mount it with them (Lustre: -o flock; NFS: a running lock service, or "
                    + "-o local_lock=all), or give a folder elsewhere with --run"
            case .damaged: "; move it away: checkpoints are untouched and a new one is made at the next start"
            case .busy: "; another program holds it open for writing: end that program"
            case .readOnly: "; give this user the right to write it"
            case .cannotOpen: "; check that the folder is there and may be read"
            case .newerFormat: "; use the Ponder that wrote it, or a newer one"
            case .other: ""
            }
        return "cannot \(operation) in \(path): \(message)\(remedy)"
    }
}

extension RunDatabaseError.Kind {
    fileprivate init(_ code: ResultCode) {
        self =
            switch code {
            case .SQLITE_FULL: .diskFull
            case .SQLITE_IOERR: .inputOutput
            case .SQLITE_CORRUPT, .SQLITE_NOTADB: .damaged
            case .SQLITE_BUSY, .SQLITE_LOCKED: .busy
            case .SQLITE_READONLY, .SQLITE_PERM: .readOnly
            case .SQLITE_CANTOPEN: .cannotOpen
            default: .other
            }
    }
}
