import ArgumentParser
import Foundation
import ModelFiles
import Primitives
import Reinforcement
import WeightTransfer

/// `ponder benchmark delta`: the bytes that a step costs on the wire.
struct BenchmarkDeltaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delta",
        abstract: "Measure the delta from one model to another, as workers would get it.",
        discussion: """
            The two are folders of one model, such as two checkpoints of a run. Both are rounded to --dtype, the delta is \
            made, applied to the first and compared with the second bit by bit.

            Examples:
              ponder benchmark delta --from runs/today/checkpoints/step-000000 --to runs/today/checkpoints/step-000001 --json
            """
    )

    @Option(help: ArgumentHelp("The model before.", valueName: "dir")) var from: String
    @Option(help: ArgumentHelp("The model after.", valueName: "dir")) var to: String
    @Option(help: "Precision of the rollouts, fp32 or bf16.") var dtype = Precision.bf16
    @Flag(help: "Print one JSON object.") var json = false

    struct Report: Encodable {
        let bytes: Int
        let elements: Int
        let changedElements: Int
        /// Bytes of the delta; nil when a full copy is smaller.
        let deltaBytes: Int?
        let shareOfBytes: Double?
        let deltaChunks: Int
        let bitExact: Bool
        let makeS: Double
        let applyS: Double
    }

    func run() throws {
        let (old, new) = (try policy(from, 0), try policy(to, 1))
        guard old.manifest.isLaidOut(as: new.manifest) else {
            throw CommandFailure(.usage, "\(from) and \(to) are not the same model: their tensors differ")
        }
        let start = ContinuousClock.now
        let delta = WeightDelta(from: old.manifest, old.bytes, to: new.manifest, new.bytes)
        let made = ContinuousClock.now
        var blob = old.bytes.bytes
        try blob.withUnsafeMutableBytes { blob in
            for chunk in delta?.chunks ?? [] { try WeightDelta.apply(chunk.bytes, to: blob) }
        }
        let applied = ContinuousClock.now
        let size = dtype == .bf16 ? 2 : 4
        let report = Report(
            bytes: blob.count, elements: blob.count / size, changedElements: changes(old, new, size),
            deltaBytes: delta?.step.size,
            shareOfBytes: delta.map { Double($0.step.size) / Double(blob.count) },
            deltaChunks: delta?.chunks.count ?? 0, bitExact: delta != nil && blob == new.bytes.bytes,
            makeS: (made - start) / .seconds(1), applyS: (applied - made) / .seconds(1))
        if json { return try JSON.print(report) }
        guard let share = report.shareOfBytes else { return print("a full copy is smaller than the delta") }
        print(
            "\(report.deltaBytes ?? 0) of \(report.bytes) bytes, \((share * 100).shown(2)) %; "
                + (report.bitExact ? "bit by bit the same" : "NOT the same bits"))
    }

    private func policy(_ path: String, _ version: Int) throws -> PublishedPolicy {
        try PublishedPolicy(of: ModelDirectory(path: path).load(masters: true), PolicyVersion(version), dtype)
    }

    private func changes(_ old: PublishedPolicy, _ new: PublishedPolicy, _ size: Int) -> Int {
        old.bytes.bytes.withUnsafeBytes { old in
            new.bytes.bytes.withUnsafeBytes { new in
                stride(from: 0, to: new.count, by: size).count { place in
                    (place..<place + size).contains { old[$0] != new[$0] }
                }
            }
        }
    }
}
