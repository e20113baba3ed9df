/// The two tags around a thought.
///
///     try ThoughtTags(open: "<생각>", close: "</생각>")
package struct ThoughtTags: Sendable, Hashable, Codable {
    package let open: String
    package let close: String

    package static let think = ThoughtTags(unchecked: "<think>", "</think>")

    /// Throws `SettingError` if a tag is empty, begins or ends with white space, or contains the other tag.
    package init(open: String, close: String) throws(SettingError) {
        for (setting, tag) in [("prompt.open", open), ("prompt.close", close)] {
            let isFramed = [tag.unicodeScalars.first, tag.unicodeScalars.last]
                .allSatisfy { $0.map { !$0.properties.isWhitespace } ?? false }
            guard isFramed else {
                throw SettingError(
                    setting: setting, value: tag,
                    remedy: "a tag must not be empty, nor begin or end with a space")
            }
        }
        guard !Array(open.utf8).contains(Array(close.utf8)), !Array(close.utf8).contains(Array(open.utf8))
        else {
            throw SettingError(
                setting: "prompt.close", value: close,
                remedy: "it must not contain, nor be part of, '\(open)'")
        }
        self.init(unchecked: open, close)
    }

    private init(unchecked open: String, _ close: String) {
        self.open = open
        self.close = close
    }

    private enum CodingKeys: String, CodingKey { case open, close }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            open: container.decode(String.self, forKey: .open),
            close: container.decode(String.self, forKey: .close))
    }
}
