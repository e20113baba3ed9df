/// Reads the members of one JSON object, each at most once, so that unread members can be refused.
///
///     var object = try ObjectReader(JSONField(parsing: bytes))
///     let name = try object.required("name").string(atMost: 64)
///     let rate = try object.optional("rate")?.double() ?? 1
///     try object.finish()
package struct ObjectReader: Sendable {
    package let path: String
    /// All members, whether read or not.
    package let members: [JSONValue.Member]
    /// An array, because linear search is faster than hashing for the few members of an object.
    private var unread: [JSONValue.Member]

    /// - Throws: `JSONError` when the value is not an object.
    package init(_ field: JSONField) throws(JSONError) {
        members = try field.members()
        path = field.path
        unread = members
    }

    package var keys: [String] { members.map(\.key) }

    package func has(_ key: String) -> Bool { members.contains { $0.key == key } }

    /// The member with this key; nil when it is missing or was already read.
    private mutating func take(_ key: String) -> JSONField? {
        guard let place = unread.firstIndex(where: { $0.key == key }) else { return nil }
        return JSONField(unread.remove(at: place).value, parent: path, step: key)
    }

    package mutating func required(_ key: String) throws(JSONError) -> JSONField {
        guard let field = take(key) else {
            throw JSONError(
                .missingField, path: JSONField.path(path, key), found: "missing", wanted: "present")
        }
        return field
    }

    /// The member with this key; nil when it is missing or null.
    package mutating func optional(_ key: String) -> JSONField? {
        take(key).flatMap { $0.value == .null ? nil : $0 }
    }

    /// Marks members as read.
    package mutating func ignore(_ keys: Set<String>) { unread.removeAll { keys.contains($0.key) } }

    /// An error about a member, with its own description of the problem: `is missing`.
    package func unusable(_ key: String, _ words: String) -> JSONError {
        JSONError(.unusable, path: JSONField.path(path, key), found: words, wanted: "")
    }

    /// The first unread member in the order of the keys.
    ///
    /// - Parameter allowingNull: whether a member that is null counts as read.
    package func firstUnread(allowingNull: Bool = false) -> JSONField? {
        unread.filter { !allowingNull || $0.value != .null }.min { $0.key < $1.key }
            .map { JSONField($0.value, parent: path, step: $0.key) }
    }

    /// - Throws: `JSONError` when a member was not read.
    package func finish() throws(JSONError) {
        guard let key = unread.map(\.key).min() else { return }
        throw JSONError(
            .unknownField, path: JSONField.path(path, String(key.prefix(64))), found: "present",
            wanted: "absent")
    }
}
