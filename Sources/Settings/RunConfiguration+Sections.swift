package import Reasoning
package import Reinforcement

extension RunConfiguration {
    /// The model that learns.
    package struct Policy: Sendable, Hashable {
        /// `Policy.embedded`, or the path of a Hugging Face model directory.
        package var model = Policy.embedded
        /// Precision of a rollout's arithmetic; the learner's masters are always fp32.
        package var dtype = Precision.fp32

        /// Names the base model that comes with Ponder.
        package static let embedded = "embedded"
    }

    /// What is asked and what counts as right.
    package struct Problems: Sendable, Hashable {
        package var source = Source.bills
        /// The file of the source `jsonlines`.
        package var path: String?
        /// The program of the source `external` and its arguments.
        package var command: [String] = []
        /// Seconds that it may take.
        package var commandTimeout = 300.0
        /// How lines are read, of a file or of a program.
        package var format = ProblemFormat.fields
        package var fields = ProblemFields()
        /// Only problems of these difficulties are used.
        package var difficulty = Problems.anyDifficulty
        package var skipInvalid = false
        package var curriculum = Curriculum()
        package var verifier = "number"
        /// Problems that are never trained on.
        package var heldOut = 512
        package var bills = Bills()

        package var sums = Sums()
        package var countdown = Countdown()
        package var chain = Chain()
        package var sort = Sort()

        package static let anyDifficulty = 0...1_000_000

        package enum Source: String, Sendable, CaseIterable {
            case bills, sums, countdown, chain, sort, jsonlines, external
        }
    }

    /// Whether problems are drawn by how often they are solved.
    package struct Curriculum: Sendable, Hashable {
        package var enabled = false
        package var revisit = 0.05
        package var memory = 0.5
    }

    /// Sizes of what the source `sums` makes.
    package struct Sums: Sendable, Hashable {
        package var terms = 2...4
        package var number = 1...99
    }

    /// Sizes of the bills that the source `bills` makes; each range includes both ends.
    package struct Bills: Sendable, Hashable {
        package var terms = 3...5
        package var price = 2...9
        package var count = 2...9
        package var single = 1...50
        package var productShare = 0.7
    }

    /// Sizes of what the source `countdown` makes.
    package struct Countdown: Sendable, Hashable {
        package var numbers = 3...4
        package var number = 1...20
        package var target = 10...99
    }

    /// Sizes of what the source `chain` makes.
    package struct Chain: Sendable, Hashable {
        package var steps = 2...4
        package var number = 2...9
        package var limit = 999
    }

    /// Sizes of what the source `sort` makes.
    package struct Sort: Sendable, Hashable {
        package var items = 3...6
        package var number = 0...99
    }

    /// The program of `problems.verifier: external`.
    package struct Verifier: Sendable, Hashable {
        /// Program and arguments.
        package var command: [String] = []
        package var processes = 2
        package var inFlight = 8
        /// In seconds.
        package var timeout = 10.0
        package var startup = 30.0
        /// In MiB.
        package var memory = 2048
    }

    /// How a question becomes a prompt and where a thought begins and ends.
    package struct Prompt: Sendable, Hashable {
        /// One of `PromptTemplate.names`, or a text.
        package var template = "plain"
        /// The beginning of every response that is to be thought about.
        package var prefill: String?
        package var examples: [PromptExample] = []
        package var open = ThoughtTags.think.open
        package var close = ThoughtTags.think.close
        package var direct = false
        /// Texts of one token each that end a response as the end token does.
        package var stop: [String] = []
    }

    /// What a response earns.
    package struct Reward: Sendable, Hashable {
        package var accuracy = 1.0
        package var format = 0.2
        package var mode = RewardRule.Mode.both
    }

    /// How much is generated for a step, and how.
    package struct Rollout: Sendable, Hashable {
        package var problems = 32
        package var samples = 8
        /// In tokens, the end token included.
        package var maxNewTokens = 96
        /// Of sampling in training; evaluation samples at 1.
        ///
        /// Above 1 it costs a little now and sharpens what evaluation sees: a slip that is trained down to probability p
        /// here has about p^temperature there.
        package var temperature = 1.3
        package var assignmentProblems = 16
        /// Of the likeliest tokens; all that training has is 0, all tokens.
        package var topK = 0
        /// Share of the likeliest tokens; all that training has is 1.
        package var topP = 1.0
        package var batching = Batching.continuous
        /// What a worker does that gets newer weights while it generates.
        package var onNewWeights = OnNewWeights.finish
        /// Rows that are decoded at a time when batching is continuous; 0 for as many as are fast.
        package var slots = 0

        package enum Batching: String, Sendable, CaseIterable { case fixed, continuous }
    }

    /// The optimizer step.
    package struct Learning: Sendable, Hashable {
        package var rate = 3e-4
        /// In steps.
        package var warmup = 10
        /// Steps at the full rate, the warm-up included.
        package var hold = 80
        /// Steps in which the rate halves, so that it does not depend on the run's length.
        package var halfLife = 20
        package var betas = [0.9, 0.99]
        package var epsilon = 1e-8
        package var weightDecay = 0.0
        package var clipLow = 0.2
        package var clipHigh = 0.28
        /// The baseline and scale of a group's rewards.
        package var advantage = GroupAdvantage.mean
        package var gradientClip = 1.0
        package var importanceCap = 2.0
        /// Of the factors of products, forward and backward; masters, sums and all else are fp32.
        package var dtype = Precision.fp32
        package var microBatchTokens = 2048
        /// Layers are computed again for the backward pass instead of being kept.
        package var activationCheckpointing = false
    }

    /// Threads that tensor arithmetic uses: the bits depend on them, so they are part of the run.
    package struct Threads: Sendable, Hashable {
        package var worker = 1
        package var learner = 2
    }

    /// Measuring on held-out problems; the first and the last policy are always measured.
    package struct Evaluation: Sendable, Hashable {
        /// In steps; 0 measures only before and after.
        package var every = 20
        package var problems = 512
    }

    /// When the run is saved.
    package struct Checkpoint: Sendable, Hashable {
        /// In steps; the last step is always saved.
        package var every = 20
        package var keep = 3
    }

    /// Checks that traces come from the policy they name.
    package struct Audit: Sendable, Hashable {
        package var rate = 0.05
        /// In nats a token, of rollouts in float32.
        package var tolerance = 0.05
        /// In nats a token, of rollouts in bfloat16: each layer rounds what it gets, so that another order of the same sums,
        /// as other processors have it, is seen in the third digit.
        package var halfTolerance = 0.5
        /// Share of an external verifier's verdicts that are asked again.
        package var verifierRate = 0.1

        package func tolerance(of dtype: Precision) -> Double {
            dtype == .bf16 ? halfTolerance : tolerance
        }
    }

    /// What the run's database keeps.
    package struct Records: Sendable, Hashable {
        package var traces = 256
    }

    /// How long each wait may last, in seconds.
    package struct Deadlines: Sendable, Hashable {
        package var lease = 120.0
        package var straggler = 20.0
        package var ping = 1.0
        package var silence = 8.0
        package var resend = 3.0
        package var coordinatorGone = 300.0
        package var grace = 10.0
    }
}
