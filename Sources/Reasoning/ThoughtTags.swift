/// The two tags around a thought and, where the form has them, the two around the answer.
///
///     try ThoughtTags(open: "<생각>", close: "</생각>")
package struct ThoughtTags: Sendable, Hashable, Codable {
    package let open: String
    package let close: String
    /// nil where the answer is all that follows the thought.
    package let answer: AnswerTags?

    package struct AnswerTags: Sendable, Hashable, Codable {
        package let open: String
        package let close: String
    }

    package static let think = ThoughtTags(unchecked: "<think>", "</think>", nil)

    /// - Parameters:
    ///   - answerOpen: opens the answer; nil, as `answerClose` then, where an answer has no tags.
    /// - Throws: `SettingError` if a tag is empty, begins or ends with white space, or contains another tag.
    package init(
        open: String, close: String, answerOpen: String? = nil, answerClose: String? = nil
    ) throws(SettingError) {
        var tags = [("prompt.open", open), ("prompt.close", close)]
        if let answerOpen { tags.append(("prompt.answerOpen", answerOpen)) }
        if let answerClose { tags.append(("prompt.answerClose", answerClose)) }
        guard tags.count != 3 else {
            throw SettingError(
                setting: answerOpen == nil ? "prompt.answerOpen" : "prompt.answerClose", value: "null",
                remedy: "an answer has two tags: set prompt.answerOpen and prompt.answerClose, or neither")
        }
        for (setting, tag) in tags {
            let isFramed = [tag.unicodeScalars.first, tag.unicodeScalars.last]
                .allSatisfy { $0.map { !$0.properties.isWhitespace } ?? false }
            guard isFramed else {
                throw SettingError(
                    setting: setting, value: tag,
                    remedy: "a tag must not be empty, nor begin or end with a space")
            }
        }
        for (index, (setting, tag)) in tags.enumerated() {
            for (_, other) in tags[..<index]
            where tag.splitBytes(on: other).count > 1 || other.splitBytes(on: tag).count > 1 {
                throw SettingError(
                    setting: setting, value: tag, remedy: "it must not contain, nor be part of, '\(other)'")
            }
        }
        self.init(
            unchecked: open, close,
            answerOpen.flatMap { open in answerClose.map { AnswerTags(open: open, close: $0) } })
    }

    private init(unchecked open: String, _ close: String, _ answer: AnswerTags?) {
        self.open = open
        self.close = close
        self.answer = answer
    }

    /// An answer with its tags, as it stands behind a thought.
    package func wrapped(_ answer: String) -> String {
        self.answer.map { " \($0.open)\(answer)\($0.close)" } ?? answer
    }

    private enum CodingKeys: String, CodingKey { case open, close, answer }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let answer = try container.decodeIfPresent(AnswerTags.self, forKey: .answer)
        try self.init(
            open: container.decode(String.self, forKey: .open),
            close: container.decode(String.self, forKey: .close), answerOpen: answer?.open,
            answerClose: answer?.close)
    }
}
