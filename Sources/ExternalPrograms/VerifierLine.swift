package import Reasoning
import StrictJSON

/// A question to an external verifier, which gets an answer and never a thought.
package struct VerifierQuestion: Sendable, Hashable {
    package let question: String
    package let answer: Answer
    package let expected: String
    /// A JSON object as text.
    package let metadata: String?

    package init(question: String, answer: Answer, expected: String, metadata: String?) {
        self.question = question
        self.answer = answer
        self.expected = expected
        self.metadata = metadata
    }

    /// The question about an answer to a problem.
    package init(_ problem: Problem, _ answer: Answer) {
        self.init(
            question: problem.question, answer: answer, expected: problem.expected, metadata: problem.metadata
        )
    }

    /// The question as one line of JSON, including its line feed.
    ///
    /// `expected` is a text, or a list of texts when several answers are accepted.
    func line(id: String) -> [UInt8] {
        let accepted = AcceptedAnswers(text: expected).answers
        let members: JSONValue = [
            "id": .string(id), "question": .string(question), "answer": .string(answer.text),
            "expected": accepted.count == 1 ? .string(expected) : .array(accepted.map(JSONValue.string)),
        ]
        // The metadata is already JSON, on one line.
        return members.bytes().dropLast() + Array(",\"metadata\":\(metadata ?? "{}")}\n".utf8)
    }
}

/// One line that a program wrote.
///
/// It is `{"id": "7", "reward": 0.5}`, `{"id": "7", "correct": true}`, or `{"id": "7", "undecided": true}`
/// when the program cannot tell.
struct VerifierReply {
    let id: String
    /// Nil for a reward outside 0...1.
    let verdict: Verdict?

    /// Longest line that is read, bytes; a verdict needs a few dozen.
    static let limit = 64 << 10

    /// Nil when the line is no reply.
    init?(_ line: [UInt8]) {
        do throws(JSONError) {
            var object = try ObjectReader(JSONField(parsing: line))
            id = try object.required("id").string()
            let reward = try object.optional("reward")?.double()
            let isCorrect = try object.optional("correct")?.bool()
            let isUndecided = try object.optional("undecided")?.bool()
            switch (reward, isCorrect, isUndecided) {
            case (let reward?, nil, nil): verdict = Verdict(credit: reward)
            case (nil, let isCorrect?, nil): verdict = isCorrect ? .correct : .wrong
            case (nil, nil, true?): verdict = .undecided
            default: return nil
            }
        } catch {
            return nil
        }
    }
}
