import BuiltInVerifiers
import Episodes
import Primitives
import Reasoning
import Reinforcement

/// One answer to a question.
struct AskReply: Encodable {
    let question: String
    let prompt: String
    let response: String
    @NullEncoded private(set) var thought: String?
    @NullEncoded private(set) var answer: String?
    /// Whether it thought and answered in the form; nil when it was asked directly.
    @NullEncoded private(set) var form: Bool?
    /// What broke the form.
    @NullEncoded private(set) var broken: FormatRule.Break?
    let finish: Finish
    let tokens: Int
    /// Set for a sum, whose answer Ponder can work out.
    @NullEncoded private(set) var expected: String?
    /// Whether the answer is right, in the form or not.
    @NullEncoded private(set) var correct: Bool?

    init(question: String, prompt: String, _ scored: ScoredTrace, _ format: FormatRule) {
        self.question = question
        self.prompt = prompt
        response = scored.response
        tokens = scored.trace.tokens.count
        finish = scored.trace.finish
        thought = scored.thought
        // What is judged: out of the form, the last word of a response without tags.
        let judged: Answer?
        switch scored.form {
        case nil:
            answer = finish == .end ? response : nil
            judged = answer.map(Answer.init(direct:))
        case .kept(let found):
            answer = found.text
            form = true
            judged = found
        case .broken(let fault):
            judged = format.untaggedAnswer(in: response, finished: finish == .end)
            answer = judged == nil ? nil : response
            form = false
            broken = fault
        }
        let total = Bill(question: question).map { "\($0.total)" }
        expected = total
        correct = total.map { total in
            judged.map { NumberVerifier().verdict(on: $0, expected: total) == .correct } ?? false
        }
    }

    /// Whether it is right where the model is measured: in the form, unless it was asked directly.
    var isRight: Bool { correct == true && form != false }

    /// `right`, `right, but not in the form` or `wrong: it is 127`; nil when nobody knows.
    var verdict: String? {
        guard let correct, let expected else { return nil }
        guard correct else { return "wrong: it is \(expected)" }
        return isRight ? "right" : "right, but not in the form"
    }

    func show() {
        if let thought { print(Terminal.faint("thought  \(thought)")) }
        let verdict = verdict.map { "   (\($0))" } ?? ""
        print((answer.map { "answer   \($0)" } ?? "response \(response)") + verdict)
        if let broken { print(Terminal.faint("note     no thought in the form: \(broken.words)")) }
        if form == nil, finish == .length { print(Terminal.faint("note     cut at \(tokens) tokens")) }
    }

    /// In one line.
    var line: String {
        let verdict = verdict.map { "   (\($0))" } ?? (form == false ? "   (not in the form)" : "")
        return response.replacing("\n", with: "⏎") + verdict
    }
}

/// The answers of one model to a question: an object of one, or a list with how many are right.
struct AskReplies: Encodable {
    /// Nil when the likeliest tokens were taken.
    let seed: UInt64?
    let replies: [AskReply]

    private enum CodingKeys: String, CodingKey { case seed, samples, right, replies }

    /// Nil when nobody knows the answer.
    private var right: Int? {
        replies.first?.correct == nil ? nil : replies.count { $0.isRight }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(seed, forKey: .seed)
        if replies.count == 1 { return try replies[0].encode(to: encoder) }
        try container.encode(replies.count, forKey: .samples)
        try container.encode(right, forKey: .right)
        try container.encode(replies, forKey: .replies)
    }

    func show() {
        if replies.count == 1 {
            replies[0].show()
        } else {
            for (number, reply) in replies.enumerated() { print("\(number + 1)  \(reply.line)") }
            if let right { print("\(right) of \(replies.count) right") }
        }
        if let seed { print(Terminal.faint("note     --seed \(seed) repeats this")) }
    }
}

extension FormatRule.Break {
    /// For people.
    var words: String {
        switch self {
        case .cut: "cut at the length limit"
        case .noOpeningTag: "no opening tag"
        case .textBeforeThought: "text before the thought"
        case .secondOpeningTag: "a second opening tag"
        case .noClosingTag: "the thought was not closed"
        case .closedBeforeOpened: "closed before it was opened"
        case .secondClosingTag: "a second closing tag"
        case .blankThought: "a blank thought"
        case .blankAnswer: "a blank answer"
        case .noAnswerTags: "the answer is not in its tags"
        case .textAroundAnswer: "text around the answer's tags"
        }
    }
}
