import Foundation
import Primitives
package import StrictJSON

/// One line of a problems file, read as its format says.
///
/// Members that the format does not name are ignored.
struct ProblemLine {
    private let root: JSONField
    /// Whether the question is one of several messages, and earlier ones are left out.
    private var hasContext = false

    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    private init(_ line: some Collection<UInt8>) throws(JSONError) {
        root = try JSONField(parsing: line)
        _ = try root.members()
    }

    /// The problem of a line, and whether messages before its question are left out.
    ///
    /// - Throws: what is wrong with the line, in one sentence.
    static func problem(
        _ line: some Collection<UInt8>, _ format: ProblemFormat, _ fields: ProblemFields
    ) throws -> (problem: Problem, hasContext: Bool) {
        var line = try ProblemLine(line)
        let problem =
            switch format {
            case .fields: try line.fields(fields)
            case .gsm8k: try line.gsm8k()
            case .countdown: try line.countdown()
            }
        return (problem, line.hasContext)
    }

    private mutating func fields(_ fields: ProblemFields) throws -> Problem {
        let question = try question(fields.question ?? "question")
        let answer: String
        if let name = fields.answer {
            answer = name
        } else {
            let there = ["expected", "answer"].filter { root[$0] != nil }
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
            difficulty: try difficulty(fields.difficulty),
            metadata: try optional("metadata", named: nil).map(ProblemMetadata.init)?.text,
            verifier: try optional("verifier", named: fields.verifier)?.string())
    }

    private mutating func gsm8k() throws -> Problem {
        let question = try question("question")
        let answer = try required("answer").string()
        let parts = answer.splitBytes(on: "####")
        guard parts.count > 1, let gold = parts.last?.trimmed, !gold.isEmpty else {
            throw fault("'answer' has no '#### gold'", remedy: "set problems.format if it is another format")
        }
        return Problem(
            id: Problem.identity(of: question, in: "gsm8k"), question: question,
            expected: gold.replacingBytes(",", with: ""), difficulty: answer.splitBytes(on: "<<").count - 1)
    }

    private func countdown() throws -> Problem {
        let goal = try CountdownGoal(
            numbers: required("nums").elements().map { try $0.wholeNumber() },
            target: required("target").wholeNumber(),
            use: optional("use", named: nil)?.choice(CountdownGoal.Use.self) ?? .all)
        return goal.problem
    }

    // MARK: - Members

    private func fault(_ what: String, in field: JSONField? = nil, remedy: String) -> Fault {
        let field = field ?? root
        let names = (try? field.members())?.map(\.key).sorted() ?? []
        let shown = names.prefix(8).map { "'\($0.prefix(40))'" }.joined(separator: ", ")
        return Fault(
            description:
                "\(what); \(field.path.isEmpty ? "it" : "'\(field.path)'") has "
                + "\(names.isEmpty ? "nothing" : shown)\(names.count > 8 ? " …" : ""): \(remedy)"
        )
    }

    /// The member with this name, or below it: `reward_model.ground_truth`, `messages.0.content`.
    private func required(_ name: String) throws -> JSONField {
        if let field = root[name] { return field }
        var field = root
        for key in name.split(separator: ".", omittingEmptySubsequences: false).map(String.init) {
            guard let member = field[key] else {
                let names = (try? field.members())?.map(\.key).sorted() ?? []
                let meant = NearestName.first(key, among: names).map { "did you mean '\($0)'? " } ?? ""
                throw fault(
                    "'\(name)' is missing", in: field,
                    remedy: meant + "problems.fields says under which name it is")
            }
            field = member
        }
        return field
    }

    /// A member that a line may lack, unless the configuration names it.
    private func optional(_ usual: String, named: String?) throws -> JSONField? {
        if let named { return try required(named) }
        return root[usual].flatMap { $0.value == .null ? nil : $0 }
    }

    /// A text that is not blank, or the last question in a list of chat messages.
    private mutating func question(_ name: String) throws -> String {
        let field = try required(name)
        let question: String
        switch field.value {
        case .string(let text): question = text
        case .array:
            let chat = try ChatQuestion(field)
            (question, hasContext) = (chat.text, chat.hasContext)
        default:
            throw fault(
                "\(field.error(.wrongType, wanted: "a text or a list of chat messages"))",
                remedy: "problems.fields.question names the field that is one")
        }
        guard !question.isBlank else { throw Fault(description: "the \(name) is blank; write the question") }
        return question
    }

    /// A whole number, also as text.
    private func difficulty(_ named: String?) throws -> Int {
        guard let field = try optional("difficulty", named: named) else { return 0 }
        switch field.value {
        case .integer(let number): return number
        case .number(let text), .string(let text):
            if let number = Double(text).flatMap({ Int(exactly: $0) }) { return number }
            fallthrough
        default:
            throw fault(
                "\(field.error(.wrongType, wanted: "a whole number"))",
                remedy: "name another field in problems.fields.difficulty, or rename this one")
        }
    }

    /// An id, which may be a number.
    private func identity(_ named: String?) throws -> String? {
        guard let field = try optional("id", named: named) else { return nil }
        if case .integer(let number) = field.value { return String(number) }
        guard case .string(let id) = field.value else {
            throw fault(
                "\(field.error(.wrongType, wanted: "a text or a whole number"))",
                remedy: "problems.fields.id names the field that is one")
        }
        guard !id.isBlank else { throw Fault(description: "the id is blank; write one, or leave it out") }
        return id
    }
}

extension Problem {
    /// The id of a question that has none of its own.
    static func identity(of question: String, in set: String = "question") -> String {
        "\(set)/" + StableHash.hexadecimal(question)
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
