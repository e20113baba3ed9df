import Foundation
import Testing

@testable import RunStore

/// `Scripts/peers/figures_agree.py` reads such files with TensorBoard's own reader.
@Suite struct TensorBoardFileTests {
    let scratch: Scratch
    let run: RunDirectory

    init() throws {
        scratch = try Scratch()
        run = try scratch.run()
    }

    private var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: run.tensorboard.path).sorted() }
    }

    private func records(_ index: Int) throws -> TensorBoardRecords {
        TensorBoardRecords(try Data(contentsOf: run.tensorboard.appending(path: names[index])))
    }

    @Test func `tags are train and heldout with the keys of metrics.jsonl`() throws {
        var step = StepMetrics.sample(step: 3)
        step.rewards = ["brevity": 0.25]
        step.gradientNorm = .nan
        let scalars = Dictionary(uniqueKeysWithValues: try step.scalars().map { ($0.tag, $0.value) })
        #expect(scalars["train/reward"] == 0.5 && scalars["train/accuracy"] == 0.25)
        #expect(scalars["train/format"] == 0.75 && scalars["train/loss"] == 0.1)
        #expect(scalars["train/rewards/brevity"] == 0.25 && scalars["train/gradient_norm"]?.isNaN == true)
        #expect(scalars["train/step"] == nil && scalars["train/time"] == nil)
        let heldOut = try HeldOutMetrics.sample(step: 3).scalars()
        #expect(
            heldOut.map(\.tag) == [
                "heldout/accuracy", "heldout/direct_accuracy", "heldout/format", "heldout/greedy_accuracy",
                "heldout/problems", "heldout/response_length", "heldout/thought_length",
            ])
        #expect(heldOut[0].value == 0.25 && heldOut[1].value == 0.125 && heldOut[3].value == 0.5)
    }

    /// The bytes that TensorFlow's own writer gives for this event.
    @Test func `a record is framed as TFRecord`() {
        let record = TensorBoardEvent.version.record(time: 1.5)
        #expect(record.count == 12 + 24 + 4)
        #expect(record.prefix(8).elementsEqual([24, 0, 0, 0, 0, 0, 0, 0]))
        #expect(record[12...].prefix(9).elementsEqual([9, 0, 0, 0, 0, 0, 0, 0xF8, 0x3F]))
        #expect(record[21...].prefix(15).elementsEqual([26, 13] + Array("brain.Event:2".utf8)))
    }

    @Test func `a start begins a file that says from which step on earlier ones do not count`() throws {
        let first = try TensorBoardFile(run, cutAfter: 0)
        #expect(first.last == .start)
        try first.append(HeldOutMetrics.sample(step: 0))
        for step in 1...300 { try first.append(StepMetrics.sample(step: step)) }
        #expect(try records(0).last == MetricsPosition(step: 300, kind: .step))

        let second = try TensorBoardFile(run, cutAfter: 280)
        #expect(second.last == .end(of: 280))
        #expect(try names.count == 1, "nothing is written before there is a line")
        try second.append(HeldOutMetrics.sample(step: 280))
        try second.append(StepMetrics.sample(step: 280))
        #expect(try names.count == 1, "both are there")
        try second.append(StepMetrics.sample(step: 281))
        try second.append(HeldOutMetrics.sample(step: 281))
        #expect(try names == ["1", "2"].map { "events.out.tfevents.000000000\($0).ponder" })
        #expect(try records(1).restart == 281 && records(1).last == .end(of: 281))
        #expect(try TensorBoardFile(run, cutAfter: 290).last == .end(of: 281))
    }

    @Test func `what follows an incomplete or damaged record does not count`() throws {
        let file = try TensorBoardFile(run, cutAfter: 0)
        for step in 1...3 { try file.append(StepMetrics.sample(step: step)) }
        let path = run.tensorboard.appending(path: try names[0])
        let whole = try Data(contentsOf: path)
        try whole.dropLast(5).write(to: path)
        #expect(try TensorBoardFile(run, cutAfter: 3).last == MetricsPosition(step: 2, kind: .step))
        var damaged = whole
        damaged[damaged.count / 2] ^= 1
        try damaged.write(to: path)
        #expect(try TensorBoardFile(run, cutAfter: 3).last == MetricsPosition(step: 1, kind: .step))
        try Data().write(to: path)
        #expect(try TensorBoardFile(run, cutAfter: 3).last == .start)
    }

    @Test func `files beyond their limit go, the oldest first, and the current one is not added to`() throws {
        let file = try TensorBoardFile(run, cutAfter: 0)
        try file.append(StepMetrics.sample(step: 1))
        let size = try Data(contentsOf: run.tensorboard.appending(path: names[0])).count
        for step in 2...4 {
            try file.trim(to: size)
            try file.append(StepMetrics.sample(step: step))
        }
        #expect(try names.count == 2, "the last one before and the current one")
        #expect(try records(1).last == MetricsPosition(step: 4, kind: .step))
        try file.trim(to: 1)
        #expect(try names.count == 1)
        #expect(try TensorBoardFile(run, cutAfter: 4).last == MetricsPosition(step: 4, kind: .step))
    }
}
