import Foundation
package import Reasoning

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
        let members = [
            ("id", id), ("question", question), ("answer", answer.text), ("expected", expected),
        ].map { "\"\($0)\":\(Self.quoted($1))" }
        // An object as the problem's source wrote it: JSON already, and without a line feed.
        return Array("{\(members.joined(separator: ",")),\"metadata\":\(metadata ?? "{}")}\n".utf8)
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            // Some readers take U+0085, U+2028 and U+2029 for the end of a line.
            case "\u{0}"..<" ", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}":
                let hex = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
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

    private struct Line: Decodable {
        let id: String
        let reward: Double?
        let correct: Bool?
        let undecided: Bool?
    }

    /// Nil for a line that is no reply at all.
    init?(_ line: [UInt8]) {
        guard let line = try? JSONDecoder().decode(Line.self, from: Data(line)),
            [line.reward == nil, line.correct == nil, line.undecided == nil].count(where: { !$0 }) == 1
        else { return nil }
        id = line.id
        if let correct = line.correct {
            verdict = correct ? .correct : .wrong
        } else if let reward = line.reward {
            verdict = Verdict(credit: reward)
        } else if line.undecided == true {
            verdict = .undecided
        } else {
            return nil
        }
    }
}
