import Foundation

/// One line of a problems file.
struct ProblemLine: Decodable {
    let problem: Problem

    private static let keys = ["question", "expected", "answer", "id", "difficulty", "metadata"]

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    private struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        let names = container.allKeys.map(\.stringValue).sorted()
        if let unknown = names.first(where: { !Self.keys.contains($0) }) {
            let nearest =
                EditDistance.nearest(to: unknown, among: Self.keys).map { "; did you mean '\($0)'?" } ?? ""
            throw Fault(
                description:
                    "unknown key '\(unknown)'\(nearest); known are \(Self.keys.joined(separator: ", "))")
        }
        let answers = names.filter { ["expected", "answer"].contains($0) }
        guard answers.count == 1, let answer = answers.first else {
            throw Fault(description: "needs either 'expected' or 'answer', and has \(answers.count) of them")
        }
        let question = try container.decode(String.self, forKey: Key("question"))
        guard !question.isBlank else { throw Fault(description: "the question is blank") }
        let id = try container.decodeIfPresent(String.self, forKey: Key("id"))
        problem = Problem(
            id: id ?? "question/" + StableHash.hexadecimal(StableHash.hash(question)), question: question,
            expected: try container.decode(ExpectedAnswer.self, forKey: Key(answer)).text,
            difficulty: try container.decodeIfPresent(Int.self, forKey: Key("difficulty")) ?? 0,
            metadata: try container.decodeIfPresent(JSONObjectText.self, forKey: Key("metadata"))?.text)
    }

    /// What a decoding error says, in one sentence.
    static func reason(_ error: DecodingError) -> String {
        func name(_ context: DecodingError.Context) -> String {
            context.codingPath.last?.stringValue ?? "the line"
        }
        return switch error {
        case .keyNotFound(let key, _): "'\(key.stringValue)' is missing"
        case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
            "\(name(context)) must be \(type == String.self ? "a text" : "\(type)")"
        case .dataCorrupted: "is not a JSON object"
        @unknown default: "\(error)"
        }
    }
}

/// An expected answer as JSON spells it: a text, a number, or the object of a countdown.
package struct ExpectedAnswer: Sendable, Hashable, Decodable {
    /// As a verifier reads it.
    package let text: String

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            self.text = text
        } else if (try? container.decode(Bool.self)) == nil, let number = try? container.decode(Decimal.self)
        {
            text = "\(number)"
        } else {
            text = try container.decode(CountdownGoal.self).text
        }
    }
}
