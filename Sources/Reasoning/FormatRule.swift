/// Says whether a response has the form of a thinker's: `<think>…</think>answer`, and the end token.
///
///     FormatRule(tags: .think).form(of: "<think>17*3=51</think>51", finished: true)   // .kept(answer: 51)
///
/// It sees shape only. In the form is a response that
/// - ended with the end token: one that was cut at the length limit is not in the form;
/// - begins with the opening tag (white space before it carries nothing and is allowed) and has no other;
/// - has one closing tag, after the opening one;
/// - has a thought between them and an answer after them that are not blank (white space, control and format
///   characters only).
///
/// Tags are found byte by byte, whether the policy wrote them as one token or letter by letter.
package struct FormatRule: Sendable, Hashable {
    package let tags: ThoughtTags

    package init(tags: ThoughtTags) { self.tags = tags }

    /// What is wrong with the shape of a response.
    package enum Break: String, Error, Sendable, Hashable, Codable, CaseIterable {
        case cut, noOpeningTag, textBeforeThought, secondOpeningTag, noClosingTag, closedBeforeOpened
        case secondClosingTag, blankThought, blankAnswer
    }

    package enum Form: Sendable, Hashable {
        case kept(answer: Answer)
        case broken(Break)
    }

    /// `finished`: the response ended with the end token, which is not part of `response`.
    package func form(of response: String, finished: Bool) -> Form {
        guard finished else { return .broken(.cut) }
        let opened = response.splitBytes(on: tags.open)
        let closed = response.splitBytes(on: tags.close)
        switch (opened.count, closed.count) {
        case (1, _): return .broken(.noOpeningTag)
        case (2, 1): return .broken(.noClosingTag)
        case (2, 2): break
        case (2, _): return .broken(.secondClosingTag)
        default: return .broken(.secondOpeningTag)
        }
        let inside = opened[1].splitBytes(on: tags.close)
        guard inside.count == 2 else { return .broken(.closedBeforeOpened) }
        guard opened[0].trimmed.isEmpty else { return .broken(.textBeforeThought) }
        guard !inside[0].isBlank else { return .broken(.blankThought) }
        guard !inside[1].isBlank else { return .broken(.blankAnswer) }
        return .kept(answer: Answer(inside[1]))
    }

    /// The last word of a finished response that has no tag in it: where an answer stands that follows no thought.
    ///
    /// For the ablation that reads answers without tags; `17*3=51 so 51` is read as `51`.
    package func untaggedAnswer(in response: String, finished: Bool) -> Answer? {
        guard finished, response.splitBytes(on: tags.open).count == 1,
            response.splitBytes(on: tags.close).count == 1
        else { return nil }
        return response.split(whereSeparator: \.isWhitespace).last.map { Answer(String($0)) }
    }

    /// The thought as far as it was written, for a reader's eyes; no rule ever judges it.
    package func thought(in response: String) -> String? {
        let opened = response.splitBytes(on: tags.open)
        guard opened.count > 1 else { return nil }
        return opened[1].splitBytes(on: tags.close)[0]
    }
}

/// What a verifier is handed: the text after a thought, or a whole response that was asked for directly.
///
/// Only the format rule can cut an answer out of a response, so no verifier ever sees a thought.
package struct Answer: Sendable, Hashable {
    package let text: String

    fileprivate init(_ text: String) { self.text = text }

    /// The whole response of a model that was asked for the answer alone.
    package init(direct response: String) { text = response }
}
