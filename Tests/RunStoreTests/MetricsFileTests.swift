import Foundation
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
        var file = try MetricsFile.open(run, cutAfter: 0).file
        for step in 1...100 { try file.append(StepMetrics.sample(step: step)) }
        let size = try run.metrics.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
        file = try file.trimmed(run, to: size)
        #expect(try MetricsFile.read(run).count == 100)
        file = try file.trimmed(run, to: size - 1)
        try file.append(StepMetrics.sample(step: 101))
        let steps = try MetricsFile.read(run).map(\.step)
        #expect(steps.last == 101 && (40...60).contains(steps.count))
        #expect(steps == Array(steps[0]...101))
    }

    @Test func `held-out figures are lines beside the steps, and are written again after a resume`() throws {
        func measured(_ step: Int) throws -> HeldOutMetrics {
            let right: [(Purpose, Int)] = [(.evaluation, 128), (.greedy, 256), (.direct, 64)]
            let records = right.map { purpose, correct in
                EvaluationRecord(
                    version: PolicyVersion(step), purpose: purpose, time: 9, problems: 512, correct: correct,
                    formatted: purpose == .evaluation ? 384 : 0, thoughtLength: 20)
            }
            return try #require(HeldOutMetrics(step: step, of: records))
        }
        let file = try MetricsFile.open(run, cutAfter: 0).file
        try file.append(measured(0))
        for step in 1...4 { try file.append(StepMetrics.sample(step: step)) }
        try file.append(measured(4))
        let lines = try String(contentsOf: run.metrics, encoding: .utf8).split(separator: "\n")
        let object = try JSONSerialization.jsonObject(with: Data(lines[5].utf8)) as? [String: Any]
        #expect(object?["heldout_accuracy"] as? Double == 0.25 && object?["heldout_greedy"] as? Double == 0.5)
        #expect(
            object?["direct_accuracy"] as? Double == 0.125 && object?["heldout_format"] as? Double == 0.75)
        #expect(object?["step"] as? Int == 4)
        #expect(try MetricsFile.read(run).map(\.step) == [1, 2, 3, 4])

        let opened = try MetricsFile.open(run, cutAfter: 4)
        #expect(opened.cut == 1)
        try opened.file.append(measured(4))
        #expect(try String(contentsOf: run.metrics, encoding: .utf8).split(separator: "\n") == lines)
        #expect(try MetricsFile.open(run, cutAfter: 2).cut == 3)
        #expect(try MetricsFile.read(run).map(\.step) == [1, 2])
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
