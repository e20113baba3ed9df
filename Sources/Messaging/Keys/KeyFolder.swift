package import Logging
package import ZeroMQ

/// The folder that `--keys` names.
///
///     keys/
///       coordinator.key     secret, 0600: only on the coordinator's machine
///       coordinator.pub     public: on every machine
///       worker.key          secret, 0600: only on the worker's machine
///       worker.pub          public: to be authorized
///       relay.key, .pub     of relays; the public one is for those who connect to them
///       authorized          the list of the keys that the coordinator accepts
package struct KeyFolder: Sendable, Hashable {
    package let path: String

    package static let coordinator = "coordinator"
    package static let worker = "worker"
    package static let relay = "relay"
    /// The first word in the file of a secret key, which tells it from a public one.
    static let secretWord = "secret-key"

    package init(_ path: String) {
        self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    package var authorizedFile: String { "\(path)/authorized" }
    package func secretFile(_ name: String) -> String { "\(path)/\(name).key" }
    package func publicFile(_ name: String) -> String { "\(path)/\(name).pub" }

    /// Whether a text can be the name of a key: 1 to 64 letters, digits, dots, dashes and underscores, a letter or digit first.
    package static func isName(_ text: some StringProtocol) -> Bool {
        let allowed = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
                UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard let first = text.first, text != secretWord else { return false }
        return allowed && text.utf8.count <= 64 && (first.isLetter || first.isNumber)
    }

    /// Reads a secret key.
    ///
    /// - Returns: nil when there is no such file.
    /// - Throws: `KeyError` when others can read the file, or it holds something else.
    package func pair(_ name: String) throws -> CurveKeyPair? {
        let file = secretFile(name)
        guard let bytes = try KeyFile.read(file, .secret) else { return nil }
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") where !line.hasPrefix("#") {
            let words = line.split(separator: " ")
            guard words.count == 2, words[0] == Self.secretWord,
                let secret = CurveSecretKey(z85: String(words[1]))
            else { break }
            return try CurveKeyPair(secretKey: secret)
        }
        // The text is not shown: it may be a damaged secret.
        throw KeyError(file, "holds no secret key", remedy: "put a good copy there, or make another key")
    }

    /// The public key of a name, from its own file or from the file of the secret key.
    ///
    /// - Returns: nil when there is neither file.
    package func publicKey(_ name: String) throws -> CurvePublicKey? {
        if let bytes = try KeyFile.read(publicFile(name), .shown) {
            return try Self.single(bytes, publicFile(name)).key
        }
        return try pair(name)?.publicKey
    }

    /// The one entry in the file of a public key.
    static func single(_ bytes: [UInt8], _ path: String) throws -> AllowList.Entry {
        let entries = try AllowList(bytes, path: path).entries
        guard entries.count == 1 else {
            throw KeyError(path, "holds \(entries.count) public keys", remedy: "it must hold one")
        }
        return entries[0]
    }

    // MARK: - What the roles need

    /// The keys of a coordinator or a relay: its own pair, and the watched list of the keys that it accepts.
    ///
    /// - Throws: `KeyError`.
    package func allowList(
        of name: String = Self.coordinator, logger: Logger = Logger(label: "ponder.keys")
    ) throws -> AllowListWatcher {
        guard let keys = try pair(name) else {
            throw KeyError(
                secretFile(name), "is missing",
                remedy: "make it with `ponder keys make \(name) --keys \(path)`")
        }
        return try AllowListWatcher(keys: keys, list: authorizedFile, name: name, logger: logger)
    }

    /// The keys of a process that dials a coordinator or a relay: its own pair and the public key of the peer.
    ///
    /// - Parameters:
    ///   - names: the names of its own key; the first that has a file is used.
    ///   - peer: the name of the coordinator's or relay's key.
    /// - Throws: `KeyError`.
    package func client(_ names: [String], of peer: String = Self.coordinator) throws -> ClientKeys {
        for name in names {
            guard let own = try pair(name) else { continue }
            guard let server = try publicKey(peer) else {
                throw KeyError(
                    publicFile(peer), "is missing",
                    remedy: "copy it from the \(peer)'s machine, where `ponder keys make \(peer)` wrote it")
            }
            return ClientKeys(name: name, own: own, server: server, serverFile: publicFile(peer))
        }
        let name = names.first ?? Self.worker
        throw KeyError(
            secretFile(names.last ?? name), "is missing",
            remedy: "make it with `ponder keys make \(names.last ?? name) --keys \(path)`, "
                + "and have its .pub authorized where the coordinator runs")
    }
}
