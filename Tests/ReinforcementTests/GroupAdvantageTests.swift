import Reasoning
import Reinforcement
import TestSupport
import Testing

struct GroupAdvantageTests {
    private func close(_ left: [Double], _ right: [Double], to tolerance: Double = 1e-12) -> Bool {
        left.count == right.count && zip(left, right).allSatisfy { abs($0 - $1) <= tolerance }
    }

    @Test func `the three formulas on a group worked out by hand`() {
        let rewards = [1.2, 0.2, 0.2, 0.2]
        #expect(close(GroupAdvantage.mean.advantages(of: rewards), [0.75, -0.25, -0.25, -0.25]))
        // Unbiased standard deviation of the four: √(0.75 / 3) = 0.5.
        #expect(
            close(
                GroupAdvantage.group.advantages(of: rewards),
                [0.75 / 0.5001, -0.25 / 0.5001, -0.25 / 0.5001, -0.25 / 0.5001]))
        #expect(close(GroupAdvantage.leaveOneOut.advantages(of: rewards), [1, -1.0 / 3, -1.0 / 3, -1.0 / 3]))
    }

    @Test func `leave one out is the reward less the mean of the others`() {
        let rewards = [0.0, 1, 1.2, 0.2, 0.2]
        let expected = rewards.indices.map { index in
            let others = rewards.enumerated().filter { $0.offset != index }.map(\.element)
            return rewards[index] - others.reduce(0, +) / 4
        }
        #expect(close(GroupAdvantage.leaveOneOut.advantages(of: rewards), expected))
    }

    /// Rewards of which peers made −2075, 7428 or 10⁶ (NeMo-RL#1518, #4158, OpenRLHF#1270).
    @Test(
        arguments: GroupAdvantage.allCases,
        [[0, 0.95, 0.95, 0.95, 0.95, 0.95, 0.95, 0.95], [0.95, 0.95, 0.95, 0.95, 0.95, 0.95, 0.95, 1]])
    func `nearly constant rewards stay small`(_ advantage: GroupAdvantage, _ rewards: [Double]) {
        let values = advantage.advantages(of: rewards)
        #expect(values.allSatisfy { abs($0) < 3 })
        #expect(abs(values.reduce(0, +)) < 1e-9)
        #expect(values.contains { abs($0) > 0.01 })
    }

    @Test(arguments: GroupAdvantage.allCases)
    func `equal rewards give exact zeros, whatever their sum rounds to`(_ advantage: GroupAdvantage) {
        for reward in [0, 0.1, 0.2, 0.95, 1.2, 1.0 / 3, 1e300] {
            for count in 1...13 {
                let rewards = [Double](repeating: reward, count: count)
                #expect(advantage.advantages(of: rewards) == [Double](repeating: 0, count: count))
                #expect(!GroupAdvantage.hasVariance(rewards))
            }
        }
        #expect(advantage.advantages(of: []).isEmpty)
    }

    @Test func `one trace alone teaches nothing`() {
        for advantage in GroupAdvantage.allCases { #expect(advantage.advantages(of: [1.2]) == [0]) }
    }

    @Test func `the smallest difference of rewards is variance`() {
        #expect(GroupAdvantage.hasVariance([0.2, 0.2.nextUp]))
        #expect(GroupAdvantage.group.advantages(of: [0.2, 0.2.nextUp]).allSatisfy { abs($0) < 1e-9 })
    }
}

struct TrainingBatchTests {
    /// A group whose traces have `lengths` tokens and `rewards`.
    private func group(_ problem: Int, lengths: [Int], accuracies: [Double], excluded: Set<Int> = [])
        -> TraceGroup
    {
        let round = RoundID(step: 0, purpose: .training)
        let traces = zip(lengths, accuracies).enumerated().map { sample, pair in
            ScoredTrace(
                trace: Trace(
                    id: SampleID(round: round, problem: problem, sample: sample),
                    tokens: [Int32](repeating: Int32(10 * problem + sample), count: pair.0),
                    logProbabilities: [Float](repeating: -0.5, count: pair.0), version: PolicyVersion(0),
                    finish: .length),
                response: "", form: nil, thought: nil,
                reward: Reward(
                    format: 0.2, accuracy: pair.1, verdict: nil, isExcluded: excluded.contains(sample)))
        }
        let asked = Problem(id: "p\(problem)", question: "", expected: "", difficulty: 0)
        return TraceGroup(
            problem: AssignedProblem(index: problem, problem: asked), prompt: [Int32(problem), 99],
            traces: traces, worker: "w")
    }

    @Test func `rows are those of groups with variance, and every token counts`() {
        let groups = [
            group(2, lengths: [1, 2], accuracies: [1, 0]), group(0, lengths: [3, 4], accuracies: [1, 1]),
            group(1, lengths: [5, 6], accuracies: [0, 1]),
        ]
        let batch = TrainingBatch(groups: groups, advantage: .mean)
        #expect(batch.tokenCount == 21)
        #expect(batch.rows.map(\.prompt) == [[1, 99], [1, 99], [2, 99], [2, 99]])
        #expect(batch.rows.map { $0.response.first } == [10, 11, 20, 21])
        #expect(batch.rows.map(\.response.count) == [5, 6, 1, 2])
        #expect(batch.rows.map(\.behaviour.count) == [5, 6, 1, 2])
        #expect(batch.rows.map(\.advantage) == [-0.5, 0.5, 0.5, -0.5])
    }

    @Test func `the order in which groups arrive changes nothing`() {
        let groups = (0..<5).map { group($0, lengths: [2, 3], accuracies: [1, 0]) }
        let batches = [groups, groups.reversed(), [groups[3], groups[0], groups[4], groups[1], groups[2]]].map
        {
            TrainingBatch(groups: $0, advantage: .group)
        }
        #expect(batches[0] == batches[1] && batches[1] == batches[2])
    }

    @Test func `an excluded trace has no row and no part in the mean, and its tokens still count`() {
        let group = group(0, lengths: [1, 2, 3, 4], accuracies: [1, 0, 0, 0], excluded: [1, 2])
        let batch = TrainingBatch(groups: [group], advantage: .mean)
        #expect(batch.tokenCount == 10)
        #expect(batch.rows.map { $0.response.first } == [0, 3])
        #expect(batch.rows.map(\.advantage) == [0.5, -0.5])
        // As if the excluded ones had never been sampled, but for the count of tokens.
        let without = self.group(0, lengths: [1, 4], accuracies: [1, 0])
        #expect(
            TrainingBatch(groups: [without], advantage: .group).rows.map(\.advantage)
                == TrainingBatch(groups: [group], advantage: .group).rows.map(\.advantage))
    }

    @Test(arguments: [[0, 1, 2], [0, 2, 3], [0, 1, 2, 3]])
    func `a group in which the traces that count agree, or one alone counts, teaches nothing`(excluded: [Int])
    {
        let group = group(0, lengths: [1, 2, 3, 4], accuracies: [1, 0, 0, 0], excluded: Set(excluded))
        #expect(!group.hasVariance)
        #expect(TrainingBatch(groups: [group], advantage: .leaveOneOut).rows.isEmpty)
        #expect(group.solveRate == (excluded.count == 4 ? nil : 0))
    }

    @Test func `a step without variance has no rows, and its tokens still count`() {
        let groups = [group(0, lengths: [3, 4], accuracies: [1, 1])]
        let batch = TrainingBatch(groups: groups, advantage: .mean)
        #expect(batch.rows.isEmpty)
        #expect(batch.tokenCount == 7)
        #expect(!groups[0].hasVariance)
    }
}
