package import Reinforcement
package import Torch

/// The rows of one micro-batch as a loss reads them.
///
/// Their sampled tokens lie end to end, row after row; row r is at places offsets[r]..<offsets[r + 1] of every tensor
/// here. Tokens that were given to the policy are not here: they condition the sampled tokens and have no loss.
package struct TokenRows {
    /// log π_θ of each sampled token, [tokens], with a gradient.
    package let logProbabilities: Tensor
    /// log π_old, the policy as it was before this step's update, [tokens], without a gradient.
    package let old: Tensor
    /// The log-probability of each token when it was sampled, [tokens].
    package let behaviour: Tensor
    /// The advantage of each token's row, [tokens].
    package let advantage: Tensor
    /// Where each row begins, followed by the number of tokens: one entry more than there are rows.
    package let offsets: [Int]
    /// Sampled tokens of the whole step, including its groups without variance.
    package let tokenCount: Int

    package init(
        _ rows: some Collection<TrainingRow>, logProbabilities: Tensor, old: Tensor, tokenCount: Int
    ) throws {
        let behaviour = rows.flatMap(\.behaviour)
        let advantage = rows.flatMap { [Float](repeating: $0.advantage, count: $0.behaviour.count) }
        self.logProbabilities = logProbabilities
        self.old = old
        self.behaviour = try Tensor(behaviour, shape: [behaviour.count])
        self.advantage = try Tensor(advantage, shape: [advantage.count])
        offsets = rows.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.behaviour.count) }
        self.tokenCount = tokenCount
    }
}

/// What a step minimises.
///
/// A step is cut into micro-batches of whole rows, and its loss is the sum of theirs. So an objective returns
/// its rows' share of the loss of the whole step, and must not depend on which rows share a micro-batch.
///
/// To add one: a file with the type, its paper and its formula; a value of the setting `learning.objective`; golden
/// numbers from PyTorch.
package protocol Objective: Sendable {
    /// The share of the loss that these rows have, a scalar with a gradient through `logProbabilities` alone.
    func loss(_ rows: TokenRows) throws -> Tensor
}
