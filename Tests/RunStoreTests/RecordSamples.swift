import Reasoning
import Reinforcement
import RunStore

extension StepMetrics {
    static func sample(step: Int) -> StepMetrics {
        var metrics = StepMetrics(step: step, incarnation: 1, time: 1_795_000_000 + Double(step))
        metrics.seconds = 2
        metrics.elapsed = 2 * Double(step)
        metrics.reward = 0.5
        metrics.format = 0.75
        metrics.accuracy = 0.25
        metrics.credit = 0.375
        metrics.thoughtLength = 20.5
        metrics.traces = 256
        metrics.tokens = 9000
        metrics.loss = 0.1
        metrics.gradientNorm = 0.9
        metrics.staleness = 0.5
        metrics.maxStaleness = 2
        return metrics
    }
}

extension TraceGroup {
    /// A group whose first sample is right.
    static func sample(
        version: Int, purpose: Purpose = .training, problem: Int = 0, samples: Int = 4, worker: String = "w1",
        response: String = "<think>1+1=2</think>2"
    ) -> TraceGroup {
        let asked = Problem(id: "bills/\(problem)", question: "1+1=?", expected: "2", difficulty: 2)
        let round = RoundID(step: version, purpose: purpose)
        let traces = (0..<samples).map { sample in
            ScoredTrace(
                trace: Trace(
                    id: SampleID(round: round, problem: problem, sample: sample), tokens: [1, 2, 3],
                    logProbabilities: [-1, -1, -1], version: round.version, finish: .end),
                response: response, form: nil, thought: nil,
                reward: sample == 0
                    ? Reward(format: 0.2, accuracy: 1, verdict: .correct)
                    : Reward(format: 0, accuracy: 0, verdict: nil))
        }
        return TraceGroup(
            problem: AssignedProblem(index: problem, problem: asked), prompt: [], traces: traces,
            worker: worker)
    }
}

extension EvaluationRecord {
    /// A policy measured in every way: 1 of 4 right when sampled, 1 of 2 greedily, 1 of 8 directly.
    static func samples(step: Int) -> [EvaluationRecord] {
        let right: [(Purpose, Int)] = [(.evaluation, 128), (.greedy, 256), (.direct, 64)]
        return right.map { purpose, correct in
            EvaluationRecord(
                version: PolicyVersion(step), purpose: purpose, time: 9, problems: 512, correct: correct,
                formatted: purpose == .evaluation ? 384 : 0, thoughtLength: 20)
        }
    }
}

extension HeldOutMetrics {
    static func sample(step: Int) throws -> HeldOutMetrics {
        struct Missing: Error {}
        guard let metrics = HeldOutMetrics(step: step, of: EvaluationRecord.samples(step: step)) else {
            throw Missing()
        }
        return metrics
    }
}
