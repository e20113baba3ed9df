package import Reinforcement
import StrictConfiguration

/// Settings of the optimizer step.
package struct LearningSettings: ConfigurationSection {
    @Setting(.number(0...1), "AdamW learning rate after the warm-up")
    package var rate = 3e-4
    @Setting(.integer(0...1_000_000), "steps until the rate is reached")
    package var warmup = 10
    @Setting(
        .integer(0...1_000_000), "steps before the rate begins to halve, the warm-up included")
    package var hold = 80
    // Given in steps and not as a share of the run, so that a step's rate does not depend on the run's
    // length.
    @Setting(.integer(0...1_000_000), "steps in which the rate halves; 0 keeps it")
    package var halfLife = 20
    @Setting(.numbers(2, 0...0.999999), "AdamW decay of its two averages")
    package var betas = [0.9, 0.99]
    @Setting(.number(1e-12...1), "AdamW term that keeps the denominator above 0")
    package var epsilon = 1e-8
    @Setting(.number(0...1), "AdamW decoupled decay")
    package var weightDecay = 0.0
    @Setting(.number(0...1), "ratio may fall to 1 - clipLow")
    package var clipLow = 0.2
    @Setting(.number(0...100), "ratio may rise to 1 + clipHigh")
    package var clipHigh = 0.28
    @Setting(.choice, "loss of a step; grpo: advantage times clipped ratio, one mean over all tokens")
    package var objective = ObjectiveChoice.grpo
    @Setting(
        .choice,
        "mean: reward - mean of the group; group: also / standard deviation; leaveOneOut: reward - mean of the other samples"
    )
    package var advantage = GroupAdvantage.mean
    @Setting(.number(1e-6...1e6), "largest norm of the gradient")
    package var gradientClip = 1.0
    @Setting(
        .number(1...1e6),
        "largest weight of a token whose probability differs between learner and worker")
    package var importanceCap = 2.0
    @Setting(
        .choice, "precision of the learner's products; masters, sums and the optimizer are fp32")
    package var dtype = Precision.fp32
    @Setting(
        .integer(1...(1 << 30)), "tokens of one forward and backward pass; changes memory, not the loss")
    package var microBatchTokens = 2048
    @Setting(
        .flag, "compute layers again for the backward pass: a third more work, much less memory")
    package var activationCheckpointing = false

    package init() {}
}
