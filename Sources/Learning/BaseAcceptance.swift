import BuiltInVerifiers
import Episodes
package import Reasoning
import Reinforcement
package import Tokenization
package import Transformers

/// Whether R1-Zero can work with a base model: it must be able to think, but mostly not do it.
package struct BaseAcceptance: Sendable, Codable {
    /// Share of samples that keep the form.
    package let form: Double
    /// Share of samples that keep the form and are right.
    package let right: Double
    /// The same of responses with the likeliest token at each position.
    package let greedy: Double
    /// Share of direct answers that are right.
    package let direct: Double
    /// Share of started worked thoughts that end in the right answer.
    package let worked: Double
    /// `direct` and `worked` by difficulty.
    package let directByDifficulty: [Int: Double]
    package let workedByDifficulty: [Int: Double]

    /// Highest form, highest greedily right, highest direct and lowest worked share of an accepted base.
    package static let limits = (form: 0.12, greedy: 0.05, direct: 0.15, worked: 0.97)

    /// What is wrong with the base; empty when it is accepted.
    package var objections: [String] {
        var objections: [String] = []
        if form > Self.limits.form {
            objections.append("it keeps the form in \(form) of samples, more than \(Self.limits.form)")
        }
        if greedy > Self.limits.greedy {
            objections.append("greedily it is right in \(greedy), more than \(Self.limits.greedy)")
        }
        if direct > Self.limits.direct {
            objections.append("asked directly it is right in \(direct), more than \(Self.limits.direct)")
        }
        if worked < Self.limits.worked {
            objections.append(
                "a worked thought is right in \(worked), less than \(Self.limits.worked); read longer")
        }
        return objections
    }

    /// Measures a base on held-out problems, at temperature 1 except for `greedy`.
    package init(
        _ model: Policy, tokenizer: Tokenizer, books: Books, problems: [Problem], maxNewTokens: Int = 96
    ) throws {
        let generator = try Generator(model)
        let scorer = Scorer(tags: books.tags, verifier: try Verifiers.named("number"), rule: .standard)
        func scored(
            _ round: RoundID, beginnings: [String]? = nil, allowed: [Int32]? = nil, temperature: Double = 1
        ) throws -> [(problem: Problem, scored: ScoredTrace)] {
            let beginnings = beginnings ?? problems.map { _ in "" }
            let prompts = try zip(problems, beginnings).enumerated().map { place, asked in
                let text = books.template.prompt(for: asked.0) + asked.1
                return (problem: place, tokens: try tokenizer.encode(text))
            }
            let sampling = Sampling(
                temperature: temperature, allowed: allowed, maxNewTokens: maxNewTokens)
            let traces = try Rollout(round, seed: 0, prompts: prompts, samples: 1, sampling)
                .finished(by: generator)
            return try zip(traces, zip(problems, beginnings)).map { trace, asked in
                let text = try tokenizer.decode(trace.tokens.filter { $0 != tokenizer.endToken })
                let submission = TraceSubmission(
                    trace, response: asked.1 + text, isDirect: round.purpose == .direct, scorer)
                return (asked.0, submission.scored(of: asked.0))
            }
        }

        let free = Measurement(try scored(RoundID(step: 0, purpose: .evaluation)))
        form = free.all.format
        right = free.all.accuracy
        greedy = Measurement(try scored(RoundID(step: 0, purpose: .greedy), temperature: 0)).all.accuracy

        let allowed = "0123456789-".compactMap { tokenizer.id(of: String($0)) } + [tokenizer.endToken]
        let blurted = Measurement(try scored(RoundID(step: 0, purpose: .direct), allowed: allowed))
        direct = blurted.all.accuracy
        directByDifficulty = blurted.byDifficulty.mapValues(\.accuracy)

        let begun = try scored(
            RoundID(step: 1, purpose: .evaluation),
            beginnings: problems.map { try books.workedBeginning(for: $0) })
        // A thought that is left open (books have some) is a failure of the form, not of the work.
        let works = Measurement(begun.filter { $0.scored.response.contains(books.tags.close) })
        worked = works.all.accuracy
        workedByDifficulty = works.byDifficulty.mapValues(\.accuracy)
    }
}
