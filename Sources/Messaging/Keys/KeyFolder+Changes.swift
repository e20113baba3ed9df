import Glibc
import Host
import ZeroMQ

extension KeyFolder {
    /// Makes a key pair for every name: all of them or none.
    ///
    /// Existing keys are never replaced.
    ///
    /// - Throws: `KeyError`, `ZeroMQError` when libzmq has no CURVE.
    package func make(_ names: [String]) throws -> [AllowList.Entry] {
        for name in names where !Self.isName(name) { throw Self.badName(name) }
        if mkdir(path, 0o700) != 0, errno != EEXIST { throw KeyError.system("made", path, errno) }
        return try locked {
            for name in names {
                for file in [secretFile(name), publicFile(name)] where access(file, F_OK) == 0 {
                    throw KeyError.taken(file)
                }
            }
            var made: [String] = []
            do {
                return try names.map { name in
                    let pair = try CurveKeyPair.generate()
                    let secret =
                        "# This file proves to a coordinator that its owner is \(name). Keep it secret, mode 0600.\n"
                        + "\(Self.secretWord) \(pair.secretKey.z85)\n"
                    try KeyFile.create(secretFile(name), secret, .secret)
                    made.append(secretFile(name))
                    try KeyFile.create(publicFile(name), "\(name) \(pair.publicKey.z85)\n", .shown)
                    made.append(publicFile(name))
                    return AllowList.Entry(name: name, key: pair.publicKey)
                }
            } catch {
                for file in made { unlink(file) }
                throw error
            }
        }
    }

    /// Puts public keys on the list.
    ///
    /// - Parameters:
    ///   - sources: names of keys in this folder, or paths of `.pub` files.
    ///   - alias: a name for a single key, in place of the name in its file.
    /// - Returns: the keys; keys that are on the list already stay as they are.
    /// - Throws: `KeyError`.
    package func authorize(_ sources: [String], as alias: String? = nil) throws -> [AllowList.Entry] {
        let entries = try sources.map { source in
            let found = try entry(source)
            return AllowList.Entry(name: alias ?? found.name, key: found.key)
        }
        for entry in entries where !Self.isName(entry.name) { throw Self.badName(entry.name) }
        try locked {
            var list = try authorized() ?? AllowList()
            for entry in entries where list.name(of: entry.key) == nil {
                if let other = list.entries.first(where: { $0.name == entry.name }) {
                    throw KeyError(
                        authorizedFile,
                        "has another key of the name \(entry.name), \(other.key.fingerprint)",
                        remedy: "give --as NAME, or revoke the other key first")
                }
                list.append(entry)
            }
            try KeyFile.replace(authorizedFile, list.text, .shown)
        }
        return entries
    }

    /// Removes keys from the list.
    ///
    /// A running coordinator refuses them within a second.
    ///
    /// - Parameter words: names on the list, or fingerprints.
    /// - Throws: `KeyError` when a word is not on the list; then nothing is changed.
    package func revoke(_ words: [String]) throws -> [AllowList.Entry] {
        try locked {
            guard var list = try authorized() else {
                throw KeyError(authorizedFile, "is missing", remedy: "no key is authorized in \(path)")
            }
            let entries = try words.map { word in
                guard
                    let entry = list.entries.first(where: { $0.name == word })
                        ?? list.entries.first(where: { $0.key.fingerprint == word })
                else {
                    throw KeyError(
                        authorizedFile, "has no key of the name or fingerprint \(word)",
                        remedy: "see `ponder keys list --keys \(path)`")
                }
                return entry
            }
            for entry in entries { list.remove(entry.key) }
            try KeyFile.replace(authorizedFile, list.text, .shown)
            return entries
        }
    }

    /// The current list, nil when there is no file.
    package func authorized() throws(KeyError) -> AllowList? {
        guard let bytes = try KeyFile.read(authorizedFile, .shown) else { return nil }
        return try AllowList(bytes, path: authorizedFile)
    }

    private func entry(_ source: String) throws -> AllowList.Entry {
        if Self.isName(source), let key = try publicKey(source) {
            return AllowList.Entry(name: source, key: key)
        }
        guard let bytes = try KeyFile.read(source, .shown) else {
            throw KeyError(
                Self.isName(source) ? publicFile(source) : source, "is missing",
                remedy: "name a key of \(path) or the path of a .pub file")
        }
        return try Self.single(bytes, source)
    }

    private static func badName(_ name: String) -> KeyError {
        KeyError(
            "\"\(name)\"", "is not a name for a key",
            remedy: "use 1 to 64 letters, digits, dots, dashes and underscores, a letter or digit first")
    }

    /// Runs `body` while no other process changes the folder.
    private func locked<Result>(_ body: () throws -> Result) throws -> Result {
        let folder: OpenFile
        do throws(FileError) {
            folder = try OpenFile(path, O_RDONLY | O_DIRECTORY)
        } catch {
            throw error.code == ENOENT
                ? KeyError(
                    path, "is not a folder", remedy: "make keys first: `ponder keys make NAME --keys \(path)`"
                )
                : KeyError(error)
        }
        while flock(folder.descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw KeyError.system("locked", path, errno) }
        }
        return try body()
    }
}
