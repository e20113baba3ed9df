import Coordination
import Reasoning

/// How a model did on a set of problems.
struct Evaluation: Encodable {
    /// One problem's.
    struct Outcome {
        let difficulty: Int
        let reward: Reward
        /// Of the response.
        let tokens: Int
        /// Tokens of the thought, of a response in the form.
        let thought: Int?
    }

    /// Of all problems, or of those of one difficulty.
    struct Share: Encodable {
        let problems: Int
        /// Share that is right.
        let accuracy: Double
        /// Mean share of the reward for the answer: above `accuracy` where answers are right in part.
        let credit: Double
        /// Share in the form; nil when asked directly.
        @NullEncoded private(set) var form: Double?
        /// Share whose answer the verifier could not judge.
        let undecided: Double
        /// Mean tokens of a thought in the form; nil when there is none.
        @NullEncoded private(set) var thoughtLength: Double?
        /// Mean tokens of a response.
        let tokens: Double

        init(_ outcomes: [Outcome], direct: Bool) {
            func share(_ flag: (Outcome) -> Bool) -> Double {
                Double(outcomes.filter(flag).count) / Double(max(1, outcomes.count))
            }
            problems = outcomes.count
            accuracy = share { $0.reward.verdict == .correct }
            credit =
                outcomes.reduce(0) { $0 + ($1.reward.verdict?.credit ?? 0) } / Double(max(1, outcomes.count))
            form = direct ? nil : share { $0.reward.format > 0 }
            undecided = share { $0.reward.verdict == .undecided }
            let thoughts = outcomes.compactMap(\.thought)
            thoughtLength = thoughts.isEmpty ? nil : Double(thoughts.reduce(0, +)) / Double(thoughts.count)
            tokens = Double(outcomes.reduce(0) { $0 + $1.tokens }) / Double(max(1, outcomes.count))
        }
    }

    struct Level: Encodable {
        let difficulty: Int
        let share: Share

        private enum CodingKeys: String, CodingKey { case difficulty }

        func encode(to encoder: any Encoder) throws {
            try share.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(difficulty, forKey: .difficulty)
        }
    }

    let model: String
    let direct: Bool
    let total: Share
    let byDifficulty: [Level]
    let seconds: Double
    let tokensPerS: Double

    init(model: String, direct: Bool, outcomes: [Outcome], seconds: Double) {
        self.model = model
        self.direct = direct
        self.seconds = seconds
        total = Share(outcomes, direct: direct)
        byDifficulty = Dictionary(grouping: outcomes, by: \.difficulty).sorted { $0.key < $1.key }
            .map { Level(difficulty: $0.key, share: Share($0.value, direct: direct)) }
        tokensPerS = Double(outcomes.reduce(0) { $0 + $1.tokens }) / max(seconds, 1e-9)
    }

    private enum CodingKeys: String, CodingKey { case model, direct, byDifficulty, seconds, tokensPerS }

    func encode(to encoder: any Encoder) throws {
        try total.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(model, forKey: .model)
        try container.encode(direct, forKey: .direct)
        try container.encode(byDifficulty, forKey: .byDifficulty)
        try container.encode(seconds, forKey: .seconds)
        try container.encode(tokensPerS, forKey: .tokensPerS)
    }

    /// Six aligned columns.
    func show() {
        func row(_ cells: [String]) {
            print(cells.map { String(repeating: " ", count: max(0, 11 - $0.count)) + $0 }.joined())
        }
        func row(_ name: String, _ share: Share) {
            row([
                name, "\(share.problems)", share.accuracy.percent, share.form?.percent ?? "-",
                share.thoughtLength?.shown() ?? "-", share.tokens.shown(),
            ])
        }
        row(["difficulty", "problems", "right", "in form", "thought", "response"])
        for level in byDifficulty { row("\(level.difficulty)", level.share) }
        row("all", total)
    }
}
