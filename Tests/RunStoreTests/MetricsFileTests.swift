import Foundation
import GRDB
import Reinforcement
import Testing

@testable import RunStore

@Suite struct MetricsFileTests {
    let scratch: Scratch
    let run: RunDirectory

    init() throws {
        scratch = try Scratch()
        run = try scratch.run()
    }

    private func append(_ text: String) throws {
        let handle = try FileHandle(forWritingTo: run.metrics)
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(text.utf8))
        try handle.close()
    }

    @Test func `each step is one JSON object a line, readable at once`() throws {
        let file = try MetricsFile.open(run, cutAfter: 0).file
        var second = StepMetrics.sample(step: 2)
        second.loss = .nan
        try file.append(StepMetrics.sample(step: 1))
        try file.append(second)
        let lines = try String(contentsOf: run.metrics, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 2)
        let object = try JSONSerialization.jsonObject(with: Data(lines[0].utf8)) as? [String: Any]
        #expect(object?["schema"] as? Int == 2 && object?["thought_length"] as? Double == 20.5)
        #expect(object?["kind"] as? String == "step" && object?["step"] as? Int == 1)
        let read = try MetricsFile.read(run)
        #expect(read[0] == .sample(step: 1))
        #expect(read[1].loss?.isNaN == true)
    }

    @Test func `a torn last line is left out by readers and removed by the next writer`() throws {
        try MetricsFile.open(run, cutAfter: 0).file.append(StepMetrics.sample(step: 1))
        try append("{\"schema\":1,\"step\":2,\"rew")
        #expect(try MetricsFile.read(run).map(\.step) == [1])
        let opened = try MetricsFile.open(run, cutAfter: 9)
        #expect(opened.cut == 0)
        try opened.file.append(StepMetrics.sample(step: 2))
        #expect(try MetricsFile.read(run).map(\.step) == [1, 2])
    }

    @Test func `a resume cuts later steps`() throws {
        let file = try MetricsFile.open(run, cutAfter: 0).file
        for step in 1...6 { try file.append(StepMetrics.sample(step: step)) }
        try append("{\"torn")
        let opened = try MetricsFile.open(run, cutAfter: 4)
        #expect(opened.cut == 2)
        #expect(try MetricsFile.read(run).map(\.step) == [1, 2, 3, 4])
        try opened.file.append(StepMetrics.sample(step: 5))
        #expect(try MetricsFile.read(run).map(\.step) == [1, 2, 3, 4, 5])
    }

    @Test func `a resume reads the end only, however long the file is`() throws {
        let file = try MetricsFile.open(run, cutAfter: 0).file
        for step in 1...400 { try file.append(StepMetrics.sample(step: step)) }
        let size = try run.metrics.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
        #expect(size > 2 * (1 << 16), "longer than one look from the end")
        #expect(try MetricsFile.open(run, cutAfter: 398).cut == 2)
        #expect(try MetricsFile.open(run, cutAfter: 10).cut == 388)
        #expect(try MetricsFile.read(run).map(\.step) == Array(1...10))
        #expect(try MetricsFile.open(run, cutAfter: 0).cut == 10)
        #expect(try MetricsFile.read(run).isEmpty)
    }

    @Test func `a file beyond its limit loses the older half, and goes on`() throws {
        let file = try MetricsFile.open(run, cutAfter: 0).file
        for step in 1...100 { try file.append(StepMetrics.sample(step: step)) }
        let size = try run.metrics.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
        try file.trim(to: size)
        #expect(try MetricsFile.read(run).count == 100)
        try file.trim(to: size - 1)
        try file.append(StepMetrics.sample(step: 101))
        let steps = try MetricsFile.read(run).map(\.step)
        #expect(steps.last == 101 && (40...60).contains(steps.count))
        #expect(steps == Array(steps[0]...101))
    }

    @Test func `held-out figures are lines of a kind of their own beside the steps`() throws {
        let file = try MetricsFile.open(run, cutAfter: 0).file
        try file.append(HeldOutMetrics.sample(step: 0))
        for step in 1...4 { try file.append(StepMetrics.sample(step: step)) }
        try file.append(HeldOutMetrics.sample(step: 4))
        let lines = try String(contentsOf: run.metrics, encoding: .utf8).split(separator: "\n")
        let object = try JSONSerialization.jsonObject(with: Data(lines[5].utf8)) as? [String: Any]
        #expect(object?["heldout_accuracy"] as? Double == 0.25 && object?["heldout_greedy"] as? Double == 0.5)
        #expect(
            object?["direct_accuracy"] as? Double == 0.125 && object?["heldout_format"] as? Double == 0.75)
        #expect(object?["step"] as? Int == 4 && object?["kind"] as? String == "evaluation")
        #expect(try MetricsFile.read(run).map(\.step) == [1, 2, 3, 4])
    }

    @Test func `a resume keeps the measurement of its step, and no line is written twice`() throws {
        let file = try MetricsFile.open(run, cutAfter: 0).file
        try file.append(HeldOutMetrics.sample(step: 0))
        for step in 1...4 { try file.append(StepMetrics.sample(step: step)) }
        try file.append(HeldOutMetrics.sample(step: 4))
        let lines = try Data(contentsOf: run.metrics)

        let opened = try MetricsFile.open(run, cutAfter: 4)
        #expect(opened.cut == 0 && opened.file.last == .end(of: 4))
        try opened.file.append(StepMetrics.sample(step: 4))
        try opened.file.append(HeldOutMetrics.sample(step: 4))
        #expect(try Data(contentsOf: run.metrics) == lines)

        let earlier = try MetricsFile.open(run, cutAfter: 2)
        #expect(earlier.cut == 3 && earlier.file.last == MetricsPosition(step: 2, kind: .step))
        for step in 3...4 { try earlier.file.append(StepMetrics.sample(step: step)) }
        try earlier.file.append(HeldOutMetrics.sample(step: 4))
        #expect(try Data(contentsOf: run.metrics) == lines)
    }

    @Test func `lines of older runs, which have no kind, are read and cut`() throws {
        _ = try MetricsFile.open(run, cutAfter: 0)
        let step = try String(decoding: RecordCoding.encode(StepMetrics.sample(step: 1)), as: UTF8.self)
        let heldOut = try String(decoding: RecordCoding.encode(HeldOutMetrics.sample(step: 1)), as: UTF8.self)
        #expect(!step.contains("kind") && !heldOut.contains("kind"))
        try append(step + "\n" + heldOut + "\n")
        #expect(try MetricsFile.read(run) == [.sample(step: 1)])
        #expect(try MetricsFile.open(run, cutAfter: 1).file.last == .end(of: 1))
        #expect(try MetricsFile.open(run, cutAfter: 0).cut == 2)
    }

    @Test func `the lines of the database are the ones that a file lacks, in order`() throws {
        let database = try RunDatabase.open(run)
        for step in 1...3 { try database.record(.sample(step: step), groups: [], traceLimit: 0) }
        for step in [0, 2, 3] {
            for record in EvaluationRecord.samples(step: step) { try database.record(record) }
        }
        func lines(_ position: MetricsPosition, _ step: Int) throws -> [MetricsPosition] {
            try database.metricsLines(after: position, upTo: step).map(\.position)
        }
        #expect(
            try lines(.start, 2)
                == [
                    MetricsPosition(step: 0, kind: .evaluation), MetricsPosition(step: 1, kind: .step),
                    MetricsPosition(step: 2, kind: .step), MetricsPosition(step: 2, kind: .evaluation),
                ])
        #expect(try lines(MetricsPosition(step: 2, kind: .step), 2) == [.end(of: 2)])
        #expect(try lines(.end(of: 2), 2).isEmpty)
        try database.write("leave one measurement out") {
            try $0.execute(sql: "DELETE FROM evaluations WHERE version = 3 AND purpose = 'greedy'")
        }
        // The coordinator measures it again and then adds the line.
        #expect(try lines(.end(of: 2), 3) == [MetricsPosition(step: 3, kind: .step)])
        try database.close()
    }

    @Test func `a damaged line within is named and kept`() throws {
        try MetricsFile.open(run, cutAfter: 0).file.append(StepMetrics.sample(step: 1))
        try append("not json\n")
        let opened = try MetricsFile.open(run, cutAfter: 1)
        #expect(opened.cut == 0)
        try opened.file.append(StepMetrics.sample(step: 2))
        #expect { try MetricsFile.read(run) } throws: { "\($0)".contains("metrics.jsonl:2 is damaged") }
    }

    @Test func `a run without metrics has none`() throws {
        #expect(try MetricsFile.read(run).isEmpty)
    }
}
