import Glibc
import Host

/// Reads and writes key files with the care that secrets need.
enum KeyFile {
    /// The access rights that a file must have.
    enum Secrecy {
        /// Mode 0600; a file that others can read is refused.
        case secret
        /// Mode 0644; a file that others can write is refused.
        case shown

        var mode: mode_t { self == .secret ? 0o600 : 0o644 }
    }

    /// The largest file, bytes.
    ///
    /// Ten thousand keys with their names take less than a tenth of it.
    static let largest = 8 << 20

    /// Reads a whole file.
    ///
    /// The rights of the open file are checked, so that the file cannot be replaced between check and read.
    ///
    /// - Returns: nil when there is no such file.
    static func read(_ path: String, _ secrecy: Secrecy) throws(KeyError) -> [UInt8]? {
        let file: OpenFile
        do throws(FileError) {
            file = try OpenFile(path, O_RDONLY | O_NONBLOCK)
        } catch {
            if error.code == ENOENT { return nil }
            throw KeyError(error)
        }
        let facts: stat
        do throws(FileError) { facts = try file.status() } catch { throw KeyError(error) }
        guard facts.st_mode & S_IFMT == S_IFREG else {
            throw KeyError(path, "is not a file", remedy: "give the folder of the keys with --keys DIR")
        }
        try check(facts, path, secrecy)
        do throws(FileError) {
            return Array(try file.contents(limit: largest))
        } catch {
            guard error.code != EFBIG else {
                throw KeyError(
                    path, "is larger than \(largest >> 20) MiB", remedy: "it is not a key file")
            }
            throw KeyError(error)
        }
    }

    private static func check(_ facts: stat, _ path: String, _ secrecy: Secrecy) throws(KeyError) {
        let mode = facts.st_mode & 0o7777
        let octal = "mode 0" + String(mode, radix: 8)
        switch secrecy {
        case .secret:
            // A mounted Kubernetes secret belongs to another user, and this user reads it through its group.
            let forbidden: mode_t = facts.st_uid == geteuid() ? 0o077 : 0o027
            guard mode & forbidden == 0 else {
                throw KeyError(
                    path, "is a secret key that others can reach (\(octal))", remedy: "chmod 600 \(path)")
            }
        case .shown:
            guard mode & 0o022 == 0 else {
                throw KeyError(path, "can be changed by others (\(octal))", remedy: "chmod 644 \(path)")
            }
        }
    }

    /// Writes a new file completely or not at all, and never replaces one.
    static func create(_ path: String, _ text: String, _ secrecy: Secrecy) throws(KeyError) {
        let temporary = try writeTemporary(beside: path, text, secrecy)
        defer { unlink(temporary) }
        // Unlike `rename`, `link` fails when the name is taken.
        guard link(temporary, path) == 0 else {
            if errno == EEXIST { throw .taken(path) }
            throw .system("made", path, errno)
        }
        try synchronizeFolder(of: path)
    }

    /// Replaces a file.
    ///
    /// A reader finds the old text or the new one, never a part.
    static func replace(_ path: String, _ text: String, _ secrecy: Secrecy) throws(KeyError) {
        let temporary = try writeTemporary(beside: path, text, secrecy)
        guard rename(temporary, path) == 0 else {
            let code = errno
            unlink(temporary)
            throw .system("replaced", path, code)
        }
        try synchronizeFolder(of: path)
    }

    private static func writeTemporary(
        beside path: String, _ text: String, _ secrecy: Secrecy
    ) throws(KeyError) -> String {
        let temporary = "\(path).writing-\(getpid())-\(UInt32.random(in: .min ... .max))"
        do throws(FileError) {
            var file = try OpenFile(
                temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: secrecy.mode)
            try file.write(Array(text.utf8))
            try file.synchronize()
            try file.close()
            return temporary
        } catch {
            unlink(temporary)
            throw .system("written", path, error.code)
        }
    }

    private static func synchronizeFolder(of path: String) throws(KeyError) {
        do throws(FileError) {
            try OpenFile(Files.folder(of: path), O_RDONLY).synchronize()
        } catch {
            throw KeyError(error)
        }
    }
}

extension KeyError {
    static func taken(_ path: String) -> KeyError {
        KeyError(
            path, "is there already",
            remedy: "keys are never replaced; choose another name, or move the file away")
    }
}
