/// Says whether a response has the required form: `<think>…</think>answer`, then the end token.
///
///     FormatRule(tags: .think).form(of: "<think>17*3=51</think>51", finished: true)   // .kept(answer: 51)
///
/// It judges only the shape. A response is in the form if it
/// - ended with the end token and was not cut at the length limit;
/// - begins with the opening tag, apart from white space before it, and has no second opening tag;
/// - has exactly one closing tag, after the opening tag;
/// - has a thought between the tags and an answer after them, neither of them blank (only white space, control and format
///   characters);
/// - has the answer in its own tags and nothing else after the thought, where the form has such tags
///   (`<think>…</think> <answer>…</answer>`).
///
/// Tags are found byte by byte, whether the policy wrote them as one token or letter by letter.
package struct FormatRule: Sendable, Hashable {
    package let tags: ThoughtTags

    package init(tags: ThoughtTags) { self.tags = tags }

    /// Why a response is not in the form.
    package enum Break: String, Error, Sendable, Hashable, Codable, CaseIterable {
        case cut, noOpeningTag, textBeforeThought, secondOpeningTag, noClosingTag, closedBeforeOpened
        case secondClosingTag, blankThought, blankAnswer, noAnswerTags, textAroundAnswer
    }

    package enum Form: Sendable, Hashable {
        case kept(answer: Answer)
        case broken(Break)
    }

    /// The form of a response.
    ///
    /// - Parameter finished: whether the response ended with the end token, which is not part of `response`.
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
        return answer(in: inside[1])
    }

    /// The answer in what follows the thought.
    private func answer(in rest: String) -> Form {
        guard let own = tags.answer else {
            return rest.isBlank ? .broken(.blankAnswer) : .kept(answer: Answer(rest))
        }
        let opened = rest.splitBytes(on: own.open)
        guard opened.count == 2 else { return .broken(.noAnswerTags) }
        let closed = opened[1].splitBytes(on: own.close)
        guard closed.count == 2 else { return .broken(.noAnswerTags) }
        guard opened[0].trimmed.isEmpty, closed[1].trimmed.isEmpty else { return .broken(.textAroundAnswer) }
        return closed[0].isBlank ? .broken(.blankAnswer) : .kept(answer: Answer(closed[0]))
    }

    /// The last word of a finished response without tags: the answer of a model that was not taught the form.
    ///
    /// The ablation `RewardRule.Mode.untagged` uses it; `17*3=51 so 51` is read as `51`. nil for any other response.
    package func untaggedAnswer(in response: String, finished: Bool) -> Answer? {
        guard finished, response.splitBytes(on: tags.open).count == 1,
            response.splitBytes(on: tags.close).count == 1
        else { return nil }
        return response.split(whereSeparator: \.isWhitespace).last.map { Answer(String($0)) }
    }

    /// The thought, as far as it was written, for people to read; no rule judges it.
    package func thought(in response: String) -> String? {
        let opened = response.splitBytes(on: tags.open)
        guard opened.count > 1 else { return nil }
        return opened[1].splitBytes(on: tags.close)[0]
    }
}

/// The text that a verifier judges: what follows the thought, or the whole response to a direct question.
///
/// Only the format rule can cut an answer out of a response, so no verifier ever sees a thought.
package struct Answer: Sendable, Hashable {
    package let text: String

    fileprivate init(_ text: String) { self.text = text }

    /// The whole response of a model that was asked for the answer alone.
    package init(direct response: String) { text = response }
}
