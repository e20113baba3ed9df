package import Reinforcement
import Torch

/// Samples the responses to the prompts of one round, and records which policy sampled which tokens.
///
/// A token's random number is a function of the seed, the round, the problem's index in it, the sample and
/// the position, so the traces do not depend on the batch.
///
///     let rollout = Rollout(round, seed: 7, prompts: [(problem: 0, tokens: ids)], samples: 8, sampling)
///     let traces = try rollout.finished(by: generator)
package struct Rollout: Sendable {
    private let round: RoundID
    private let random: CounterRandom
    private let problems: [Int]
    private var generation: Generation
    /// By row: the policies that sampled its tokens.
    private var segments: [[Segment]]

    /// - Parameters:
    ///   - prompts: token ids, each with its problem's index in the round.
    ///   - samples: responses per prompt.
    ///   - slots: the maximum number of rows decoded at a time; nil for the fastest number.
    package init(
        _ round: RoundID, seed: UInt64, prompts: [(problem: Int, tokens: [Int32])], samples: Int,
        _ sampling: Sampling, slots: Int? = nil
    ) {
        self.round = round
        random = CounterRandom(seed: seed)
        problems = prompts.map(\.problem)
        generation = Generation(prompts.map(\.tokens), samples: samples, sampling, slots: slots)
        segments = Array(repeating: [], count: generation.completions.count)
    }

    /// Continues with one policy until every response is finished or the rollout is interrupted; another
    /// policy may then take over.
    ///
    /// - Parameter isInterrupted: asked before each token but the first.
    /// - Returns: whether every response is finished.
    /// - Throws: `ModelError` when a prompt and its response exceed the model's positions; `TorchError`.
    package mutating func advance(
        with generator: Generator, of version: PolicyVersion, isInterrupted: () -> Bool = { false }
    ) throws -> Bool {
        let before = generation.completions.map(\.tokens.count)
        let (round, random, problems) = (round, random, problems)
        let isDone = try withoutGradients {
            try generator.advance(&generation, isInterrupted: isInterrupted) { prompt, sample, position in
                random.uniform(
                    round.purpose.stream, step: round.step, problem: problems[prompt], sample: sample,
                    position: position)
            }
        }
        for (row, completion) in generation.completions.enumerated()
        where completion.tokens.count > before[row] {
            let earlier = segments[row].last?.version == version ? segments[row].removeLast().tokens : 0
            segments[row].append(
                .sampled(version, tokens: earlier + completion.tokens.count - before[row]))
        }
        return isDone
    }

    /// Indices of the prompts whose samples are all finished.
    package var donePrompts: [Int] { generation.donePrompts.sorted() }

    /// The traces of the finished prompts, in the order of (prompt, sample).
    package var traces: [Trace] {
        donePrompts.flatMap { prompt in
            (0..<generation.samples).map { sample in
                let row = prompt * generation.samples + sample
                let completion = generation.completions[row]
                return Trace(
                    id: SampleID(round: round, problem: problems[prompt], sample: sample),
                    tokens: completion.tokens,
                    // Rounding may put the log-probability of a certain token slightly above 0.
                    logProbabilities: completion.logProbabilities.map { min($0, 0) },
                    segments: segments[row], finish: completion.ended ? .end : .length)
            }
        }
    }

    /// All traces; one policy samples the rest of them.
    package consuming func finished(by generator: Generator, of version: PolicyVersion = PolicyVersion(0))
        throws -> [Trace]
    {
        _ = try advance(with: generator, of: version)
        return traces
    }
}
