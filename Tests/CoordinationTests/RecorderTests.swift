import Foundation
import Reinforcement
import Scheduling
import Settings
import Synchronization
import Testing

@testable import Coordination
@testable import RunStore

/// Records that cannot be written for a while.
@Suite struct RecorderTests {
    @Test func `records that the disk refuses are an alarm and are written later, none missing`() async throws
    {
        let scratch = try Scratch()
        let directory = try RunDirectory.prepare(at: scratch.run)
        try directory.start(RunConfiguration(), identity: RunIdentity(created: Date()))
        let said = Lines()
        let journal = Journal(incarnation: 1, log: { said.add($0) })
        let recorder = RunRecorder(directory, journal: journal, settings: RecordSettings())
        _ = try await recorder.open(at: 0, event: nil)

        let blocker = try Blocker(directory)
        journal.note("early", "before")
        await recorder.record(StepMetrics(step: 1, incarnation: 1, time: 0), groups: [])
        #expect(await recorder.trouble != nil)
        #expect(said.all.contains { $0.hasPrefix("ALARM") })
        #expect(try MetricsFile.read(directory).isEmpty)

        blocker.release()
        await recorder.record(StepMetrics(step: 2, incarnation: 1, time: 0), groups: [])
        #expect(await recorder.trouble == nil)
        await recorder.close()
        let database = try RunDatabase.openReadOnly(directory)
        #expect(try database.steps().map(\.step) == [1, 2])
        #expect(try MetricsFile.read(directory).map(\.step) == [1, 2])
        #expect(try database.events(last: 10).contains { $0.kind == "early" })
    }

    @Test func `a folder that TensorBoard's files cannot be written to is an alarm; the other records go on`()
        async throws
    {
        let scratch = try Scratch()
        let directory = try RunDirectory.prepare(at: scratch.run)
        try directory.start(RunConfiguration(), identity: RunIdentity(created: Date()))
        try Data().write(to: directory.tensorboard)
        let said = Lines()
        let journal = Journal(incarnation: 1, log: { said.add($0) })
        let recorder = RunRecorder(directory, journal: journal, settings: RecordSettings())
        _ = try await recorder.open(at: 0, event: nil)
        journal.note("early", "before")
        await recorder.record(StepMetrics(step: 1, incarnation: 1, time: 0), groups: [])
        #expect(said.all.contains { $0.hasPrefix("ALARM") && $0.contains("tensorboard") })
        #expect(try MetricsFile.read(directory).map(\.step) == [1])
        await recorder.close()
        let database = try RunDatabase.openReadOnly(directory)
        #expect(try database.events(last: 10).contains { $0.kind == "early" })
    }

    @Test func `a start writes what a killed process recorded in the database only, and nothing twice`()
        async throws
    {
        let scratch = try Scratch()
        let directory = try RunDirectory.prepare(at: scratch.run)
        try directory.start(RunConfiguration(), identity: RunIdentity(created: Date()))
        let journal = Journal(incarnation: 1, log: { _ in })
        let first = RunRecorder(directory, journal: journal, settings: RecordSettings())
        _ = try await first.open(at: 0, event: nil)
        for step in 1...3 {
            await first.record(StepMetrics(step: step, incarnation: 1, time: 0), groups: [])
        }
        await first.close()
        // As if the process had been killed between the database and the files of step 3.
        _ = try MetricsFile.open(directory, cutAfter: 2)
        try FileManager.default.removeItem(at: directory.tensorboard)

        let second = RunRecorder(directory, journal: journal, settings: RecordSettings())
        _ = try await second.open(at: 3, event: nil)
        #expect(try MetricsFile.read(directory).map(\.step) == [1, 2, 3])
        #expect(try TensorBoardFile(directory, cutAfter: 3).last == MetricsPosition(step: 3, kind: .step))
        await second.record(StepMetrics(step: 4, incarnation: 2, time: 0), groups: [])
        await second.close()
        #expect(try MetricsFile.read(directory).map(\.step) == [1, 2, 3, 4])
        #expect(try TensorBoardFile(directory, cutAfter: 4).last == MetricsPosition(step: 4, kind: .step))
    }

    @Test func `a flood of events is bounded, and says how many were forgotten`() {
        let journal = Journal(incarnation: 1, log: { _ in })
        for number in 0..<10_000 { journal.note("flood", "\(number)") }
        let events = journal.take()
        #expect(events.count <= 4097)
        #expect(events.last?.kind == "eventsForgotten")
        #expect(events.dropLast().last?.message == "9999")
        #expect(journal.take().isEmpty)
    }

    @Test func `what strangers cause is recorded the first, second, fourth time of an address, and counted`()
    {
        let said = Lines()
        let journal = Journal(incarnation: 1, log: { said.add($0) })
        let refusal = Refusal(subject: .run, ours: "a", theirs: "b")
        for connection in 0..<1000 {
            journal.note(.messageMalformed(address: "10.0.0.1#\(connection)", reason: "nonsense"))
            journal.note(.workerRefused(refusal, address: "10.0.0.2#\(connection)"))
        }
        journal.note(.messageMalformed(address: "10.0.0.3#1", reason: "nonsense"))
        let events = journal.take()
        #expect(events.count { $0.kind == "malformed" } == 11)
        #expect(events.last?.message.contains("10.0.0.3") == true)
        #expect(said.all.count == 10)
        #expect(said.all.last?.contains("512 such messages") == true)
    }

    /// Somebody else who writes into the same database until told to stop.
    private final class Blocker: Sendable {
        private let leave = DispatchSemaphore(value: 0)
        private let left = DispatchSemaphore(value: 0)

        init(_ directory: RunDirectory) throws {
            let database = try RunDatabase.open(directory)
            let entered = DispatchSemaphore(value: 0)
            let thread = Thread { [leave, left] in
                try? database.write("hold the lock") { _ in
                    entered.signal()
                    leave.wait()
                }
                left.signal()
            }
            thread.start()
            entered.wait()
        }

        func release() {
            leave.signal()
            left.wait()
        }
    }
}
