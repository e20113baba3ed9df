import Reinforcement
import Scheduling
import TestSupport
import Testing

/// Processes that share one worker name.
struct `Names of workers` {
    private func refusals(_ harness: SchedulerHarness, to peer: UInt8) -> [Refusal] {
        harness.sent(to: peer).compactMap { message in
            if case .refused(let refusal) = message { refusal } else { nil }
        }
    }

    private func challenges(_ harness: SchedulerHarness, to peer: UInt8) -> [UInt64] {
        harness.sent(to: peer).compactMap { message in
            if case .challenge(let number) = message { number } else { nil }
        }
    }

    private func isWelcome(_ harness: SchedulerHarness, _ peer: UInt8) -> Bool {
        harness.sent(to: peer).contains { message in
            if case .welcome = message { true } else { false }
        }
    }

    @Test func `a living holder keeps its name and its work, and the other one hears the remedy`() throws {
        var harness = SchedulerHarness()
        harness.join(1)
        harness.hello(1, instance: 100, peer: 11)
        #expect(harness.sent(to: 11).isEmpty)
        let number = try #require(challenges(harness, to: 1).first)
        harness.say(.alive(number), 1)
        let refusal = try #require(refusals(harness, to: 11).first)
        #expect(
            refusal.description
                == "another living worker is called worker-1 (process 1 on h): give each its own --name")
        let worker = harness.state.report(now: harness.now).workers[0]
        #expect(worker.deaths == 0)
        harness.clear()
        harness.ping(1)
        #expect(harness.sent(to: 1) == [.pong(newest: nil)])
    }

    @Test func `a process whose connection is gone gives its name and its work up at once`() throws {
        var harness = SchedulerHarness()
        harness.tell(.published(PolicyVersion(0)))
        harness.join(1)
        harness.tell(.open(Samples.round(assignments: 1)))
        #expect(harness.issued.map(\.worker) == [1])
        harness.hello(1, instance: 100, peer: 11)
        #expect(!isWelcome(harness, 11))
        // The challenge found nobody.
        harness.tell(.disconnected(Samples.peer(1)))
        #expect(isWelcome(harness, 11))
        #expect(harness.events.contains(.workerRestarted("worker-1", host: "h", process: 1)))
        #expect(harness.state.ledger.dropped == [.lost: 1])
        harness.say(.ready(PolicyVersion(0)), 11)
        #expect(harness.issued.map(\.worker) == [1, 11])
        // Known to be gone, it is replaced by the first HELLO.
        harness.tell(.disconnected(Samples.peer(11)))
        harness.hello(1, instance: 101, peer: 12)
        #expect(isWelcome(harness, 12))
    }

    @Test func `a process that is silent for too long gives its name to the first that waits for it`() throws
    {
        var harness = SchedulerHarness()
        harness.join(1)
        harness.hello(1, instance: 100, peer: 11)
        harness.hello(1, instance: 101, peer: 12)
        harness.wait(.seconds(7))
        #expect(!isWelcome(harness, 11))
        harness.wait(.seconds(2))
        #expect(isWelcome(harness, 11))
        // The third one is refused by the second one's answer, and the first one too when it wakes up.
        let number = try #require(challenges(harness, to: 11).last)
        harness.say(.alive(number), 11)
        #expect(refusals(harness, to: 12).count == 1)
        harness.hello(1, instance: 1, peer: 1, stamp: Samples.stamp)
        harness.say(.alive(try #require(challenges(harness, to: 11).last)), 11)
        #expect(refusals(harness, to: 1).count == 1)
    }

    @Test func `an answer to an earlier question, or of an earlier HELLO, proves nothing`() throws {
        var harness = SchedulerHarness()
        harness.join(1)
        harness.hello(1, instance: 100, peer: 11)
        let first = try #require(challenges(harness, to: 1).first)
        harness.say(.alive(first), 1)
        #expect(refusals(harness, to: 11).count == 1)
        // It dies now, and what it sent comes late and twice.
        harness.hello(1, instance: 102, peer: 12)
        harness.say(.alive(first), 1)
        harness.hello(1)
        harness.ping(1)
        #expect(refusals(harness, to: 12).isEmpty)
        harness.tell(.disconnected(Samples.peer(1)))
        #expect(isWelcome(harness, 12))
    }

    @Test func `a HELLO of a dead process that comes late does not lock the living one out`() {
        var harness = SchedulerHarness()
        harness.hello(1, instance: 2, peer: 12)
        harness.tell(.disconnected(Samples.peer(12)))
        harness.hello(1, instance: 1, peer: 11)
        harness.clear()
        harness.hello(1, instance: 2, peer: 13)
        harness.tell(.disconnected(Samples.peer(11)))
        #expect(isWelcome(harness, 13))
    }

    /// Workers of one name on a network that loses and delays messages, some of them slow to answer.
    @Test(arguments: 0..<200 as Range<UInt64>)
    func `of many living processes of one name exactly one works, and the others are told why`(seed: UInt64) {
        var random = SplitMix(seed: seed)
        var harness = SchedulerHarness()
        let count = UInt8(2 + random.below(4))
        let loss = [0, 0.1, 0.25][random.below(3)]
        /// Seconds that each process needs for an answer.
        let slowness = (1...count).map { _ in random.below(4) }
        var workers = (1...count).map { number in
            WorkerState(
                WorkerState.Identity(
                    name: "vm-1", instance: UInt64(number), host: "vm", process: 1, machine: "m"),
                timing: .standard, now: .zero)
        }
        var ends: [UInt8: (code: Int32, reason: String)] = [:]
        var mail: [(due: Int, number: UInt8, message: Envelope<CoordinatorMessage>)] = []
        var answers: [(due: Int, number: UInt8, message: Envelope<WorkerMessage>)] = []
        var read = 0
        func act(_ number: UInt8, _ event: WorkerState.Event, _ second: Int) {
            guard ends[number] == nil else { return }
            for action in workers[Int(number) - 1].handle(event, now: .seconds(second)) {
                switch action {
                case .send(let envelope) where !random.chance(loss):
                    answers.append((second + slowness[Int(number) - 1], number, envelope))
                case .exit(let code, let reason): ends[number] = (code, reason)
                default: break
                }
            }
        }
        for second in 0..<240 {
            for number in 1...count {
                if second == Int(number) / 2 { act(number, .start, second) }
                if second > Int(number) / 2 { act(number, .tick, second) }
            }
            for letter in answers where letter.due <= second {
                harness.tell(.received(letter.message, from: Samples.peer(letter.number)))
            }
            answers.removeAll { $0.due <= second }
            harness.now = .seconds(second)
            harness.tell(.tick)
            for case .send(let envelope, let peer) in harness.actions[read...] where !random.chance(loss) {
                mail.append((second + random.below(2), peer.bytes[0], envelope))
            }
            read = harness.actions.count
            let due = mail.filter { $0.due <= second }
            mail.removeAll { $0.due <= second }
            for letter in due { act(letter.number, .received(letter.message), second) }
        }
        #expect(ends.count == Int(count) - 1, "\(ends)")
        for end in ends.values {
            #expect(end.code == 4)
            #expect(end.reason.contains("another living worker is called vm-1"), "\(end.reason)")
        }
        // With much loss a living worker may seem dead; else nobody's death was made up.
        if loss < 0.2 {
            #expect(harness.state.report(now: harness.now).workers.map(\.deaths) == [0])
        }
    }
}
