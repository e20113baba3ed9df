import Reasoning

/// Everything that decides what a run computes; one strict tree, written as YAML, told to workers as JSON.
///
///     var configuration = try RunConfiguration(yamlFile: "run.yaml")   // a file names only what it changes
///     configuration.steps = 100                                        // as `--steps 100` does
///     try configuration.validate()
///
/// What each field means, its default and its limits stand in `schema`, which reads, checks, prints and compares
/// configurations. Whatever concerns one process only (workers, endpoints, folders) is a flag and not in here.
package struct RunConfiguration: Sendable, Hashable {
    /// Optimizer steps of the whole run.
    package var steps = 130
    /// Keys every random number that the run draws.
    package var seed: UInt64 = 0
    /// Largest accepted difference between the learner's version and the one that sampled a trace, in steps.
    package var staleness = 0

    package var policy = Policy()
    package var problems = Problems()
    package var verifier = Verifier()
    package var prompt = Prompt()
    package var reward = Reward()
    package var rollout = Rollout()
    package var learning = Learning()
    package var threads = Threads()
    package var evaluation = Evaluation()
    package var checkpoint = Checkpoint()
    package var audit = Audit()
    package var records = Records()
    package var deadlines = Deadlines()

    /// The embedded default.
    package init() {}
}
