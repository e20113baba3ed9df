import Primitives
package import Reinforcement
import Settings
import Torch
package import Transformers

/// A step's loss and gradients from several threads that do not wait for each other.
///
/// Threads that share the work inside each operation meet thousands of times a step, and the slowest holds up the
/// others. So each thread takes whole rows and a copy of the model, which shares the model's values and has gradients
/// of its own. At the end these are added, always in the same order. The bits depend on the number of threads and on
/// nothing else.
package struct ShardedStep {
    private let step: PolicyGradient
    /// One model for each shard; the first is the model itself.
    private let models: [Policy]
    private let threads: Int

    /// Largest memory for copies of the gradients, bytes.
    ///
    /// If one copy for each thread does not fit, there are fewer shards of several threads each.
    private static let room = 2 << 30

    /// - Parameter threads: threads of all shards together.
    /// - Throws: `TorchError`.
    package init(_ step: PolicyGradient, _ model: Policy, threads: Int) throws {
        let bytes = model.parameters.reduce(0) { $0 + $1.leaf.count * $1.leaf.dtype.size }
        let fits = 1 + Self.room / max(1, bytes)
        let shards = model.embedding.device == .cpu ? max(1, min(threads, fits)) : 1
        // All shards together hold the activations of one micro-batch.
        var settings = step.settings
        settings.microBatchTokens = max(1, settings.microBatchTokens / shards)
        self.step = PolicyGradient(settings, temperature: step.temperature)
        self.threads = threads
        models =
            try [model]
            + (1..<shards).map { _ in
                try Policy(model.configuration, ParameterSource.sharing(model.parameters))
            }
    }

    /// Adds the step's gradients to the model's leaves, as `PolicyGradient.backward` does.
    ///
    /// - Throws: `TorchError`; the model's gradients are then incomplete.
    package func backward(_ batch: TrainingBatch) throws -> PolicyGradient.Report {
        let parts = Self.deal(batch.rows, to: models.count)
        let each = max(1, threads / models.count)
        // A shard writes to its own model alone; the values that all share are only read until every shard has ended.
        nonisolated(unsafe) let models = models
        let step = step
        let reports = Parallel.map(parts.count, threads: parts.count) { shard in
            Result {
                // Every thread has its own setting for the number of threads.
                try TorchLibrary.setThreads(each)
                return try step.backward(
                    TrainingBatch(rows: parts[shard], tokenCount: batch.tokenCount), through: models[shard])
            }
        }
        try TorchLibrary.setThreads(threads)
        try gather()
        var (loss, mismatch, entropy) = (0.0, 0.0, 0.0)
        let all = max(1, Self.sampledCount(batch.rows))
        for (part, report) in zip(parts, reports) {
            let report = try report.get()
            let share = Double(Self.sampledCount(part)) / Double(all)
            loss += report.loss
            mismatch += report.mismatch * share
            entropy += report.entropy * share
        }
        return .init(loss: loss, mismatch: mismatch, entropy: entropy)
    }

    /// Adds the copies' gradients to the model's, in order, and clears them.
    private func gather() throws {
        for copy in models.dropFirst() {
            for (own, other) in zip(models[0].parameters, copy.parameters) {
                // The backward of a leaf reaches the leaf itself: this adds to its gradient.
                if let gradient = try other.leaf.gradient() { try own.leaf.backward(from: gradient) }
                try other.leaf.clearGradient()
            }
        }
    }

    /// Deals rows into parts of nearly equal numbers of tokens, each in the step's order.
    ///
    /// Rows that share a prompt stay together unless there are too few prompts.
    package static func deal(_ rows: [TrainingRow], to shards: Int) -> [[TrainingRow]] {
        guard shards > 1 else { return [rows] }
        var units: [Range<Int>] = []
        for index in rows.indices {
            if let last = units.last, rows[last.lowerBound].prompt == rows[index].prompt {
                units[units.count - 1] = last.lowerBound..<index + 1
            } else {
                units.append(index..<index + 1)
            }
        }
        if units.count < 2 * shards { units = rows.indices.map { $0..<$0 + 1 } }
        let costs = units.map {
            rows[$0.lowerBound].prompt.count + rows[$0].reduce(0) { $0 + $1.response.count }
        }
        var loads = [Int](repeating: 0, count: shards)
        var members = [[Range<Int>]](repeating: [], count: shards)
        // The largest unit first, each to the shard with the fewest tokens; ties go by place, so that the result is
        // always the same.
        for unit in units.indices.sorted(by: { (costs[$1], $0) < (costs[$0], $1) }) {
            let shard = loads.indices.min { (loads[$0], $0) < (loads[$1], $1) } ?? 0
            loads[shard] += costs[unit]
            members[shard].append(units[unit])
        }
        return members.map { $0.sorted { $0.lowerBound < $1.lowerBound }.flatMap { rows[$0] } }
    }

    private static func sampledCount(_ rows: [TrainingRow]) -> Int {
        rows.reduce(0) { $0 + $1.behaviour.count }
    }
}
