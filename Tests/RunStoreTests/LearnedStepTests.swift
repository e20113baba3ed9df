import Reinforcement
import Settings
import StrictConfiguration
import Testing

@testable import RunStore

@Suite struct LearnedStepTests {
    let scratch: Scratch
    let run: RunDirectory
    let database: RunDatabase

    init() throws {
        scratch = try Scratch()
        run = try scratch.run()
        database = try RunDatabase.open(run)
        for step in 1...6 {
            try database.record(
                .sample(step: step), groups: [.sample(version: step - 1)], traceLimit: 0,
                replayedWith: step < 4 ? "{}" : #"{"seed":1}"#)
        }
    }

    @Test func `what a step learned from is kept whole, with the configuration of that step`() throws {
        #expect(try database.learnedSteps() == Array(1...6))
        let third = try #require(try database.learned(step: 3))
        #expect(third.configuration == "{}")
        #expect(try third.packed.groups() == [LearnedGroup(.sample(version: 2))])
        #expect(try database.learned(step: 4)?.configuration == #"{"seed":1}"#)
        #expect(try database.learned(step: 7) == nil)
    }

    @Test func `a resume cuts it with the steps, and a fork takes it along`() throws {
        let event = EventRecord(
            time: 5, monotonic: 1, incarnation: 1, step: 4, kind: "resume", message: "resumed")
        try database.cut(after: 4, event: event)
        #expect(try database.learnedSteps() == Array(1...4))
        let fork = try scratch.run("fork")
        try database.copyHistory(to: fork)
        #expect(try RunDatabase.openReadOnly(fork).learnedSteps() == Array(1...4))
    }

    @Test func `limits of steps and of size remove the oldest, and the newest stays`() throws {
        let size = try #require(try database.learned(step: 6)).packed.bytes.count
        try database.write("trim") { try LearnedStep.trim($0, to: 3 * size) }
        #expect(try database.learnedSteps() == [4, 5, 6])
        try database.prune(RecordSettings { $0.keepSteps = 2 }, now: 0)
        #expect(try database.learnedSteps() == [5, 6])
        try database.write("trim") { try LearnedStep.trim($0, to: 1) }
        #expect(try database.learnedSteps() == [6])
    }
}
