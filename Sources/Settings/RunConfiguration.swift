package import Reasoning
package import Reinforcement
package import StrictConfiguration

/// Everything that decides what a run computes: one strict tree, stored in files as YAML and sent to workers
/// as JSON.
///
///     var configuration = try RunConfiguration(yamlFile: "run.yaml")   // a file names only what it changes
///     configuration.steps = 100                                        // as `--steps 100` does
///     try configuration.validate()
///
/// A new setting is one property with its default, limits and description. Values of one process only
/// (workers, endpoints, folders) are command-line flags and not settings.
package struct RunConfiguration: StrictConfiguration {
    @Setting(.integer(0...1_000_000), "optimizer steps of the whole run; may change at resume", resume: .free)
    package var steps = 130
    @Setting(
        .integer(0...largestExactInteger), "keys every random number; never changes in a run", resume: .never)
    package var seed: UInt64 = 0
    @Setting(
        .integer(0...64),
        "how many steps older than the learner a trace's policy may be; workers generate that far ahead; 0 is synchronous"
    )
    package var staleness = 0

    package var policy = PolicySettings()
    package var problems = ProblemSettings()
    package var verifier = VerifierSettings()
    package var prompt = PromptSettings()
    package var reward = RewardRule()
    @Setting(
        .rewards,
        "further rewards, each the weight times the 0 to 1 of a verifier or of a program, which judges every answer; as [{name: brief, weight: -0.1, command: [python3, brief.py]}]"
    )
    package var rewards: [RewardSettings] = []
    package var rollout = RolloutSettings()
    package var threads = ThreadSettings()
    package var learning = LearningSettings()
    package var evaluation = EvaluationSettings()
    package var checkpoint = CheckpointSettings()
    package var audit = AuditSettings()
    package var records = RecordSettings()
    package var hooks = HookSettings()
    package var deadlines = DeadlineSettings()

    /// The embedded default.
    package init() {}

    /// The largest integer that every JSON reader represents exactly.
    static let largestExactInteger: UInt64 = 1 << 53 - 1

    package static let printingCommand = "ponder train --print-config"

    package static let formerKeys: [FormerKey] = [
        .removed("rollout.topK", values: ["0"], samplesAll),
        .removed("rollout.topP", values: ["1.0", "1"], samplesAll),
        .removed(
            "rollout.batching",
            "is not a setting: batching is always continuous, which gives the same bits; remove it"),
        .renamed("audit.halfTolerance", to: "audit.bf16Tolerance"),
    ]

    package static let valuesBefore = ["prompt.beginToken": "false"]

    private static let samplesAll =
        "is not a setting: training samples from all tokens, since the learner cannot know which of them a worker left out; "
        + "remove it (ask, eval and generate have --top-k and --top-p)"

    /// The whole configuration as YAML with a comment on every setting; reading it gives the same value.
    package var yaml: String {
        yaml(title: "Everything that decides what this run computes. A file may name only what it changes.")
    }
}

/// The model that learns.
package struct PolicySettings: ConfigurationSection {
    @Setting(
        .text,
        "embedded, the folder of a Hugging Face model, or the id of one that is in the Hugging Face cache")
    package var model = PolicySettings.embedded
    @Setting(.choice, "precision of generation; the learner's masters are fp32")
    package var dtype = Precision.fp32

    /// The name of the base model that comes with Ponder.
    package static let embedded = "embedded"

    package init() {}
}

/// Thread counts of tensor arithmetic; the bits depend on them, so they are part of the run.
package struct ThreadSettings: ConfigurationSection {
    @Setting(.integer(1...1024), "threads that a worker computes with; the bits depend on it")
    package var worker = 1
    @Setting(.integer(1...1024), "threads that the learner computes with; the bits depend on it")
    package var learner = 2

    package init() {}
}

/// Settings of the evaluation on held-out problems; the first and the last policy are always evaluated.
package struct EvaluationSettings: ConfigurationSection {
    @Setting(
        .integer(0...1_000_000),
        "steps between measurements on held-out problems; 0: only before and after")
    package var every = 20
    @Setting(
        .automatic(1...1_000_000),
        "held-out problems of one measurement, one sample each; auto: all, at most 512")
    package var problems: Int? = nil

    package init() {}
}

/// Settings of checkpoints; the last step is always saved.
package struct CheckpointSettings: ConfigurationSection {
    @Setting(.integer(1...1_000_000), "steps between checkpoints")
    package var every = 20
    @Setting(
        .number(0...1e9),
        "seconds after which the next step is saved in any case; 0: checkpoints go by steps alone")
    package var everySeconds = 0.0
    @Setting(.integer(1...10_000), "how many of the newest checkpoints are kept")
    package var keep = 3

    package init() {}
}

/// Settings of the audits, which check that traces come from the policy that they name.
package struct AuditSettings: ConfigurationSection {
    @Setting(.number(0...1), "share of traces whose log-probabilities the coordinator computes again")
    package var rate = 0.05
    @Setting(
        .number(0...100),
        "largest accepted difference of a token's log-probability, in nats, for rollouts in fp32")
    package var tolerance = 0.05
    // Each layer rounds its input, so summing in another order, as on another processor, changes the third
    // digit.
    @Setting(
        .number(0...100),
        "the same for rollouts in bf16, which different kinds of processors round differently")
    package var bf16Tolerance = 0.5
    @Setting(
        .number(0...1),
        "share of an external verifier's verdicts that the coordinator asks for again; 0 trusts the workers")
    package var verifierRate = 0.1

    package init() {}

    /// The largest accepted difference of a token's log-probability, in nats.
    package func tolerance(of precision: Precision) -> Double {
        precision == .bf16 ? bf16Tolerance : tolerance
    }
}

/// Limits on what the run's database keeps.
package struct RecordSettings: ConfigurationSection {
    @Setting(
        .integer(0...1_000_000), "traces of each step that run.sqlite keeps, whole groups first; 0 keeps none"
    )
    package var traces = 256
    @Setting(
        .integer(0...1_000_000),
        "traces of each step whose tokens run.sqlite keeps, with log-probability and policy, 5 to 7 bytes a token; groups that teach something first; 0 keeps none"
    )
    package var tokens = 8
    @Setting(
        .flag,
        "index the words of responses for ponder traces --text; the index takes about as much room as the text"
    )
    package var search = true
    @Setting(
        .integer(0...1_000_000), "newest steps that run.sqlite keeps, with groups and traces; 0 keeps all")
    package var keepSteps = 0
    @Setting(.number(0...100_000), "days that run.sqlite keeps steps, groups, traces and events; 0 keeps all")
    package var keepDays = 0.0
    @Setting(
        .integer(0...100_000_000),
        "MiB that run.sqlite may use; beyond it the oldest go: what steps learned from, groups and traces, then steps; 0 sets no limit"
    )
    package var megabytes = 0
    @Setting(
        .integer(0...100_000_000),
        "MiB of metrics.jsonl, and of tensorboard; beyond it the older half goes; 0 sets no limit")
    package var metricsMegabytes = 0
    @Setting(.flag, "write event files for TensorBoard, about 1.5 kB a step")
    package var tensorboard = true
    @Setting(
        .integer(0...100_000_000),
        "MiB of each file in logs; beyond it a file becomes FILE.old, of which there is one; 0 sets no limit")
    package var logMegabytes = 64
    @Setting(.flag, "keep what each step learned from, 5 to 7 bytes a token, for `ponder replay`")
    package var replay = true
    @Setting(
        .integer(0...100_000_000), "MiB of it in run.sqlite; beyond it the oldest steps go; 0 sets no limit")
    package var replayMegabytes = 1024

    package init() {}
}

/// Limits of each wait, in seconds.
///
/// A run takes its defaults from here, and the coordinator sends them to the workers.
package struct DeadlineSettings: ConfigurationSection {
    @Setting(.number(0.01...day), "seconds until an assignment is reissued")
    package var lease = 120.0
    @Setting(.number(0.01...day), "seconds until an idle worker gets a second copy of an assignment")
    package var straggler = 20.0
    @Setting(.number(0.01...day), "seconds between a worker's signs of life")
    package var ping = 1.0
    @Setting(.number(0.01...day), "seconds without a sign of life until a worker counts as dead")
    package var silence = 8.0
    @Setting(
        .number(0.01...day), "seconds until an assignment that its worker does not report is sent again")
    package var resend = 3.0
    @Setting(.number(0.01...day), "seconds until a worker without a coordinator ends")
    package var coordinatorGone = 300.0
    @Setting(.number(0.01...day), "seconds that an orderly end may take")
    package var grace = 10.0

    /// One day in seconds, the limit of every wait.
    static let day = 86400.0

    package init() {}

    package func contradictions() -> [ConfigurationError.Fault] {
        var faults: [ConfigurationError.Fault] = []
        faults.require(
            silence > ping, "silence",
            "\(silence) must be longer than deadlines.ping (\(ping)), or every worker counts as dead")
        return faults
    }
}
