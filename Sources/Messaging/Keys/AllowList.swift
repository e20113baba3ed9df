package import ZeroMQ

/// The text of `keys/authorized`: public keys and their names, one to a line.
///
///     # the cluster's nodes
///     node7 q}HpN2{WsNn?K-%}=(SUv![l<e%Vt2{y7P%BgM6j
///
/// Changes keep comments and blank lines. The file of one public key is a list of one line.
package struct AllowList: Sendable, Hashable {
    package struct Entry: Sendable, Hashable {
        package let name: String
        package let key: CurvePublicKey
    }

    private var lines: [(text: String, entry: Entry?)] = []
    private var names: [CurvePublicKey: String] = [:]

    package init() {}

    /// - Throws: `KeyError` that names the line.
    package init(_ bytes: [UInt8], path: String) throws(KeyError) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw KeyError(path, "is not text", remedy: "it holds lines of NAME and PUBLIC-KEY")
        }
        var taken: Set<String> = []
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let entry = try Self.entry(line, "\(path):\(number + 1)")
            if let entry {
                guard names[entry.key] == nil || names[entry.key] == entry.name else {
                    throw KeyError(
                        "\(path):\(number + 1)", "has the key of \(names[entry.key] ?? "") again",
                        remedy: "remove one of the two lines")
                }
                guard names[entry.key] != nil || taken.insert(entry.name).inserted else {
                    throw KeyError(
                        "\(path):\(number + 1)", "has the name \(entry.name) again, for another key",
                        remedy: "give every key a name of its own")
                }
                names[entry.key] = entry.name
            }
            lines.append((String(line), entry))
        }
        if lines.last?.text.isEmpty == true { lines.removeLast() }
    }

    private static func entry(_ line: Substring, _ place: String) throws(KeyError) -> Entry? {
        let words = line.split { $0 == " " || $0 == "\t" || $0 == "\r" }
        guard let name = words.first, !name.hasPrefix("#") else { return nil }
        guard name != KeyFolder.secretWord else {
            throw KeyError(
                place, "is a secret key", remedy: "only public keys, NAME.pub, are given to others")
        }
        guard KeyFolder.isName(name), words.count == 2, let key = CurvePublicKey(z85: String(words[1])) else {
            throw KeyError(
                place, "is not NAME and PUBLIC-KEY",
                remedy: "a name has 1 to 64 letters, digits, dots, dashes; a key 40 characters")
        }
        return Entry(name: String(name), key: key)
    }

    /// In the order of the lines, each key once.
    package var entries: [Entry] {
        var seen: Set<CurvePublicKey> = []
        return lines.compactMap(\.entry).filter { seen.insert($0.key).inserted }
    }

    /// The name of a key, nil when it is not on the list.
    package func name(of key: CurvePublicKey) -> String? { names[key] }

    package mutating func append(_ entry: Entry) {
        lines.append(("\(entry.name) \(entry.key.z85)", entry))
        names[entry.key] = entry.name
    }

    package mutating func remove(_ key: CurvePublicKey) {
        lines.removeAll { $0.entry?.key == key }
        names[key] = nil
    }

    /// The content of the file.
    package var text: String { lines.map { $0.text + "\n" }.joined() }

    package static func == (left: AllowList, right: AllowList) -> Bool { left.text == right.text }
    package func hash(into hasher: inout Hasher) { hasher.combine(text) }
}
