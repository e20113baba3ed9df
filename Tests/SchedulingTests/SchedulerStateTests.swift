import Foundation
import Reasoning
import Reinforcement
import Scheduling
import TestSupport
import Testing

/// The ordinary way of a round.
struct SchedulerStateTests {
    @Test func `a round is handed out, gathered and completed in the order of its assignments`() {
        var harness = SchedulerHarness()
        harness.tell(.published(PolicyVersion(0)))
        harness.join(1)
        harness.join(2)
        harness.clear()
        harness.tell(.open(Samples.round(assignments: 3)))
        let first = harness.issued
        #expect(first.map(\.attempt.assignment.index) == [0, 1])
        #expect(first.map(\.worker) == [1, 2])
        // The second worker is first, and is given the third assignment before anyone has examined its result.
        harness.clear()
        harness.deliver(first[1].attempt, first[1].assignment, by: 2)
        #expect(harness.sent(to: 2).first == .acknowledged(first[1].attempt))
        #expect(harness.examinations.map(\.attempt) == [first[1].attempt])
        let third = harness.issued[0]
        #expect(third.attempt.assignment.index == 2 && third.worker == 2)
        harness.accept(first[1].attempt, first[1].assignment)
        harness.deliver(third.attempt, third.assignment, by: 2)
        harness.accept(third.attempt, third.assignment)
        #expect(harness.completed.isEmpty)
        harness.deliver(first[0].attempt, first[0].assignment, by: 1)
        harness.accept(first[0].attempt, first[0].assignment)
        #expect(harness.completed.count == 1)
        #expect(harness.completed[0].groups.map(\.problem.index) == [0, 1, 2, 3, 4, 5])
        #expect(harness.state.ledger.used == 3 && harness.state.ledger.issued == 3)
        #expect(harness.state.ledger.outstanding == 0)
    }

    @Test func `nobody is given work before it holds the round's policy`() {
        var harness = SchedulerHarness()
        harness.tell(.published(PolicyVersion(0)))
        harness.hello(1)
        harness.tell(.open(Samples.round()))
        #expect(harness.issued.isEmpty)
        #expect(harness.state.waiting.wait == .weights(PolicyVersion(0), workers: ["worker-1"]))
        harness.say(.ready(PolicyVersion(3)), 1)
        #expect(harness.issued.isEmpty)
        harness.say(.ready(PolicyVersion(0)), 1)
        #expect(harness.issued.count == 1)
    }

    @Test func `evaluation and training of one policy are generated side by side`() {
        var harness = SchedulerHarness()
        harness.tell(.published(PolicyVersion(0)))
        for worker in UInt8(1)...3 { harness.join(worker) }
        harness.tell(.open(Samples.round(purpose: .evaluation, assignments: 1, samples: 1)))
        harness.tell(.open(Samples.round(assignments: 2)))
        #expect(
            harness.issued.map(\.attempt.assignment.round.purpose) == [.evaluation, .training, .training])
    }

    @Test func `a publication is told to everyone at once, and in every pong`() {
        var harness = SchedulerHarness()
        harness.hello(1)
        harness.hello(2)
        harness.clear()
        harness.tell(.published(PolicyVersion(0)))
        #expect(harness.sent(to: 1) == [.pong(newest: PolicyVersion(0))])
        #expect(harness.sent(to: 2) == [.pong(newest: PolicyVersion(0))])
        harness.clear()
        harness.ping(2, version: nil)
        #expect(harness.sent(to: 2) == [.pong(newest: PolicyVersion(0))])
    }

    @Test func `what cannot be a round fails the run by name`() {
        let round = Samples.round(assignments: 2)
        let twice = [round[0], round[0]]
        let gap = [round[1]]
        let mixed = [round[0], Samples.round(step: 1)[1]]
        let none = [Assignment(id: round[0].id, problems: [], samples: 2, seed: 1)]
        let repeated = [
            round[0], Assignment(id: round[1].id, problems: round[0].problems, samples: 2, seed: 1),
        ]
        for invalid in [[], twice, gap, mixed, none, repeated] {
            var harness = SchedulerHarness()
            harness.tell(.open(invalid))
            #expect(harness.failures.count == 1)
        }
        var harness = SchedulerHarness()
        harness.tell(.open(round))
        harness.tell(.open(round))
        #expect(harness.failures.count == 1)
    }

    @Test func `a policy published before its predecessor's rounds are complete fails the run by name`() {
        var harness = SchedulerHarness()
        harness.tell(.published(PolicyVersion(0)))
        harness.tell(.open(Samples.round()))
        harness.tell(.published(PolicyVersion(1)))
        #expect(harness.failures.count == 1)
        #expect("\(harness.failures[0])".contains("training round of step 0"))
    }

    @Test func `waits have names and the time since which nothing has changed`() {
        var harness = SchedulerHarness()
        #expect(harness.state.waiting == Waiting(wait: .activity(.starting), since: .zero))
        harness.now = .seconds(5)
        harness.tell(.open(Samples.round()))
        #expect(harness.state.waiting == Waiting(wait: .worker, since: .seconds(5)))
        harness.wait(.seconds(600))
        #expect(harness.state.waiting == Waiting(wait: .worker, since: .seconds(5)))
        #expect(harness.failures.isEmpty)
        harness.hello(1)
        #expect(harness.state.waiting.wait == .publication(PolicyVersion(0)))
        harness.tell(.published(PolicyVersion(0)))
        harness.say(.ready(PolicyVersion(0)), 1)
        #expect(
            harness.state.waiting.wait
                == .results(RoundID(step: 0, purpose: .training), assignments: 2, workers: ["worker-1"]))
        #expect(
            harness.state.waiting.wait.description
                == "results of 2 assignments of the training round of step 0 from worker-1")
        let (attempt, assignment, _) = harness.issued[0]
        harness.deliver(attempt, assignment, by: 1)
        harness.accept(attempt, assignment)
        let last = harness.issued[1]
        harness.deliver(last.attempt, last.assignment, by: 1)
        #expect(
            harness.state.waiting.wait
                == .examination(RoundID(step: 0, purpose: .training), assignments: 1))
        harness.accept(last.attempt, last.assignment)
        harness.tell(.began(.learning))
        #expect(harness.state.waiting.wait == .activity(.learning))
    }

    @Test func `the status is answered to anyone, HELLO or not`() {
        var harness = SchedulerHarness()
        harness.say(.statusRequest, 9, stamp: .unknown)
        #expect(harness.actions == [.answerStatus(Samples.peer(9))])
    }

    @Test func `the report says what everyone does and survives JSON`() throws {
        var harness = SchedulerHarness()
        harness.tell(.published(PolicyVersion(0)))
        harness.join(1)
        harness.hello(2)
        harness.join(3)
        harness.join(4)
        harness.tell(.open(Samples.round(assignments: 2)))
        let (attempt, assignment, worker) = harness.issued[0]
        harness.now = .seconds(2)
        harness.deliver(attempt, assignment, by: worker)
        harness.accept(attempt, assignment)
        harness.say(.goodbye(returning: []), 4)
        let report = harness.state.report(now: .seconds(3))
        #expect(report.workers.map(\.state) == [.idle, .fetching, .generating, .leaving])
        #expect(report.workers[0].results == 1)
        let tokens = Double(Samples.result(attempt, assignment).tokenCount)
        #expect(report.workers[0].tokensPerSecond == tokens / 2)
        #expect(report.rounds.map(\.accepted) == [1])
        #expect(report.ledger.closes)
        let data = try JSONEncoder().encode(report)
        #expect(try JSONDecoder().decode(CoordinatorReport.self, from: data) == report)
    }

    @Test func `two hundred workers that join at once are all welcomed, and leave no trace of confusion`() {
        var harness = SchedulerHarness()
        harness.tell(.published(PolicyVersion(0)))
        harness.tell(.open(Samples.round(assignments: 150, problems: 1, samples: 1)))
        for worker in UInt8(0)..<200 { harness.join(worker) }
        #expect(harness.issued.count == 150)
        #expect(Set(harness.issued.map(\.worker)).count == 150)
        // The fifty who were idle get what those before them give back.
        for worker in UInt8(0)..<200 {
            harness.say(
                .goodbye(returning: harness.issued.filter { $0.worker == worker }.map(\.attempt)), worker)
        }
        #expect(harness.state.ledger.dropped[.returned] == 200)
        #expect(harness.state.ledger.outstanding == 0)
        #expect(harness.state.waiting.wait == .ableWorker((0..<200).map { "worker-\($0)" }.sorted()))
        harness.wait(.seconds(10))
        #expect(harness.state.waiting.wait == .worker)
        harness.clear()
        for worker in UInt8(0)..<200 { harness.join(worker) }
        #expect(harness.issued.count == 150)
    }

    @Test func `a farewell is told to all, and the coordinator ends when they have gone or had their time`() {
        for isPrompt in [true, false] {
            var harness = SchedulerHarness()
            harness.tell(.published(PolicyVersion(0)))
            harness.join(1)
            harness.tell(.open(Samples.round()))
            harness.clear()
            harness.tell(.shutdown(.complete))
            #expect(harness.sent(to: 1).contains(.farewell(.complete)))
            #expect(harness.state.ledger.dropped[.cancelled] == 1)
            #expect(harness.state.waiting.wait == .farewell(["worker-1"]))
            #expect(!harness.actions.contains(.over(.complete)))
            harness.hello(2)
            #expect(harness.sent(to: 2) == [.farewell(.complete)])
            // The farewell may have been lost, so a ping is answered with it.
            harness.clear()
            harness.ping(1)
            #expect(harness.sent(to: 1) == [.farewell(.complete)])
            if isPrompt {
                harness.say(.goodbye(returning: []), 1)
            } else {
                harness.wait(WorkerTiming.standard.grace, pinging: [1])
            }
            #expect(harness.actions.filter { $0 == .over(.complete) }.count == 1)
            // A run that is over says so again, so that nobody waits for its end.
            harness.clear()
            harness.tell(.shutdown(.failed))
            #expect(harness.actions == [.over(.complete)])
        }
    }

    @Test func `rounds that are open at a farewell, or asked for after it, are cancelled by name`() {
        var harness = SchedulerHarness()
        for step in 0...1 { harness.tell(.open(Samples.round(step: step))) }
        harness.tell(.shutdown(.failed))
        harness.tell(.open(Samples.round(step: 2)))
        let cancelled = (0...2).map { RoundID(step: $0, purpose: .training) }
        #expect(
            harness.actions.filter { if case .cancel = $0 { true } else { false } }
                == cancelled.map { .cancel($0, .failed) })
    }

    @Test func `a second request to end does not wait`() {
        var harness = SchedulerHarness()
        harness.hello(1)
        harness.tell(.shutdown(.failed))
        harness.tell(.shutdown(.failed))
        #expect(harness.actions.last == .over(.failed))
    }
}
