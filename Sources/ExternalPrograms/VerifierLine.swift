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
enum VerifierReply {
    /// A verdict: `{"id": "7", "reward": 0.5}`, `{"id": "7", "correct": true}`, or `{"id": "7", "undecided": true}` when the
    /// program cannot tell. It is nil for a reward outside 0...1.
    case verdict(id: String, Verdict?)
    /// An object that is no verdict, and why.
    case unusable(reason: String)
    /// Anything else, such as what a library prints.
    case remark

    /// Longest line that is read, bytes; a verdict needs a few dozen.
    static let limit = 64 << 10
    /// Most remarks between two verdicts.
    static let remarkLimit = 1000

    private static let ways = #"give "reward" from 0 to 1, "correct" or "undecided""#

    init(_ line: [UInt8]) {
        guard var object = try? ObjectReader(JSONField(parsing: line)) else {
            // Python writes NaN, which is no JSON, into what is meant as a verdict.
            let isMeant =
                line.first == UInt8(ascii: "{") && String(decoding: line, as: UTF8.self).contains("\"id\"")
            self = isMeant ? .unusable(reason: "is no verdict, since it is not JSON: \(Self.ways)") : .remark
            return
        }
        do throws(JSONError) {
            let id = try object.required("id").string()
            let reward = try object.optional("reward")?.double()
            let isCorrect = try object.optional("correct")?.bool()
            let isUndecided = try object.optional("undecided")?.bool()
            switch (reward, isCorrect, isUndecided) {
            case (let reward?, nil, nil): self = .verdict(id: id, Verdict(credit: reward))
            case (nil, let isCorrect?, nil): self = .verdict(id: id, isCorrect ? .correct : .wrong)
            case (nil, nil, true?): self = .verdict(id: id, .undecided)
            case (nil, nil, _):
                let others = object.keys.filter { !["id", "undecided"].contains($0) }
                let found =
                    others.isEmpty
                    ? "" : " and has \(others.prefix(4).map { "\"\($0)\"" }.joined(separator: ", "))"
                self = .unusable(reason: "says nothing of the answer\(found): \(Self.ways)")
            default: self = .unusable(reason: "says several things of the answer: \(Self.ways), one of them")
            }
        } catch {
            self = .unusable(
                reason:
                    "is no verdict (\(error)): it needs the \"id\" of the answer as a string, and \(Self.ways)"
            )
        }
    }
}
