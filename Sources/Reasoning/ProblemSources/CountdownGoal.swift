import Foundation

/// What a countdown problem asks for: an expression that makes the target of the given numbers.
///
///     {"numbers": [3, 5, 7], "target": 22, "use": "all"}
package struct CountdownGoal: Sendable, Hashable, Codable {
    /// How many of the numbers an expression must use.
    package enum Use: String, Sendable, Hashable, Codable, CaseIterable {
        /// Every number exactly once.
        case all
        /// Every number at most once.
        case any
    }

    package let numbers: [Int]
    package let target: Int
    package let use: Use

    /// Numbers a goal can have, and how far from 0 they and the target can be.
    package static let countLimit = 32
    package static let sizeLimit = 1_000_000_000

    /// Throws `SettingError` for no number, more than 32, or numbers beyond ±1,000,000,000.
    package init(numbers: [Int], target: Int, use: Use = .all) throws(SettingError) {
        guard (1...Self.countLimit).contains(numbers.count) else {
            throw SettingError(
                setting: "numbers", value: "\(numbers.count) of them",
                remedy: "there must be 1 to \(Self.countLimit)")
        }
        for number in numbers + [target] where !(-Self.sizeLimit...Self.sizeLimit).contains(number) {
            throw SettingError(
                setting: "numbers", value: "\(number)", remedy: "it must lie within ±\(Self.sizeLimit)")
        }
        self.numbers = numbers
        self.target = target
        self.use = use
    }

    private struct AnyKey: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    package init(from decoder: any Decoder) throws {
        let names = try decoder.container(keyedBy: AnyKey.self).allKeys.map(\.stringValue).sorted()
        if let unknown = names.first(where: { CodingKeys(stringValue: $0) == nil }) {
            throw SettingError(setting: unknown, value: "…", remedy: "known are numbers, target and use")
        }
        let container = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            numbers: container.decode([Int].self, forKey: .numbers),
            target: container.decode(Int.self, forKey: .target),
            use: container.decodeIfPresent(Use.self, forKey: .use) ?? .all)
    }

    /// The goal in its written form; throws what is wrong with it.
    package static func read(_ text: String) throws -> CountdownGoal {
        guard text.utf8.count <= 4096 else {
            throw SettingError(
                setting: "expected", value: "\(text.utf8.count) bytes", remedy: "at most 4096 are read")
        }
        return try JSONDecoder().decode(CountdownGoal.self, from: Data(text.utf8))
    }

    /// The written form, the same for equal goals.
    package var text: String {
        let list = numbers.map(String.init).joined(separator: ",")
        return #"{"numbers":[\#(list)],"target":\#(target),"use":"\#(use.rawValue)"}"#
    }
}

extension CountdownGoal {
    /// The goal as a question, as hard as it has numbers.
    package var problem: Problem {
        let list = numbers.map(String.init).joined(separator: ", ")
        let once = use == .all ? "each exactly once" : "each at most once"
        let question = "Make \(target) of the numbers \(list), \(once), with + - * / and parentheses."
        return Problem(
            id: Problem.identity(of: question, in: "countdown"), question: question, expected: text,
            difficulty: numbers.count)
    }
}
