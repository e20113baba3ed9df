import ArgumentParser
import Foundation
import ModelFiles
import Reinforcement
import RunStore
import Torch
import Transformers

/// `ponder export`: what a run has learned, as a model folder.
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write what a run has learned as a model folder, without the optimizer.",
        discussion: """
            The folder opens in transformers and vLLM. It has the tokenizer, the chat templates and the generation settings \
            of the model that the run began with. The weights are rounded once, from the run's fp32 masters. Sizes go to \
            standard error; standard output gets one JSON object.

            Examples:
              ponder export --run runs/today --output exported
              ponder export --run runs/today --step 40 --dtype bf16 --output exported
            """
    )

    @Option(name: .customLong("run"), help: ArgumentHelp("The run's folder.", valueName: "dir"))
    var folder: String

    @Option(help: ArgumentHelp("A saved step. (default: the newest)", valueName: "n"))
    var step: Int?

    @Option(help: "Type of the weights, bf16 or fp32. (default: the model's own)")
    var dtype: Precision?

    @Option(help: ArgumentHelp("The folder of the model; new or empty.", valueName: "dir"))
    var output: String

    @Flag(help: "Accepted for uniformity: the output is one JSON object in any case.")
    var json = false

    func run() throws {
        let directory = try RunDirectory.existing(at: URL(filePath: folder))
        let store = CheckpointStore(run: directory, keep: 1)
        guard let loaded = try step.map({ try store.checkpoint(at: $0) }) ?? store.newest() else {
            throw CommandFailure(.noCheckpoint, "\(folder) has no checkpoint yet; let the run go on")
        }
        for skipped in loaded.skipped { StandardError.write("left out: \(skipped)") }
        let target = try NewFolder(output, option: "--output")
        let checkpoint = loaded.checkpoint
        let model = try ModelDirectory(path: checkpoint.directory.path)
        let type = try dtype.map { DType($0) } ?? model.storage()
        let policy = try model.load(masters: true)
        try target.fill { try ModelDirectory.write(policy, model.companions, dtype: type, to: $0) }

        let result = Result(
            run: directory.root.path, step: checkpoint.step, dtype: Self.name(of: type),
            output: target.url.path, bytes: try Self.size(of: target.url),
            policySha256: loaded.state.policySHA256)
        StandardError.write(
            "step \(result.step): \(Self.megabytes(result.bytes)) in \(result.dtype); "
                + "its checkpoint, with the optimizer, has \(Self.megabytes(try Self.size(of: checkpoint.directory)))"
        )
        try JSON.print(result)
    }

    private struct Result: Encodable {
        let run: String
        let step: Int
        let dtype, output: String
        /// Of all files.
        let bytes: Int
        /// The run's fp32 masters.
        let policySha256: String
    }

    private static func name(of type: DType) -> String {
        switch type {
        case .bfloat16: Precision.bf16.rawValue
        case .float16: "fp16"
        default: Precision.fp32.rawValue
        }
    }

    private static func size(of folder: URL) throws -> Int {
        try FileManager.default.subpathsOfDirectory(atPath: folder.path).reduce(0) { sum, path in
            let file = try FileManager.default.attributesOfItem(atPath: folder.appending(path: path).path)
            let isFile = file[.type] as? FileAttributeType == .typeRegular
            return sum + (isFile ? (file[.size] as? Int ?? 0) : 0)
        }
    }

    private static func megabytes(_ bytes: Int) -> String { "\((Double(bytes) / 1e6).shown(1)) MB" }
}
