import Foundation
package import Host

/// The secret key of a run's audit draws (`audit.key`): 32 random bytes, created once, with mode 0600.
///
/// A worker knows the seed, the configuration and this code. If the draws depended on those alone, it would
/// know which traces are checked and could forge the rest. The key is in no message and in no digest. A
/// worker that runs as the same user on the same file system can read the file, so run untrusted workers as
/// another user.
package struct AuditKey: Sendable, Hashable {
    package let bytes: [UInt8]

    package static let size = 32

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Reads the run's key, or creates one when the run has none.
    ///
    /// - Throws: `FileError`, or `RunDirectoryError` for a file of the wrong size.
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
        // The file gets its mode before its bytes; `replace` writes into the existing file.
        let temporary = path + ".writing"
        try files.remove(temporary)
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw FileError(operation: "create", path: temporary, code: errno) }
        close(file)
        try files.replace(path, with: Data((0..<size).map { _ in UInt8.random(in: .min ... .max) }))
    }
}
