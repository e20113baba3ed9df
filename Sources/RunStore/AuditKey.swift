import Foundation
package import Host

/// The secret that a run's audit draws are keyed with (`audit.key`): 32 random bytes, made once, mode 0600.
///
/// A worker knows the seed, the configuration and this code. Draws made from those alone would tell it which traces are
/// checked, and it could forge the others. The key is in no message and in no digest. A worker that runs as the same
/// user on the same file system can read the file: run workers that you do not trust as another user.
package struct AuditKey: Sendable, Hashable {
    package let bytes: [UInt8]

    package static let size = 32

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Reads the key of a run, or makes one when the run has none.
    ///
    /// - Throws: `FileError`, or `RunDirectoryError` for a file of another size.
    package init(of run: RunDirectory, files: any FileOperations = Files()) throws {
        let path = run.auditKey.path
        if !FileManager.default.fileExists(atPath: path) { try Self.make(path, files) }
        bytes = [UInt8](try Files.read(path, limit: 1 << 10))
        guard bytes.count == Self.size else {
            throw RunDirectoryError(
                message:
                    "\(path) has \(bytes.count) bytes instead of \(Self.size); remove it, and the next start makes "
                    + "another")
        }
    }

    private static func make(_ path: String, _ files: any FileOperations) throws {
        // The file has its mode before it has the bytes; `replace` writes into it.
        let temporary = path + ".writing"
        try files.remove(temporary)
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw FileError(operation: "create", path: temporary, code: errno) }
        close(file)
        try files.replace(path, with: Data((0..<size).map { _ in UInt8.random(in: .min ... .max) }))
    }
}
