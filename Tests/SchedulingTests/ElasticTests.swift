import Reinforcement
import Scheduling
import TestSupport
import Testing

/// Work is cut and given twice by the measured pace of workers, and what a leaving worker has done is used.
struct ElasticTests {
    /// Two workers of known pace: the second took this many times as long for its first assignment.
    private func paced(_ slowness: Double, staleness: Int) -> SchedulerHarness {
        var harness = SchedulerHarness { $0.straggler = .seconds(1000) }
        harness.tell(.published(PolicyVersion(1)))
        harness.tell(
            .open(Samples.round(step: 1, assignments: 2, problems: 8, staleness: staleness)))
        for worker in UInt8(1)...2 { harness.join(worker, version: 1) }
        let issued = harness.issued
        harness.now += .seconds(2)
        harness.deliver(issued[0].attempt, issued[0].assignment, by: 1)
        // With ticks, because a jump of the clock is a coordinator that stood still, and says nothing of the pace.
        harness.wait(
            .seconds(2 * (slowness - 1)), pinging: [1, 2], version: 1, working: [2: issued[1].attempt])
        harness.deliver(issued[1].attempt, issued[1].assignment, by: 2)
        for place in 0...1 { harness.accept(issued[place].attempt, issued[place].assignment) }
        harness.clear()
        return harness
    }

    @Test
    func `in asynchronous mode a slow worker gets as much as it generates while the fastest generates all`()
        throws
    {
        var harness = paced(4, staleness: 1)
        harness.tell(.published(PolicyVersion(2)))
        for worker in UInt8(1)...2 { harness.say(.ready(PolicyVersion(2)), worker) }
        harness.tell(.open(Samples.round(step: 2, assignments: 2, problems: 8, staleness: 1)))
        let sizes = harness.issued.map { ($0.worker, $0.assignment.problems.count) }
        #expect(sizes.map(\.0) == [1, 2])
        #expect(sizes[0].1 == 8)
        #expect((1...3).contains(sizes[1].1))
        // The rest of what the slow one has is the next that anyone gets.
        let (first, second) = (harness.issued[0], harness.issued[1])
        harness.clear()
        harness.deliver(first.attempt, first.assignment, by: 1)
        let rest = try #require(harness.issued.first)
        #expect(rest.assignment.id == second.assignment.id)
        #expect(
            Set((rest.assignment.problems + second.assignment.problems).map(\.index)) == Set(8..<16))
        #expect(rest.assignment.problems.count + second.assignment.problems.count == 8)
        harness.accept(first.attempt, first.assignment)
        harness.deliver(rest.attempt, rest.assignment, by: 1)
        harness.accept(rest.attempt, rest.assignment)
        #expect(harness.completed.isEmpty)
        harness.deliver(second.attempt, second.assignment, by: 2)
        harness.accept(second.attempt, second.assignment)
        #expect(harness.completed.first?.groups.map(\.problem.index) == Array(0..<16))
        #expect(harness.state.ledger.used == 5 && harness.state.ledger.outstanding == 0)
    }

    @Test func `in synchronous mode every worker gets whole assignments, whatever its pace`() {
        var harness = paced(4, staleness: 0)
        harness.tell(.published(PolicyVersion(2)))
        for worker in UInt8(1)...2 { harness.say(.ready(PolicyVersion(2)), worker) }
        harness.tell(.open(Samples.round(step: 2, assignments: 2, problems: 8)))
        #expect(harness.issued.map(\.assignment.problems.count) == [8, 8])
    }

    @Test func `a worker of at least half the pace, or of none yet, gets all`() {
        for slowness in [1, 1.5] {
            var harness = paced(slowness, staleness: 1)
            harness.join(3, version: 1)
            harness.tell(.published(PolicyVersion(2)))
            for worker in UInt8(1)...3 { harness.say(.ready(PolicyVersion(2)), worker) }
            harness.tell(.open(Samples.round(step: 2, assignments: 3, problems: 8, staleness: 1)))
            #expect(harness.issued.map(\.assignment.problems.count) == [8, 8, 8], "\(slowness)")
        }
    }

    @Test(arguments: [(10, true), (2, false)])
    func `an idle worker that would be done twice before a slow one gets its assignment as well`(
        _ slowness: Double, _ isDoubled: Bool
    ) {
        // Whole assignments, and long before anything is called late.
        var harness = paced(slowness, staleness: 0)
        harness.tell(.published(PolicyVersion(2)))
        harness.tell(.open(Samples.round(step: 2, assignments: 1, problems: 8)))
        harness.say(.ready(PolicyVersion(2)), 2)
        let first = harness.issued[0]
        #expect(first.worker == 2)
        harness.say(.ready(PolicyVersion(2)), 1)
        harness.clear()
        harness.now += .seconds(1)
        harness.ping(1, version: 2)
        harness.ping(2, version: 2, working: [first.attempt])
        harness.tell(.tick)
        #expect(harness.issued.map(\.worker) == (isDoubled ? [1] : []))
        #expect(harness.state.ledger.speculative == (isDoubled ? 1 : 0))
    }

    // MARK: - What a leaving worker has done

    @Test func `problems that a leaving worker has done are used, and only the others are given out again`()
        throws
    {
        var harness = SchedulerHarness()
        harness.tell(.published(PolicyVersion(1)))
        harness.tell(.open(Samples.round(step: 2, assignments: 1, problems: 4, staleness: 1)))
        harness.join(1, version: 1)
        let first = try #require(harness.issued.first)
        harness.say(.goodbye(returning: []), 1)
        let part = first.assignment.part([1, 2])
        harness.clear()
        harness.say(.result(Samples.result(first.attempt, part)), 1)
        #expect(harness.examinations.count == 1)
        harness.tell(
            .examined(
                first.attempt,
                .accepted(SchedulerHarness.groups(Samples.result(first.attempt, part), part))))
        harness.join(2, version: 1)
        let second = try #require(harness.issued.first)
        #expect(second.assignment.problems.map(\.index) == [0, 3])
        harness.deliver(second.attempt, second.assignment, by: 2)
        harness.accept(second.attempt, second.assignment)
        #expect(harness.completed.first?.groups.map(\.problem.index) == [0, 1, 2, 3])
        #expect(harness.state.ledger.used == 2 && harness.state.ledger.dropped.isEmpty)
    }

    @Test func `a problem without all its samples, and part of what must be whole, are dropped`() throws {
        for (staleness, problems, missing) in [(1, Set([0, 1]), 1), (0, [0, 1], 0), (1, [], 0)] {
            var harness = SchedulerHarness()
            harness.tell(.published(PolicyVersion(2 - staleness)))
            harness.tell(.open(Samples.round(step: 2, assignments: 1, problems: 4, staleness: staleness)))
            harness.join(1, version: 2 - staleness)
            let first = try #require(harness.issued.first)
            let traces = Samples.result(first.attempt, first.assignment.part(problems)).traces
            harness.say(
                .result(
                    RolloutResult(
                        attempt: first.attempt, traces: Array(traces.dropLast(missing)), claims: nil)), 1)
            #expect(harness.state.ledger.dropped == [.wrongSamples: 1])
            #expect(harness.examinations.isEmpty)
        }
    }

    /// A worker that generates an assignment which may come back in parts, and is told to end.
    private func draining() -> (harness: WorkerHarness, attempt: AttemptID, assignment: Assignment) {
        var harness = WorkerHarness.ready()
        let assignment = Samples.round(step: 1, staleness: 1)[0]
        let attempt = Samples.attempt(of: assignment)
        harness.hear(.assignment(attempt, assignment))
        harness.clear()
        harness.tell(.terminate)
        return (harness, attempt, assignment)
    }

    @Test func `a worker that is told to end delivers the problems that are done, and then ends`() {
        var (harness, attempt, assignment) = draining()
        #expect(harness.sent == [.goodbye(returning: [])])
        #expect(harness.actions.last == .curtailRollout(attempt))
        #expect(harness.exit == nil)
        harness.clear()
        harness.tell(.rolloutFinished(Samples.result(attempt, assignment.part([0]))))
        #expect(harness.results == [attempt])
        #expect(harness.exit == nil)
        harness.hear(.acknowledged(attempt))
        #expect(harness.exit?.code == 0)
    }

    @Test
    func `a worker that is told to end before anything is done gives its lease back, and failed at nothing`()
    {
        var (harness, attempt, _) = draining()
        harness.clear()
        harness.tell(.rolloutFailed(attempt, reason: "nothing of it is done"))
        #expect(harness.sent == [.goodbye(returning: [attempt])])
        #expect(harness.exit?.code == 0)
    }

    @Test func `a worker whose grace is over gives its lease back whatever it still computes`() {
        var (harness, attempt, _) = draining()
        harness.clear()
        harness.wait(.seconds(10))
        #expect(harness.sent.contains(.goodbye(returning: [attempt])))
        #expect(harness.exit?.code == 0)
    }
}
