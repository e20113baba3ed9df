import Reasoning
import Reinforcement
package import StrictConfiguration

extension RunConfiguration: StrictConfiguration {
    package static let printingCommand = "ponder train --print-config"

    /// Every field, in the order in which a configuration is printed.
    package static let schema: [Setting<RunConfiguration>] =
        runFields + policyFields + problemFields + generatedFields + verifierFields + promptAndRewardFields
        + rolloutFields
        + learningFields
        + bookkeepingFields + deadlineFields

    /// Largest integer that every JSON reader keeps exact.
    static let largestExactInteger = 1 << 53 - 1
    /// A day, in seconds; no wait is longer.
    static let day = 86400.0

    private static let runFields: [Setting<RunConfiguration>] = [
        .integer(
            "steps", \.steps, 0...1_000_000, "optimizer steps of the whole run; may change at resume",
            resume: .free),
        Setting(
            path: "seed", about: "keys every random number; never changes in a run",
            kind: .integer(0...largestExactInteger), resume: .never,
            read: { .integer(Int(clamping: $0.seed)) },
            write: {
                guard case .integer(let value) = $1, (0...largestExactInteger).contains(value) else {
                    return false
                }
                $0.seed = UInt64(value)
                return true
            }),
        .integer(
            "staleness", \.staleness, 0...64,
            "how many steps older than the learner a trace's policy may be; workers generate as far ahead; 0 is synchronous"
        ),
    ]

    private static let policyFields: [Setting<RunConfiguration>] = [
        .text("policy.model", \.policy.model, "embedded, or the folder of a Hugging Face model"),
        .choice("policy.dtype", \.policy.dtype, "precision of generation; the learner's masters are fp32"),
    ]

    private static let problemFields: [Setting<RunConfiguration>] = [
        .choice("problems.source", \.problems.source, "where problems come from"),
        .optionalText(
            "problems.path", \.problems.path,
            "the file of source jsonlines, plain or packed with gzip or zstd"),
        .texts(
            "problems.command", \.problems.command, limit: 1000,
            "the program of source external and its arguments; run once, at the run's start", resume: .never),
        .number("problems.commandTimeout", \.problems.commandTimeout, 0.1...day, "seconds that it may take"),
        .choice(
            "problems.format", \.problems.format,
            "of a line: fields below, or as GSM8K or the Countdown sets have it"),
        .optionalText("problems.fields.question", \.problems.fields.question, "null: question"),
        .optionalText("problems.fields.answer", \.problems.fields.answer, "null: expected or answer"),
        .optionalText("problems.fields.id", \.problems.fields.id, "null: id, which a line may lack"),
        .optionalText(
            "problems.fields.difficulty", \.problems.fields.difficulty,
            "null: difficulty, which a line may lack"),
        .range(
            "problems.difficulty", \.problems.difficulty, within: 0...1_000_000,
            "only these problems of a file or program are used"),
        .flag(
            "problems.skipInvalid", \.problems.skipInvalid,
            "leave out lines that cannot be used, and say how many"),
        .flag(
            "problems.curriculum.enabled", \.problems.curriculum.enabled,
            "draw what is sometimes solved more often than what is always or never solved"),
        .number(
            "problems.curriculum.revisit", \.problems.curriculum.revisit, 0.001...1,
            "weight of what is always or never solved, where what is solved half the time weighs 1"),
        .number(
            "problems.curriculum.memory", \.problems.curriculum.memory, 0...0.99,
            "share of a solve rate that earlier visits keep"),
        .choice(
            "problems.verifier", \.problems.verifier, of: Verifiers.names,
            "the rule that says whether an answer is right"),
        .integer(
            "problems.heldOut", \.problems.heldOut, 1...1_000_000,
            "problems kept for measuring, chosen by hash, never trained on"),
    ]

    private static let generatedFields: [Setting<RunConfiguration>] = [
        .range("problems.bills.terms", \.problems.bills.terms, within: 1...16, "terms of a bill"),
        .range("problems.bills.price", \.problems.bills.price, within: 0...9999, "price in price*count"),
        .range("problems.bills.count", \.problems.bills.count, within: 0...9999, "count in price*count"),
        .range(
            "problems.bills.single", \.problems.bills.single, within: 0...9999, "a term that is one number"),
        .number(
            "problems.bills.productShare", \.problems.bills.productShare, 0...1,
            "share of terms that are price*count"),
        .range("problems.sums.terms", \.problems.sums.terms, within: 2...16, "numbers of a sum"),
        .range("problems.sums.number", \.problems.sums.number, within: 0...1_000_000, "each of them"),
        .range(
            "problems.countdown.numbers", \.problems.countdown.numbers, within: 2...8,
            "how many numbers there are"),
        .range("problems.countdown.number", \.problems.countdown.number, within: 1...1000, "each of them"),
        .range(
            "problems.countdown.target", \.problems.countdown.target, within: 0...100_000,
            "what they are to make"),
        .range("problems.chain.steps", \.problems.chain.steps, within: 1...32, "operations of a chain"),
        .range("problems.chain.number", \.problems.chain.number, within: 1...1000, "each operand"),
        .integer(
            "problems.chain.limit", \.problems.chain.limit, 2...1_000_000_000,
            "largest value on the way, at least twice the largest operand"),
        .range("problems.sort.items", \.problems.sort.items, within: 2...64, "numbers to sort"),
        .range("problems.sort.number", \.problems.sort.number, within: 0...1_000_000, "each of them"),
    ]

    private static let verifierFields: [Setting<RunConfiguration>] = [
        .texts(
            "verifier.command", \.verifier.command, limit: 256,
            "program of problems.verifier: external and its arguments; a name without / is looked up in PATH"),
        .integer("verifier.processes", \.verifier.processes, 1...256, "processes of it a worker has"),
        .integer(
            "verifier.inFlight", \.verifier.inFlight, 1...1024, "answers that a process is given at a time"),
        .number("verifier.timeout", \.verifier.timeout, 0.01...3600, "seconds that one verdict may take"),
        .number(
            "verifier.startup", \.verifier.startup, 0.01...3600,
            "seconds more for the first verdict of all, while the program starts"),
        .integer(
            "verifier.memory", \.verifier.memory, 0...(1 << 24),
            "MiB of address space that a process may take; 0 sets no limit"),
    ]

    private static let promptAndRewardFields: [Setting<RunConfiguration>] = [
        .text(
            "prompt.template", \.prompt.template,
            "\(PromptTemplate.names.joined(separator: ", ")), or the prompt itself with {question}; also {examples} {response} {open} {close}"
        ),
        .optionalText(
            "prompt.prefill", \.prompt.prefill,
            "begins every response that is to be thought about: the opening tag, mostly"),
        .records(
            "prompt.examples", \.prompt.examples, keys: ["question", "thought", "answer"], limit: 64,
            texts: { [$0.question, $0.thought, $0.answer] },
            value: { PromptExample(question: $0[0], thought: $0[1], answer: $0[2]) },
            "questions worked out before the one that is asked; spaces count"),
        .texts(
            "prompt.stop", \.prompt.stop, limit: 64, "each one token, ends a response as the end token does"),
        .text("prompt.open", \.prompt.open, "opens a thought"),
        .text("prompt.close", \.prompt.close, "closes a thought"),
        .flag("prompt.direct", \.prompt.direct, "train without thoughts: only an answer may be sampled"),
        .number("reward.accuracy", \.reward.accuracy, 0...1000, "for a right answer"),
        .number("reward.format", \.reward.format, 0...1000, "for a response in the form"),
        .choice(
            "reward.mode", \.reward.mode,
            "which rewards count; untagged reads the answer also from a response without tags"),
    ]

    private static let rolloutFields: [Setting<RunConfiguration>] = [
        .integer("rollout.problems", \.rollout.problems, 1...65536, "problems of a step"),
        .integer(
            "rollout.samples", \.rollout.samples, 2...1024, "samples of each problem, the group's size G"),
        .integer("rollout.maxNewTokens", \.rollout.maxNewTokens, 1...131072, "longest response, in tokens"),
        .number(
            "rollout.temperature", \.rollout.temperature, 0.01...100,
            "of sampling in training; evaluation is at 1"),
        .integer(
            "rollout.assignmentProblems", \.rollout.assignmentProblems, 1...65536,
            "problems that one worker generates as one batch; the bits depend on it"),
        .integer("rollout.topK", \.rollout.topK, 0...0x7fff_ffff, "0: every token may be sampled"),
        .number("rollout.topP", \.rollout.topP, 1e-6...1, "1: every token may be sampled"),
        .choice(
            "rollout.batching", \.rollout.batching,
            "fixed: all rows of an assignment at once; continuous: an ended row's place goes to the next"),
        .integer(
            "rollout.slots", \.rollout.slots, 0...65536,
            "rows decoded at a time when batching is continuous, 0: as many as are fast; the bits are the same"
        ),
        .choice(
            "rollout.onNewWeights", \.rollout.onNewWeights,
            "of a worker while it generates; finish: one policy an assignment; continue: the newer one goes on"
        ),
        .integer(
            "threads.worker", \.threads.worker, 1...1024, "a worker computes with; the bits depend on it"),
        .integer("threads.learner", \.threads.learner, 1...1024, "the learner computes with; likewise"),
    ]

    private static let learningFields: [Setting<RunConfiguration>] = [
        .number("learning.rate", \.learning.rate, 0...1, "AdamW learning rate after the warm-up"),
        .integer("learning.warmup", \.learning.warmup, 0...1_000_000, "steps until the rate is reached"),
        .integer("learning.hold", \.learning.hold, 0...1_000_000, "steps before the rate begins to halve"),
        .integer(
            "learning.halfLife", \.learning.halfLife, 0...1_000_000,
            "steps in which the rate halves; 0 keeps it"),
        .numbers(
            "learning.betas", \.learning.betas, count: 2, 0...0.999999, "AdamW decay of its two averages"),
        .number("learning.epsilon", \.learning.epsilon, 1e-12...1, "AdamW denominator's floor"),
        .number("learning.weightDecay", \.learning.weightDecay, 0...1, "AdamW decoupled decay"),
        .number("learning.clipLow", \.learning.clipLow, 0...1, "ratio may fall to 1 - clipLow"),
        .number("learning.clipHigh", \.learning.clipHigh, 0...100, "ratio may rise to 1 + clipHigh"),
        .choice(
            "learning.advantage", \.learning.advantage,
            "mean: reward - mean; group: also / standard deviation; leaveOneOut: reward - mean of the others"),
        .number("learning.gradientClip", \.learning.gradientClip, 1e-6...1e6, "largest norm of the gradient"),
        .number(
            "learning.importanceCap", \.learning.importanceCap, 1...1e6,
            "largest weight of a token whose probability differs between learner and worker"),
        .choice(
            "learning.dtype", \.learning.dtype,
            "precision of the learner's products; masters, sums and the optimizer are fp32"),
        .integer(
            "learning.microBatchTokens", \.learning.microBatchTokens, 1...(1 << 30),
            "tokens of one forward and backward pass; changes memory, not the loss"),
        .flag(
            "learning.activationCheckpointing", \.learning.activationCheckpointing,
            "compute layers again for the backward pass: a third more work, much less memory"),
    ]

    private static let bookkeepingFields: [Setting<RunConfiguration>] = [
        .integer(
            "evaluation.every", \.evaluation.every, 0...1_000_000,
            "steps between measurements on held-out problems; 0: only before and after"),
        .integer(
            "evaluation.problems", \.evaluation.problems, 1...1_000_000,
            "held-out problems of one measurement, one sample each"),
        .integer("checkpoint.every", \.checkpoint.every, 1...1_000_000, "steps between checkpoints"),
        .integer("checkpoint.keep", \.checkpoint.keep, 1...10_000, "newest checkpoints that are kept"),
        .number(
            "audit.rate", \.audit.rate, 0...1,
            "share of traces whose log-probabilities the coordinator computes again"),
        .number(
            "audit.tolerance", \.audit.tolerance, 0...100,
            "largest accepted difference of a token's log-probability, in nats, of rollouts in fp32"),
        .number(
            "audit.halfTolerance", \.audit.halfTolerance, 0...100,
            "the same of rollouts in bf16, which kinds of processors round differently"),
        .number(
            "audit.verifierRate", \.audit.verifierRate, 0...1,
            "share of an external verifier's verdicts that the coordinator asks again; 0 takes the workers' word"
        ),
        .integer(
            "records.traces", \.records.traces, 0...1_000_000,
            "traces of each step that run.sqlite keeps, whole groups first; 0 keeps none"),
    ]

    private static let deadlineFields: [Setting<RunConfiguration>] = [
        .number("deadlines.lease", \.deadlines.lease, 0.01...day, "seconds until an assignment is reissued"),
        .number(
            "deadlines.straggler", \.deadlines.straggler, 0.01...day,
            "seconds until an idle worker gets a second copy of an assignment"),
        .number("deadlines.ping", \.deadlines.ping, 0.01...day, "seconds between a worker's signs of life"),
        .number(
            "deadlines.silence", \.deadlines.silence, 0.01...day, "seconds without a sign until it is dead"),
        .number(
            "deadlines.resend", \.deadlines.resend, 0.01...day,
            "seconds until an assignment that its worker does not report is sent again"),
        .number(
            "deadlines.coordinatorGone", \.deadlines.coordinatorGone, 0.01...day,
            "seconds until a worker without a coordinator ends"),
        .number("deadlines.grace", \.deadlines.grace, 0.01...day, "seconds that an orderly end may take"),
    ]
}
