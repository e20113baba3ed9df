import Foundation
import Primitives
package import StrictJSON

/// One line of a problems file, read as its format says.
///
/// Members that the format does not name are ignored.
struct ProblemLine {
    private var object: ObjectReader

    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    /// The problem of a line.
    ///
    /// - Throws: what is wrong with the line, in one sentence.
    static func problem(
        _ line: some Collection<UInt8>, _ format: ProblemFormat, _ fields: ProblemFields
    ) throws -> Problem {
        var line = ProblemLine(object: try ObjectReader(JSONField(parsing: line)))
        return switch format {
        case .fields: try line.fields(fields)
        case .gsm8k: try line.gsm8k()
        case .countdown: try line.countdown()
        }
    }

    private mutating func fields(_ fields: ProblemFields) throws -> Problem {
        let question = try text(fields.question ?? "question")
        let answer: String
        if let name = fields.answer {
            answer = name
        } else {
            let there = ["expected", "answer"].filter(object.has)
            guard there.count == 1, let name = there.first else {
                throw fault(
                    there.isEmpty
                        ? "needs either 'expected' or 'answer'" : "has 2 answers, 'expected' and 'answer'",
                    remedy: "set problems.fields.answer to the one to use")
            }
            answer = name
        }
        return Problem(
            id: try identity(fields.id) ?? Problem.identity(of: question), question: question,
            expected: try ExpectedAnswer(required(answer)).text,
            difficulty: try optional("difficulty", named: fields.difficulty)?.integer() ?? 0,
            metadata: try object.optional("metadata").map(ProblemMetadata.init)?.text,
            verifier: try optional("verifier", named: fields.verifier)?.string())
    }

    private mutating func gsm8k() throws -> Problem {
        let question = try text("question")
        let answer = try text("answer")
        let parts = answer.splitBytes(on: "####")
        guard parts.count > 1, let gold = parts.last?.trimmed, !gold.isEmpty else {
            throw fault("'answer' has no '#### gold'", remedy: "set problems.format if it is another format")
        }
        return Problem(
            id: Problem.identity(of: question, in: "gsm8k"), question: question,
            expected: gold.replacingBytes(",", with: ""), difficulty: answer.splitBytes(on: "<<").count - 1)
    }

    private mutating func countdown() throws -> Problem {
        let goal = try CountdownGoal(
            numbers: required("nums").elements().map { try $0.wholeNumber() },
            target: required("target").wholeNumber(),
            use: object.optional("use")?.choice(CountdownGoal.Use.self) ?? .all)
        return goal.problem
    }

    // MARK: - Members

    private func fault(_ what: String, remedy: String) -> Fault {
        let names = object.keys.sorted()
        let shown = names.prefix(8).map { "'\($0.prefix(40))'" }.joined(separator: ", ")
        return Fault(
            description:
                "\(what); it has \(names.isEmpty ? "nothing" : shown)\(names.count > 8 ? " …" : ""): \(remedy)"
        )
    }

    private mutating func required(_ name: String) throws -> JSONField {
        guard object.has(name) else {
            let meant =
                NearestName.first(name, among: object.keys.sorted()).map { "did you mean '\($0)'? " } ?? ""
            throw fault(
                "'\(name)' is missing", remedy: meant + "problems.fields says under which name it is")
        }
        return try object.required(name)
    }

    /// A member that a line may lack, unless the configuration names it.
    private mutating func optional(_ usual: String, named: String?) throws -> JSONField? {
        if let named { return try required(named) }
        return object.optional(usual)
    }

    /// A text that is not blank.
    private mutating func text(_ name: String) throws -> String {
        let text = try required(name).string()
        guard !text.isBlank else { throw Fault(description: "the \(name) is blank") }
        return text
    }

    /// An id, which may be a number.
    private mutating func identity(_ named: String?) throws -> String? {
        guard let field = try optional("id", named: named) else { return nil }
        if case .integer(let number) = field.value { return String(number) }
        let id = try field.string()
        guard !id.isBlank else { throw Fault(description: "the id is blank") }
        return id
    }
}

extension Problem {
    /// The id of a question that has none of its own.
    static func identity(of question: String, in set: String = "question") -> String {
        "\(set)/" + StableHash.hexadecimal(question)
    }
}

/// An expected answer as JSON spells it: a text, a number, or the object of a countdown.
package struct ExpectedAnswer: Sendable, Hashable {
    /// As a verifier reads it.
    package let text: String

    package init(_ field: JSONField) throws {
        text =
            switch field.value {
            case .string(let text): text
            case .integer(let number): String(number)
            // An integer beyond Int keeps all its digits; Decimal has 38.
            case .number(let text) where !text.utf8.contains(where: Set(".eE".utf8).contains): text
            // Equal numbers get one spelling.
            case .number(let text): Decimal(string: text).map { "\($0)" } ?? text
            case .object: try CountdownGoal(field).text
            case .null, .bool, .array:
                throw field.error(.wrongType, wanted: "a text, a number or a countdown goal")
            }
    }
}

/// What an external verifier is told about a problem besides the question: a JSON object of any content.
package struct ProblemMetadata: Sendable, Hashable {
    /// One line, with sorted keys.
    package let text: String

    package init(_ field: JSONField) throws(JSONError) {
        _ = try field.members()
        text = field.value.text(.sorted)
        guard text.utf8.count <= Problem.textLimit else {
            throw field.unusable("has \(text.utf8.count) bytes; at most \(Problem.textLimit) are carried")
        }
    }
}
