package import Reasoning
import StrictJSON

/// What an external verifier is asked: an answer, never a thought.
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

    /// Of an answer to a problem.
    package init(_ problem: Problem, _ answer: Answer) {
        self.init(
            question: problem.question, answer: answer, expected: problem.expected, metadata: problem.metadata
        )
    }

    /// One line of JSON with its line feed.
    func line(id: String) -> [UInt8] {
        let members: JSONValue = [
            "id": .string(id), "question": .string(question), "answer": .string(answer.text),
            "expected": .string(expected),
        ]
        // The metadata is JSON already, on one line.
        return members.bytes().dropLast() + Array(",\"metadata\":\(metadata ?? "{}")}\n".utf8)
    }
}

/// One line that a program wrote: `{"id": "7", "reward": 0.5}`, `{"id": "7", "correct": true}`, or `{"id": "7", "undecided": true}`
/// when it cannot tell.
struct VerifierReply {
    let id: String
    /// Nil for a reward outside 0...1.
    let verdict: Verdict?

    /// Bytes of the longest line that is read; a verdict needs a few dozen.
    static let limit = 64 << 10

    /// Nil for a line that is no reply at all.
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
