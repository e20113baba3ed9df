import RunStore

/// Says when a run cannot learn: every group of three steps in a row had equal rewards.
struct SignalCheck: Sendable {
    private var silent: [StepMetrics] = []
    private var hasWarned = false
    private static let steps = 3

    /// Takes the next step.
    ///
    /// - Returns: the warning, once for each time that the signal is lost; nil while there is a signal.
    mutating func warning(after step: StepMetrics) -> String? {
        guard step.groups > 0, step.silentGroups == step.groups else {
            self = SignalCheck()
            return nil
        }
        silent = (silent + [step]).suffix(Self.steps)
        guard !hasWarned, silent.count == Self.steps else { return nil }
        hasWarned = true
        return
            "NOTE: no group of the last \(Self.steps) steps teaches: in each, all samples earn the same\n    \(cause)"
    }

    private var cause: String {
        if silent.allSatisfy({ $0.format == 0 && $0.accuracy == 0 }) {
            return "nothing is in the form: look at ponder train --print-prompt,\n"
                + "    and set prompt.prefill, prompt.examples or rollout.maxNewTokens (longer)"
        }
        if silent.allSatisfy({ $0.accuracy == 0 }) {
            return "no answer is right: take easier problems or more rollout.samples,\n"
                + "    and try the verifier with ponder score"
        }
        if silent.allSatisfy({ $0.accuracy == 1 }) { return "every answer is right: take harder problems" }
        return "take other problems, more rollout.samples, or problems.curriculum"
    }
}
