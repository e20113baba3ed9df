import Foundation
import GRDB
import Reasoning
import Reinforcement
import Settings
import StrictConfiguration
import Testing

@testable import RunStore

/// The step at which accuracy took off, in the records.
@Suite struct AhaTests {
    let scratch: Scratch
    let run: RunDirectory
    let database: RunDatabase

    init() throws {
        scratch = try Scratch()
        run = try scratch.run()
        database = try RunDatabase.open(run)
    }

    private func moment(_ step: Int, shownBy groups: [TraceGroup] = []) -> AhaMoment {
        AhaMoment(TakeOff(step: step, before: 0.0625, after: 0.5), shownBy: groups)
    }

    private func event(_ aha: AhaMoment) throws -> EventRecord {
        try EventRecord(
            time: 0, monotonic: 0, incarnation: 1, step: aha.step, kind: AhaMoment.kind, message: aha.message
        ).telling(aha)
    }

    private func record(_ steps: ClosedRange<Int>, aha: Int) throws {
        for step in steps {
            try database.record(
                .sample(step: step), groups: [], traceLimit: 0,
                event: step == aha ? event(moment(step)) : nil)
        }
    }

    private func group(_ problem: Int, right: Int, of samples: Int = 4, thought: String? = "1+1=2")
        -> TraceGroup
    {
        let sample = TraceGroup.sample(version: 6, problem: problem, samples: samples)
        let traces = sample.traces.enumerated().map { index, scored in
            ScoredTrace(
                trace: scored.trace, response: scored.response, form: nil,
                thought: index == right - 1 ? thought.map { $0 + ",2=2" } : thought,
                reward: Reward(format: 0, accuracy: 0, verdict: index < right ? .correct : .wrong))
        }
        return TraceGroup(problem: sample.problem, prompt: [], traces: traces, worker: "w1")
    }

    @Test func `the trace that shows it is right, and of the problem that the fewest samples get right`() {
        let groups = [group(0, right: 4), group(1, right: 0), group(2, right: 2), group(3, right: 3)]
        let shown = moment(7, shownBy: groups).trace
        // Of two right ones, the second has the longer thought.
        #expect(shown == SampleID(round: RoundID(step: 6, purpose: .training), problem: 2, sample: 1))
        #expect(moment(7, shownBy: [group(0, right: 2, thought: nil), group(1, right: 0)]).trace == nil)
        #expect(moment(7, shownBy: [group(0, right: 2, thought: "")]).trace?.sample == 1)
    }

    @Test func `the event has step, words and the trace, and status has the moment`() throws {
        let aha = moment(7, shownBy: [group(2, right: 1)])
        try database.record(.sample(step: 7), groups: [], traceLimit: 0, event: event(aha))
        let told = try #require(try database.events(last: 1).first)
        #expect(told.kind == "aha" && told.step == 7)
        #expect(told.message == "accuracy took off at step 7: 6.2 % in steps 1 to 5, 50.0 % now")
        #expect(
            told.detail?.contains(#""problem":2,"round":{"purpose":"training","step":6},"sample":0"#) == true)
        #expect(try database.aha() == aha)
        try database.close()
        let status = try RunStatus(of: run)
        #expect(status.aha == aha)
        #expect(try RunStatus(json: Data(status.line().utf8)).aha == aha)
    }

    @Test func `a step that cannot be recorded leaves no event`() throws {
        try database.write("drop") { try $0.execute(sql: "DROP TABLE groups") }
        #expect(throws: RunDatabaseError.self) {
            try database.record(
                .sample(step: 7), groups: [group(0, right: 1)], traceLimit: 9, event: event(moment(7)))
        }
        #expect(try database.aha() == nil)
    }

    @Test func `a resume before it cuts it, a later one does not`() throws {
        try record(1...9, aha: 7)
        let resumed = EventRecord(
            time: 0, monotonic: 0, incarnation: 2, step: 8, kind: "resumed", message: "from step")
        try database.cut(after: 7, event: resumed)
        #expect(try database.aha()?.step == 7)
        try database.cut(after: 6, event: resumed)
        #expect(try database.aha() == nil && database.events(last: 9).map(\.kind) == ["resumed", "resumed"])
    }

    @Test func `limits on the records never remove it`() throws {
        try record(1...9, aha: 3)
        let noise = EventRecord(time: 0, monotonic: 0, incarnation: 1, step: 1, kind: "note", message: "")
        for _ in 0..<20 { try database.record([noise], keeping: 3) }
        try database.prune(RecordSettings { ($0.keepDays, $0.keepSteps) = (1, 1) }, now: 1e12)
        #expect(try database.aha()?.step == 3 && database.steps().isEmpty)
    }

    @Test func `what the records say of a take-off needs the first steps and every step`() throws {
        #expect(try database.takeOffDetector()?.takeOff == nil)
        for step in 1...40 {
            var metrics = StepMetrics.sample(step: step)
            (metrics.accuracy, metrics.format) = (step < 20 ? 0.1 : 0.9, 1)
            try database.record(metrics, groups: [], traceLimit: 0)
        }
        let found = try #require(try database.takeOffDetector()?.takeOff)
        #expect((21...26).contains(found.step))
        try database.prune(RecordSettings { $0.keepSteps = 39 }, now: 0)
        #expect(try database.takeOffDetector() == nil)
    }

    @Test func `records without the column have none`() throws {
        try database.write("age") {
            try $0.execute(sql: "DROP INDEX events_aha; ALTER TABLE events DROP COLUMN detail")
        }
        try database.write("note") {
            try $0.execute(
                sql: """
                    INSERT INTO events (time, monotonic, epoch, step, kind, message)
                    VALUES (0, 0, 1, 1, 'note', 'old')
                    """)
        }
        #expect(try database.aha() == nil && database.events(last: 1).first?.message == "old")
    }
}
