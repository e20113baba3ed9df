package import Reinforcement

/// The figures of one policy on held-out problems: a row of `evaluations`.
package struct EvaluationRecord: Sendable, Hashable, Codable {
    package let version: PolicyVersion
    /// One of `Purpose.measuring`.
    package let purpose: Purpose
    /// Time of the evaluation, in seconds since 1970.
    package let time: Double
    package let problems: Int
    package let correct: Int
    /// Number of responses in the form.
    package let formatted: Int
    /// Mean length of a thought, in characters.
    package let thoughtLength: Double
    package let details: Details

    package init(
        version: PolicyVersion, purpose: Purpose, time: Double, problems: Int, correct: Int, formatted: Int,
        thoughtLength: Double, details: Details = Details()
    ) {
        self.version = version
        self.purpose = purpose
        self.time = time
        self.problems = problems
        self.correct = correct
        self.formatted = formatted
        self.thoughtLength = thoughtLength
        self.details = details
    }

    /// Share of right answers, 0 to 1.
    package var accuracy: Double { problems > 0 ? Double(correct) / Double(problems) : 0 }

    /// Share of responses in the form, 0 to 1.
    package var format: Double { problems > 0 ? Double(formatted) / Double(problems) : 0 }

    /// Figures without a column of their own.
    package struct Details: Sendable, Hashable, Codable {
        /// Mean share of the reward for the answer, 0 to 1.
        package var credit = 0.0
        /// Number of responses whose answer the verifier could not judge.
        package var undecided = 0
        /// Number of response tokens.
        package var tokens = 0
        package var byDifficulty: [Int: Figures] = [:]

        package init() {}
    }

    /// Figures for the problems of one difficulty.
    package struct Figures: Sendable, Hashable, Codable {
        /// Shares of right answers and of responses in the form, 0 to 1.
        package var accuracy = 0.0
        package var format = 0.0
        /// Mean length of a thought, in characters.
        package var thoughtLength = 0.0

        package init() {}
    }
}

extension EvaluationRecord.Details {
    private enum CodingKeys: CodingKey { case credit, undecided, tokens, byDifficulty }

    package init(from decoder: any Decoder) throws {
        // Older runs store one flat object of numbers.
        if let flat = try? decoder.singleValueContainer().decode([String: Double].self) {
            self.init(flat)
            return
        }
        self.init()
        let container = try decoder.container(keyedBy: CodingKeys.self)
        credit = try container.decode(Double.self, forKey: .credit)
        undecided = try container.decode(Int.self, forKey: .undecided)
        tokens = try container.decode(Int.self, forKey: .tokens)
        byDifficulty = try container.decode([Int: EvaluationRecord.Figures].self, forKey: .byDifficulty)
    }

    /// Reads `{"accuracy/2 terms": 0.5, "credit": 0.5, …}`.
    private init(_ flat: [String: Double]) {
        self.init()
        credit = flat["credit"] ?? 0
        undecided = Int(flat["undecided"] ?? 0)
        tokens = Int(flat["tokens"] ?? 0)
        let difficulties = flat.keys.compactMap { $0.split(separator: "/").last?.split(separator: " ").first }
        for difficulty in Set(difficulties.compactMap { Int($0) }) {
            var figures = EvaluationRecord.Figures()
            figures.accuracy = flat["accuracy/\(difficulty) terms"] ?? 0
            figures.format = flat["format/\(difficulty) terms"] ?? 0
            figures.thoughtLength = flat["thought_length/\(difficulty) terms"] ?? 0
            byDifficulty[difficulty] = figures
        }
    }
}
