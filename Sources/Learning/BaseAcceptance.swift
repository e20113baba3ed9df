import BuiltInVerifiers
package import Reasoning
import Reinforcement
package import Tokenization
package import Transformers

/// Whether a base model is one that R1-Zero can work with: it must be able to think, and mostly not do it.
package struct BaseAcceptance: Sendable, Codable {
    /// Share of samples that keep the form.
    package let form: Double
    /// Share of samples that keep the form and are right.
    package let right: Double
    /// Share of direct answers that are right.
    package let direct: Double
    /// Share of begun worked thoughts that end in the right answer.
    package let worked: Double
    /// `direct` and `worked` by difficulty.
    package let directByDifficulty: [Int: Double]
    package let workedByDifficulty: [Int: Double]

    /// Highest form, highest direct and lowest worked share of an accepted base.
    package static let limits = (form: 0.40, direct: 0.25, worked: 0.97)

    /// What is wrong with the base, empty when it is accepted.
    package var objections: [String] {
        var objections: [String] = []
        if form > Self.limits.form {
            objections.append("it keeps the form in \(form) of samples, more than \(Self.limits.form)")
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

    /// Measures a base on held-out problems at temperature 1.
    package init(
        _ model: Policy, tokenizer: Tokenizer, books: Books, problems: [Problem], maxNewTokens: Int = 96
    ) throws {
        let random = CounterRandom(seed: 0)
        func sample(_ prompts: [String], _ stream: CounterRandom.Stream, step: Int, allowed: [Int32]? = nil)
            throws
            -> [(text: String, ended: Bool)]
        {
            let ids = try prompts.map { try tokenizer.encode($0) }
            let sampling = Sampling(allowed: allowed, maxNewTokens: maxNewTokens)
            return try model.generate(ids, samples: 1, sampling) {
                random.uniform(stream, step: step, problem: $0, sample: $1, position: $2)
            }.map { completions in
                let completion = completions[0]
                let text = try tokenizer.decode(completion.tokens.filter { $0 != tokenizer.endToken })
                return (text, completion.ended)
            }
        }
        let verifier = try Verifiers.named("number")
        let scorer = Scorer(tags: books.tags, verifier: verifier, rule: .standard)
        func share(_ flags: [Bool]) -> Double {
            Double(flags.filter { $0 }.count) / Double(max(1, flags.count))
        }
        func byDifficulty(_ flags: [Bool]) -> [Int: Double] {
            Dictionary(grouping: zip(problems, flags), by: { $0.0.difficulty }).mapValues {
                share($0.map(\.1))
            }
        }

        let prompts = problems.map { books.template.prompt(for: $0) }
        let free = try sample(prompts, .evaluation, step: 0)
        let rewards = zip(problems, free).map { problem, response in
            scorer.score(response: response.text, finished: response.ended, expected: problem.expected)
        }
        form = share(rewards.map { $0.format > 0 })
        right = share(rewards.map { $0.accuracy > 0 })

        let allowed = "0123456789-".compactMap { tokenizer.id(of: String($0)) } + [tokenizer.endToken]
        let blurts = try sample(prompts, .direct, step: 0, allowed: allowed)
        let blurted = zip(problems, blurts).map { problem, response in
            scorer.score(direct: response.text, finished: response.ended, expected: problem.expected).accuracy
                > 0
        }
        direct = share(blurted)
        directByDifficulty = byDifficulty(blurted)

        let beginnings = try problems.map { try books.workedBeginning(for: $0) }
        let continued = try sample(zip(prompts, beginnings).map { $0 + $1 }, .evaluation, step: 1)
        // A thought that is left open is the form's failure (books have some), not the work's.
        let closed = zip(problems.indices, continued).filter { $0.1.text.contains(books.tags.close) }
        let works = closed.map { index, response in
            let whole = beginnings[index] + response.text
            return scorer.score(response: whole, finished: response.ended, expected: problems[index].expected)
                .accuracy > 0
        }
        worked = share(works)
        workedByDifficulty = Dictionary(grouping: zip(closed, works), by: { problems[$0.0.0].difficulty })
            .mapValues { share($0.map(\.1)) }
    }
}
