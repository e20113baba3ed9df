package import StrictJSON

/// The task of a countdown problem: an expression over the given numbers that makes the target.
///
///     {"numbers": [3, 5, 7], "target": 22, "use": "all"}
package struct CountdownGoal: Sendable, Hashable {
    /// How many of the numbers an expression must use.
    package enum Use: String, Sendable, Hashable, CaseIterable {
        /// Every number exactly once.
        case all
        /// Every number at most once.
        case any
    }

    package let numbers: [Int]
    package let target: Int
    package let use: Use

    /// The most numbers of a goal, and the largest absolute value of a number and of the target.
    package static let countLimit = 32
    package static let sizeLimit = 1_000_000_000

    /// Throws `SettingError` for no numbers, more than 32 numbers, or numbers beyond ±1,000,000,000.
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

    /// - Throws: `JSONError`, `SettingError`.
    package init(_ field: JSONField) throws {
        self = try field.object { object in
            try CountdownGoal(
                numbers: object.required("numbers").elements().map { try $0.wholeNumber() },
                target: object.required("target").wholeNumber(),
                use: object.optional("use")?.choice(Use.self) ?? .all)
        }
    }

    /// Reads a goal from its JSON text; throws `SettingError` or `JSONError`.
    package static func read(_ text: String) throws -> CountdownGoal {
        guard text.utf8.count <= 4096 else {
            throw SettingError(
                setting: "expected", value: "\(text.utf8.count) bytes", remedy: "at most 4096 are read")
        }
        return try CountdownGoal(JSONField(parsing: text.utf8))
    }

    /// The JSON text, identical for equal goals.
    package var text: String {
        let list = numbers.map(String.init).joined(separator: ",")
        return #"{"numbers":[\#(list)],"target":\#(target),"use":"\#(use.rawValue)"}"#
    }
}

extension JSONField {
    /// The value as an integer; `6.0`, as many data sets write it, is 6.
    func wholeNumber() throws(JSONError) -> Int {
        if case .number(let text) = value, let number = Double(text).flatMap({ Int(exactly: $0) }) {
            return number
        }
        return try integer()
    }
}

extension CountdownGoal {
    /// The problem that asks for this goal; its difficulty is the count of numbers.
    package var problem: Problem {
        let list = numbers.map(String.init).joined(separator: ", ")
        let once = use == .all ? "each exactly once" : "each at most once"
        let question = "Make \(target) of the numbers \(list), \(once), with + - * / and parentheses."
        return Problem(
            id: Problem.identity(of: question, in: "countdown"), question: question, expected: text,
            difficulty: numbers.count)
    }
}
