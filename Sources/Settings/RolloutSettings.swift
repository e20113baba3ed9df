package import Reinforcement
import StrictConfiguration

/// Settings of sampling, and of the amount of work per step.
package struct RolloutSettings: ConfigurationSection {
    @Setting(.integer(1...65536), "problems of a step")
    package var problems = 32
    @Setting(.integer(2...1024), "samples of each problem, the group's size G")
    package var samples = 8
    @Setting(.integer(1...131_072), "longest response, in tokens, the end token included")
    package var maxNewTokens = 96
    /// Above 1 it costs some accuracy in training and makes the evaluated policy sharper: a mistake that
    /// training reduces to probability p here has a probability of about p^temperature in evaluation.
    @Setting(.number(0.01...100), "temperature of sampling in training; evaluation is at 1")
    package var temperature = 1.3
    @Setting(
        .integer(1...65536), "problems that one worker generates as one batch; the bits depend on it")
    package var assignmentProblems = 16
    @Setting(
        .integer(0...65536),
        "rows decoded at a time; 0: the number that is fastest; the bits do not depend on it")
    package var slots = 0
    @Setting(
        .choice,
        "what a worker does with newer weights while it generates; finish: each assignment has one policy; continue: the newer policy goes on"
    )
    package var onNewWeights = OnNewWeights.finish

    package init() {}
}
