import Reasoning
import Reinforcement
import Scheduling
import TestSupport
import Testing

/// How far a worker is trusted, and what becomes of problems that no worker survives.
struct TrustTests {
    private func scrutiny(_ harness: SchedulerHarness) -> [Double] {
        harness.actions.compactMap { action in
            if case .examine(_, _, _, let scrutiny) = action { scrutiny } else { nil }
        }
    }

    /// Worker 1 has a result of each of the next `count` assignments used.
    private func work(_ harness: inout SchedulerHarness, _ count: Int) {
        for _ in 0..<count {
            guard let last = harness.issued.last else { return }
            harness.deliver(last.attempt, last.assignment, by: 1)
            harness.accept(last.attempt, last.assignment)
        }
    }

    @Test func `a newcomer is examined more often than a proven worker, and one that was caught most of all`()
    {
        var harness = SchedulerHarness {
            $0.probation = 3
            $0.newcomerScrutiny = 4
            $0.suspectScrutiny = 20
        }
        harness.tell(.published(PolicyVersion(0)))
        harness.join(1)
        harness.tell(.open(Samples.round(assignments: 12)))
        work(&harness, 5)
        #expect(scrutiny(harness) == [4, 4, 4, 1, 1])
        harness.clear()
        harness.say(.ping(WorkerStanding(version: PolicyVersion(0), working: [], pending: [])), 1)
        let held = AttemptID(
            assignment: AssignmentID(round: RoundID(step: 0, purpose: .training), index: 5), incarnation: 2,
            number: 1)
        harness.say(.result(RolloutResult(attempt: held, traces: [], claims: nil)), 1)
        #expect(harness.state.ledger.dropped == [.wrongSamples: 1])
        #expect(harness.state.report(now: harness.now).workers[0].scrutiny == 20)
        work(&harness, 4)
        // A suspect that behaves is trusted again.
        #expect(scrutiny(harness) == [20, 20, 20, 1])
    }

    /// Two assignments; whoever takes the first one dies, `deaths` times.
    private func poisoned(_ harness: inout SchedulerHarness, deaths: Int) {
        harness.tell(.published(PolicyVersion(0)))
        harness.tell(.open(Samples.round(assignments: 2)))
        for instance in 1...UInt8(deaths + 1) {
            harness.tell(.disconnected(Samples.peer(instance - 1)))
            harness.hello(1, instance: UInt64(instance), peer: instance)
            harness.say(.ready(PolicyVersion(0)), instance)
        }
    }

    @Test func `a problem that kills every worker is set aside by name, and its round goes on without it`()
        throws
    {
        var harness = SchedulerHarness {
            $0.poisonLimit = 3
            $0.deathLimit = 100
        }
        poisoned(&harness, deaths: 3)
        #expect(harness.failures.isEmpty)
        #expect(harness.issued.map(\.attempt.assignment.index) == [0, 0, 0, 1])
        let aside = try #require(harness.state.report(now: .zero).setAside?.first)
        #expect(aside.problems == ["sums/0", "sums/1"])
        #expect(aside.attempts == 3)
        #expect(
            harness.events.contains {
                if case .problemsSetAside(_, 3, ["sums/0", "sums/1"], _) = $0 { true } else { false }
            })
        let (attempt, assignment, _) = try #require(harness.issued.last)
        harness.say(.result(Samples.result(attempt, assignment)), 4)
        harness.accept(attempt, assignment)
        // The groups of the assignment that is left, and a ledger that closes.
        #expect(harness.completed.map { $0.groups.map(\.problem.index) } == [[2, 3]])
        #expect(harness.state.ledger.issued == 4 && harness.state.ledger.dropped == [.lost: 3])
        #expect(harness.state.ledger.closes)
    }

    @Test func `a twin of an assignment that is set aside ends with it`() {
        var harness = SchedulerHarness {
            $0.poisonLimit = 1
            $0.straggler = .seconds(2)
        }
        harness.tell(.published(PolicyVersion(0)))
        for worker in UInt8(1)...3 { harness.join(worker) }
        harness.tell(.open(Samples.round(assignments: 2)))
        let (attempt, _, worker) = harness.issued[0]
        let other = harness.issued[1]
        harness.wait(
            .seconds(3), pinging: [1, 2, 3], working: [worker: attempt, other.worker: other.attempt])
        #expect(harness.issued.count == 3)
        harness.clear()
        harness.say(.failed(attempt, reason: "no memory"), worker)
        #expect(harness.failures.isEmpty)
        #expect(harness.state.ledger.dropped == [.failed: 1, .superseded: 1])
        harness.deliver(other.attempt, other.assignment, by: other.worker)
        harness.accept(other.attempt, other.assignment)
        #expect(harness.completed.map { $0.groups.map(\.problem.index) } == [[2, 3]])
    }

    @Test func `a round of which nothing is left ends the run`() {
        var harness = SchedulerHarness {
            $0.poisonLimit = 2
            $0.deathLimit = 100
        }
        poisoned(&harness, deaths: 4)
        #expect(harness.failures.count == 1)
        #expect(harness.state.report(now: .zero).setAside?.count == 2)
        #expect(harness.state.ledger.closes)
    }

    /// A coordinator that comes back after `deaths` over two assignments of which each is set aside after `limit`, with a worker and
    /// that round of them open again; and what the earlier life had set aside.
    private func comeBack(
        deaths: Int, limit: Int, to round: [Assignment] = Samples.round(assignments: 2)
    ) throws -> (SchedulerHarness, given: [CoordinatorReport.SetAside]) {
        var before = SchedulerHarness {
            $0.poisonLimit = limit
            $0.deathLimit = 100
        }
        poisoned(&before, deaths: deaths)
        let given = try #require(before.state.report(now: .zero).setAside)
        var harness = SchedulerHarness()
        harness.tell(.recalled(given))
        harness.tell(.published(PolicyVersion(0)))
        harness.join(1)
        harness.tell(.open(round))
        return (harness, given)
    }

    @Test func `a coordinator that comes back does not hand out what its earlier life set aside`() throws {
        var (harness, given) = try comeBack(deaths: 3, limit: 3)
        #expect(harness.issued.map(\.attempt.assignment.index) == [1])
        let (attempt, assignment, _) = harness.issued[0]
        harness.deliver(attempt, assignment, by: 1)
        harness.accept(attempt, assignment)
        #expect(harness.completed.map { $0.groups.map(\.problem.index) } == [[2, 3]])
        #expect(harness.state.report(now: .zero).setAside == given)
    }

    @Test func `other problems in the place of what was set aside are handed out`() throws {
        let round = Samples.round(assignments: 2).map { assignment in
            Assignment(
                id: assignment.id,
                problems: assignment.problems.map { old in
                    AssignedProblem(
                        index: old.index,
                        problem: Problem(
                            id: "other/\(old.index)", question: "1=?", expected: "1", difficulty: 1))
                }, samples: assignment.samples, seed: assignment.seed)
        }
        let (harness, _) = try comeBack(deaths: 3, limit: 3, to: round)
        #expect(harness.issued.map(\.attempt.assignment.index) == [0])
    }

    @Test func `a round that was given up whole is tried anew by a coordinator that comes back`() throws {
        let (harness, _) = try comeBack(deaths: 4, limit: 2)
        #expect(harness.issued.map(\.attempt.assignment.index) == [0])
        #expect(harness.state.report(now: .zero).setAside == [])
    }
}
