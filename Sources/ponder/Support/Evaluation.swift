import Episodes
import Primitives

/// How a model did on a set of problems.
struct Evaluation: Encodable {
    /// Of all problems, or of those of one difficulty.
    struct Share: Encodable {
        let problems: Int
        /// Share that is right.
        let accuracy: Double
        /// Share that is right with the likeliest token at each position.
        let greedyAccuracy: Double
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

        init(_ figures: Measurement.Figures, greedy: Measurement.Figures?, direct: Bool) {
            problems = figures.problems
            accuracy = figures.accuracy
            greedyAccuracy = greedy?.accuracy ?? 0
            credit = figures.credit
            form = direct ? nil : figures.format
            undecided = Double(figures.undecided) / Double(max(1, figures.problems))
            thoughtLength = figures.thoughtLength
            tokens = Double(figures.tokens) / Double(max(1, figures.problems))
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

    /// - Parameters:
    ///   - greedy: the same problems with the likeliest token at each position.
    ///   - tokens: sampled in `seconds`.
    init(
        model: String, direct: Bool, _ measurement: Measurement, greedy: Measurement, tokens: Int,
        seconds: Double
    ) {
        self.model = model
        self.direct = direct
        self.seconds = seconds
        total = Share(measurement.all, greedy: greedy.all, direct: direct)
        byDifficulty = measurement.byDifficulty.sorted { $0.key < $1.key }
            .map { level, figures in
                Level(
                    difficulty: level,
                    share: Share(figures, greedy: greedy.byDifficulty[level], direct: direct))
            }
        tokensPerS = Double(tokens) / max(seconds, 1e-9)
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

    /// Seven aligned columns.
    func show() {
        func row(_ cells: [String]) {
            print(cells.map { String(repeating: " ", count: max(0, 11 - $0.count)) + $0 }.joined())
        }
        func row(_ name: String, _ share: Share) {
            row([
                name, "\(share.problems)", share.accuracy.percent, share.greedyAccuracy.percent,
                share.form?.percent ?? "-",
                share.thoughtLength?.shown() ?? "-", share.tokens.shown(),
            ])
        }
        row(["difficulty", "problems", "right", "greedy", "in form", "thought", "response"])
        for level in byDifficulty { row("\(level.difficulty)", level.share) }
        row("all", total)
    }
}
