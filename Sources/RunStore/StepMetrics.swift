/// What one training step measured: a line of `metrics.jsonl` and a row of the run's database.
///
///     StepMetrics(step: 12, time: 1_795_520_000, seconds: 1.9, …)
package struct StepMetrics: Sendable, Hashable, Codable {
    /// Version of this record, so that readers of old runs know what they read.
    package private(set) var schema = 1
    /// Steps done with this one, the first is 1; its traces come from version `step − 1`.
    package var step: Int
    package var epoch: UInt64
    /// When it ended, in seconds since 1970; for people, never for logic.
    package var time: Double
    /// Wall time of the step and of training so far, in seconds.
    package var seconds: Double
    package var elapsed: Double
    /// Mean reward of a trace, and the share of traces in the form and with a right answer, 0 to 1.
    package var reward: Double
    package var format: Double
    package var accuracy: Double
    /// Mean length of a thought, in characters.
    package var thoughtLength: Double
    package var groups: Int
    /// Groups whose rewards are all equal: they teach nothing.
    package var silentGroups: Int
    package var traces: Int
    /// Traces cut at the limit of new tokens.
    package var truncated: Int
    /// Response tokens of the step.
    package var tokens: Int
    /// The optimizer's, nil in a step without variance.
    package var loss: Double?
    package var gradientNorm: Double?
    /// Share of tokens whose ratio was clipped.
    package var clipFraction: Double?
    package var learningRate: Double
    package var generationSeconds: Double
    package var learningSeconds: Double
    /// Whatever else is worth a curve.
    package var extra: [String: Double] = [:]

    package init(
        step: Int, epoch: UInt64, time: Double, seconds: Double, elapsed: Double, reward: Double,
        format: Double,
        accuracy: Double, thoughtLength: Double, groups: Int, silentGroups: Int, traces: Int, truncated: Int,
        tokens: Int, loss: Double?, gradientNorm: Double?, clipFraction: Double?, learningRate: Double,
        generationSeconds: Double, learningSeconds: Double, extra: [String: Double] = [:]
    ) {
        self.step = step
        self.epoch = epoch
        self.time = time
        self.seconds = seconds
        self.elapsed = elapsed
        self.reward = reward
        self.format = format
        self.accuracy = accuracy
        self.thoughtLength = thoughtLength
        self.groups = groups
        self.silentGroups = silentGroups
        self.traces = traces
        self.truncated = truncated
        self.tokens = tokens
        self.loss = loss
        self.gradientNorm = gradientNorm
        self.clipFraction = clipFraction
        self.learningRate = learningRate
        self.generationSeconds = generationSeconds
        self.learningSeconds = learningSeconds
        self.extra = extra
    }

    /// End to end, 0 for a step that took no time.
    package var tokensPerSecond: Double { seconds > 0 ? Double(tokens) / seconds : 0 }

    private enum CodingKeys: String, CodingKey {
        case schema, step, epoch, time, seconds, elapsed, reward, format, accuracy, groups, traces, truncated
        case tokens, loss, extra
        case thoughtLength = "thought_length"
        case silentGroups = "silent_groups"
        case gradientNorm = "gradient_norm"
        case clipFraction = "clip_fraction"
        case learningRate = "learning_rate"
        case generationSeconds = "generation_seconds"
        case learningSeconds = "learning_seconds"
    }
}
