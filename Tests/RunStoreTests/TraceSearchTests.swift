import Foundation
import GRDB
import Reasoning
import Reinforcement
import Settings
import StrictConfiguration
import Testing

@testable import RunStore

/// Finding traces by their words.
@Suite struct TraceSearchTests {
    let scratch: Scratch
    let run: RunDirectory

    init() throws {
        scratch = try Scratch()
        run = try scratch.run()
    }

    private static let responses = [
        "<think>Wait, no: 9*7=63</think>63", "check again", "checking 9*70", "기다려요", "=", "waiting",
    ]

    private func filled(search: Bool) throws -> RunDatabase {
        let database = try RunDatabase.open(run, search: search)
        for step in 1...3 {
            let groups = Self.responses.enumerated().map {
                TraceGroup.sample(version: step - 1, problem: $0.offset, samples: 2, response: $0.element)
            }
            try database.record(.sample(step: step), groups: groups, traceLimit: 100)
        }
        return database
    }

    private func problems(_ text: String, _ database: RunDatabase, _ order: TraceFilter.Order = .newest)
        throws
        -> [Int]
    {
        var filter = TraceFilter()
        (filter.containing, filter.order, filter.versions) = (text, order, 1...1)
        return try database.traces(filter).filter { $0.sample == 0 }.map(\.problem)
    }

    @Test(arguments: [true, false])
    func `words are found in their order, in any case, whatever stands between`(search: Bool) throws {
        let database = try filled(search: search)
        for order in [TraceFilter.Order.newest, .oldest, .best, .longest] {
            #expect(try problems("wait", database, order) == [0])
            #expect(try problems("WAIT NO", database, order) == [0])
            #expect(try problems("no wait", database, order) == [])
            #expect(try Set(problems("wait*", database, order)) == [0, 5])
            #expect(try problems("9*7=63", database, order) == [0])
            #expect(try problems("9*7", database, order) == [0])
            #expect(try problems("check", database, order) == [1])
            #expect(try problems("기다려", database, order) == [3])
            #expect(try problems("=", database, order).sorted() == [0, 4])
            #expect(try problems("\" OR wait", database, order) == [])
        }
    }

    @Test func `with and without the index the newest come in the same order`() throws {
        var filter = TraceFilter()
        filter.containing = "9"
        let indexed = try filled(search: true)
        let found = try indexed.traces(filter)
        try indexed.close()
        let plain = try RunDatabase.open(run, search: false)
        #expect(try plain.traces(filter) == found)
        #expect(
            found.map { [$0.version, $0.problem, $0.sample] }.prefix(3) == [
                [2, 0, 0], [2, 0, 1], [2, 2, 0],
            ])
        #expect(found.count == 12)
    }

    @Test func `an index that is switched on holds what was recorded without it`() throws {
        try filled(search: false).close()
        let database = try RunDatabase.open(run, search: true)
        #expect(try database.read("look") { try TextIndex.exists($0) })
        #expect(try problems("wait", database) == [0])
    }

    @Test func `what is cut, pruned or recorded again is in the index no more`() throws {
        let database = try filled(search: true)
        func count(_ word: String) throws -> Int {
            try database.read("count") {
                try Int.fetchOne(
                    $0, sql: "SELECT count(*) FROM trace_text WHERE trace_text MATCH ?", arguments: [word])
                    ?? -1
            }
        }
        #expect(try count("wait") == 6)
        try database.record(
            .sample(step: 3), groups: [.sample(version: 2, response: "other words")], traceLimit: 100)
        #expect(try count("wait") == 4 && count("other") == 4)
        try database.prune(RecordSettings { $0.keepSteps = 2 }, now: 0)
        #expect(try count("wait") == 2)
        let event = EventRecord(time: 0, monotonic: 0, incarnation: 2, step: 1, kind: "resumed", message: "")
        try database.cut(after: 1, event: event)
        #expect(try count("wait") == 0 && count("other") == 0)
        let check = "INSERT INTO trace_text (trace_text) VALUES ('integrity-check')"
        try database.write("check") { try $0.execute(sql: check) }
    }

    @Test func `the index of a run that prunes all the time stays small`() throws {
        let database = try RunDatabase.open(run)
        let limits = RecordSettings { $0.keepSteps = 20 }
        var sizes: [Int] = []
        for step in 1...400 {
            let text = "<think>\(step)*\(step)=\(step * step) wait \(step % 7)</think>"
            try database.record(
                .sample(step: step), groups: [.sample(version: step - 1, samples: 32, response: text)],
                traceLimit: 100)
            if step % 20 == 0 {
                try database.prune(limits, now: 0)
                sizes.append(try database.usedBytes())
            }
        }
        let early = try #require(sizes.prefix(5).max())
        let late = try #require(sizes.suffix(5).max())
        #expect(late < 2 * early, "\(sizes)")
    }

    @Test func `a filter finds the same by every way through the indexes`() throws {
        let database = try RunDatabase.open(run)
        for step in 1...12 {
            let groups = (0..<4).map {
                TraceGroup.sample(
                    version: step - 1, problem: $0, samples: 4, worker: "w\($0 % 2)",
                    response: $0 == 1 ? "wait" : "blurt \(step)")
            }
            try database.record(.sample(step: step), groups: groups, traceLimit: 100, tokenLimit: 2)
        }
        var every = TraceFilter()
        every.limit = .max
        let all = try database.traces(every)
        #expect(all.count == 192)
        for order in [TraceFilter.Order.newest, .oldest, .best, .worst, .longest] {
            for text in [nil, "wait", "blurt 3"] {
                for worker in [nil, "w1", "nobody"] {
                    for verdict in [nil, Verdict.Kind.correct, .wrong] {
                        for hasTokens in [false, true] {
                            var filter = every
                            (filter.order, filter.containing, filter.worker) = (order, text, worker)
                            (filter.verdict, filter.hasTokens, filter.versions) = (verdict, hasTokens, 2...9)
                            let expected = all.filter { trace in
                                2...9 ~= trace.version && (text.map { trace.response.contains($0) } ?? true)
                                    && (worker == nil || trace.worker == worker)
                                    && (verdict == nil || trace.reward.verdict?.kind == verdict)
                                    && (!hasTokens || trace.tokenList != nil)
                            }
                            #expect(try Set(database.traces(filter)) == Set(expected))
                        }
                    }
                }
            }
        }
    }
}

/// Tokens that are kept with their traces.
@Suite struct TokenRecordTests {
    private let trace = Trace(
        id: SampleID(round: RoundID(step: 9, purpose: .training), problem: 0, sample: 0),
        tokens: [0, 127, 128, 151_935, Int32.max, 5], logProbabilities: [-0.5, -0, -1e-7, -30, -2],
        segments: [
            .sampled(PolicyVersion(8), tokens: 2), .given(tokens: 1), .sampled(PolicyVersion(300), tokens: 3),
        ], finish: .end)

    @Test func `tokens come back bit for bit, with policy and advantage`() throws {
        for advantage in [nil, Float(-0.125), 0] {
            let record = TokenRecord(trace, advantage: advantage)
            #expect(try TokenRecord(packed: record.packed) == record)
            #expect(record.each.map(\.version) == [8, 8, nil, 300, 300, 300])
            #expect(record.each.map(\.logProbability) == [-0.5, -0, nil, -1e-7, -30, -2])
            #expect(record.each.map(\.id) == trace.tokens && record.each[0].advantage == advantage)
        }
    }

    @Test func `a token takes 5 to 7 bytes`() {
        let count = 1000
        for (id, bytes) in [(Int32(100), 5), (10_000, 6), (151_000, 7)] {
            let long = Trace(
                id: trace.id, tokens: Array(repeating: id, count: count),
                logProbabilities: Array(repeating: -1, count: count), version: PolicyVersion(7), finish: .end)
            #expect(abs(TokenRecord(long, advantage: 1).packed.count - count * bytes) < 16)
        }
    }

    @Test func `damaged bytes are an error, whatever they are`() {
        let good = TokenRecord(trace, advantage: 1).packed
        for length in 0..<good.count {
            #expect(throws: DatabaseError.self) { try TokenRecord(packed: good.prefix(length)) }
        }
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            let noise = Data(
                [1] + (0..<Int.random(in: 0...64, using: &random)).map { _ in UInt8.random(in: 0...255) })
            _ = try? TokenRecord(packed: noise)
        }
    }

    @Test func `tokens of a sample of a step's traces are kept, of groups that teach something first`() throws
    {
        let scratch = try Scratch()
        let database = try RunDatabase.open(scratch.run())
        let same = TraceGroup.sample(version: 0, problem: 0, samples: 4)
        let silent = TraceGroup(
            problem: same.problem, prompt: [],
            traces: same.traces.map {
                ScoredTrace(
                    trace: $0.trace, response: "x", form: nil, thought: nil,
                    reward: Reward(format: 0, accuracy: 0, verdict: .wrong))
            }, worker: "w")
        let teaching = TraceGroup.sample(version: 0, problem: 1, samples: 4)
        try database.record(
            .sample(step: 1), groups: [silent, teaching], traceLimit: 100, tokenLimit: 6, advantage: .mean)
        let traces = try database.traces(TraceFilter())
        #expect(traces.count == 8 && traces.count { $0.tokenList != nil } == 6)
        let learned = traces.filter { $0.problem == 1 }.map { $0.tokenList?.first?.advantage }
        #expect(learned == [0.9, -0.3, -0.3, -0.3])
        #expect(traces.filter { $0.problem == 0 }.compactMap { $0.tokenList?.first?.advantage } == [0, 0])
        #expect(traces.last?.tokenList?.map(\.logProbability) == [-1, -1, -1])
        #expect(traces.last?.tokenList?.map(\.version) == [0, 0, 0])
    }
}
