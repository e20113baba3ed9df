import Foundation
import Primitives

/// One line of a problems file, read as its format says.
struct ProblemLine: Decodable {
    let problem: Problem

    /// Under which names and in which shape a line is read, for a decoder's `userInfo`.
    struct Layout: Sendable {
        let format: ProblemFormat
        let fields: ProblemFields
    }

    static let layout = CodingUserInfoKey(rawValue: "layout")

    init(from decoder: any Decoder) throws {
        let layout = Self.layout.flatMap { decoder.userInfo[$0] as? Layout }
        let row = Row(container: try decoder.container(keyedBy: RowKey.self))
        problem =
            switch layout?.format ?? .fields {
            case .fields: try Self.fields(row, layout?.fields ?? ProblemFields())
            case .gsm8k: try Self.gsm8k(row)
            case .countdown: try Self.countdown(row)
            }
    }

    private static func fields(_ row: Row, _ fields: ProblemFields) throws -> Problem {
        let question = try row.text(fields.question ?? "question")
        let answer: String
        if let name = fields.answer {
            answer = name
        } else {
            let there = ["expected", "answer"].filter(row.has)
            guard there.count == 1, let name = there.first else {
                throw row.fault(
                    there.isEmpty
                        ? "needs either 'expected' or 'answer'" : "has 2 answers, 'expected' and 'answer'",
                    remedy: "set problems.fields.answer to the one to use")
            }
            answer = name
        }
        return Problem(
            id: try row.identity(fields.id) ?? Problem.identity(of: question), question: question,
            expected: try row.required(answer, as: ExpectedAnswer.self).text,
            difficulty: try row.optional("difficulty", named: fields.difficulty, as: Int.self) ?? 0,
            metadata: try row.optional("metadata", named: nil, as: JSONObjectText.self)?.text)
    }

    private static func gsm8k(_ row: Row) throws -> Problem {
        let question = try row.text("question")
        let answer = try row.text("answer")
        let parts = answer.splitBytes(on: "####")
        guard parts.count > 1, let gold = parts.last?.trimmed, !gold.isEmpty else {
            throw row.fault(
                "'answer' has no '#### gold'", remedy: "set problems.format if it is another format")
        }
        return Problem(
            id: Problem.identity(of: question, in: "gsm8k"), question: question,
            expected: gold.replacingBytes(",", with: ""), difficulty: answer.splitBytes(on: "<<").count - 1)
    }

    private static func countdown(_ row: Row) throws -> Problem {
        let use = try row.optional("use", named: nil, as: CountdownGoal.Use.self)
        let goal = try CountdownGoal(
            numbers: row.required("nums", as: [Int].self), target: row.required("target", as: Int.self),
            use: use ?? .all)
        return goal.problem
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
        // Foundation says the same of both, and not where.
        case .dataCorrupted(let context) where context.codingPath.isEmpty:
            "is not a JSON object, or has a number that does not fit where it stands"
        case .dataCorrupted(let context): "\(name(context)) cannot be used: \(context.debugDescription)"
        @unknown default: "\(error)"
        }
    }
}

private struct RowKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

/// The parts of a line by name; what else the line holds is nobody's business.
private struct Row {
    let container: KeyedDecodingContainer<RowKey>

    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    func fault(_ what: String, remedy: String) -> Fault {
        let names = container.allKeys.map(\.stringValue).sorted()
        let shown = names.prefix(8).map { "'\($0.prefix(40))'" }.joined(separator: ", ")
        return Fault(
            description:
                "\(what); it has \(names.isEmpty ? "nothing" : shown)\(names.count > 8 ? " …" : ""): \(remedy)"
        )
    }

    func has(_ name: String) -> Bool { container.contains(RowKey(name)) }

    func required<Value: Decodable>(_ name: String, as type: Value.Type) throws -> Value {
        guard has(name) else { throw fault("'\(name)' is missing", remedy: remedy(name)) }
        return try container.decode(type, forKey: RowKey(name))
    }

    private func remedy(_ name: String) -> String {
        let names = container.allKeys.map(\.stringValue).sorted()
        let meant = NearestName.first(name, among: names).map { "did you mean '\($0)'? " } ?? ""
        return meant + "problems.fields says under which name it is"
    }

    /// A part that a line may lack, unless the configuration names it.
    func optional<Value: Decodable>(_ usual: String, named: String?, as type: Value.Type) throws -> Value? {
        if let named { return try required(named, as: type) }
        return try container.decodeIfPresent(type, forKey: RowKey(usual))
    }

    /// A text that says something.
    func text(_ name: String) throws -> String {
        let text = try required(name, as: String.self)
        guard !text.isBlank else { throw Fault(description: "the \(name) is blank") }
        return text
    }

    /// An id, which may be a number.
    func identity(_ named: String?) throws -> String? {
        guard let id = try optional("id", named: named, as: Identity.self)?.text else { return nil }
        guard !id.isBlank else { throw Fault(description: "the id is blank") }
        return id
    }

    private struct Identity: Decodable {
        let text: String

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let number = try? container.decode(Int.self) {
                text = String(number)
            } else {
                text = try container.decode(String.self)
            }
        }
    }
}

extension Problem {
    /// The id of a question that has none of its own.
    static func identity(of question: String, in set: String = "question") -> String {
        "\(set)/" + StableHash.hexadecimal(question)
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
