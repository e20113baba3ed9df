import Foundation
package import StrictJSON

/// An expected answer as JSON spells it.
///
///     "42"   42   true   {"numbers": [3, 5], "target": 8}     one answer
///     ["4", "four"]                                           each text is accepted
///     [1, 2, 3]                                               one answer, which is a list
///
/// A list with a text in it holds accepted answers. Any other list is one answer: a list, in its order.
package struct ExpectedAnswer: Sendable, Hashable {
    /// The accepted answers as one text, as `Problem.expected` holds them.
    package let text: String

    package init(_ field: JSONField) throws {
        let answers = try Self.answers(field)
        if answers.contains(where: { $0.contains(AcceptedAnswers.separator) }) {
            throw field.unusable("contains the control character U+001E; remove it")
        }
        text = AcceptedAnswers(answers).text
    }

    private static func answers(_ field: JSONField) throws -> [String] {
        switch field.value {
        case .array(let values):
            guard !values.isEmpty else {
                throw field.unusable("is an empty list; give at least one accepted answer")
            }
            let hasText = values.contains { if case .string = $0 { true } else { false } }
            if hasText { return try field.elements().map(scalar) }
            let list = try list(field)
            return ["[\(list)]", "(\(list))"]
        // Programs print it in lower case, Python with a capital letter.
        case .bool(let flag): return flag ? ["true", "True"] : ["false", "False"]
        case .object:
            do {
                return [try CountdownGoal(field).text]
            } catch {
                throw field.unusable(
                    "is an object and no countdown goal; name the field in it, as in problems.fields.answer: "
                        + "'\(field.path).\((try? field.members().first?.key) ?? "answer")' (\(error))")
            }
        default: return [try scalar(field)]
        }
    }

    private static func list(_ field: JSONField) throws -> String {
        try field.elements().map {
            if case .array = $0.value { "[\(try list($0))]" } else { try scalar($0) }
        }.joined(separator: ", ")
    }

    private static func scalar(_ field: JSONField) throws -> String {
        switch field.value {
        case .string(let text): text
        case .integer(let number): String(number)
        // An integer beyond Int keeps all its digits; Decimal has 38.
        case .number(let text) where !text.utf8.contains(where: Set(".eE".utf8).contains): text
        // Equal numbers get one spelling.
        case .number(let text): Decimal(string: text).map { "\($0)" } ?? text
        case .bool(let flag): String(flag)
        case .null, .array, .object:
            throw field.error(
                .wrongType, wanted: "a text, a number, true or false, a list of these, or a countdown goal")
        }
    }
}
