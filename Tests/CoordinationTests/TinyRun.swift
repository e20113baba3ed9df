import Foundation
import ModelFiles
import Reasoning
import Reinforcement
import RunStore
import Settings
import Tokenization
import Torch
import Transformers

@testable import Coordination

/// A folder of its own, gone with the value.
final class Scratch: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "ponder-run-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    var run: URL { url.appending(path: "run") }
    var model: String { url.appending(path: "model").path }
}

/// A run of seconds: a random model of 32 hidden units that answers one-digit questions without a thought.
///
/// Twelve tokens may be sampled, so that some of its answers are right by luck and there is something to learn.
enum TinyRun {
    static func configuration(_ scratch: Scratch, steps: Int = 4, seed: UInt64 = 3) throws -> RunConfiguration
    {
        try writeModel(scratch)
        let problems = scratch.url.appending(path: "problems.jsonl")
        let lines = (0..<60).map { #"{"question": "\#($0)=?", "expected": "\#($0 % 3)"}"# }
        try Data(lines.joined(separator: "\n").utf8).write(to: problems)
        var configuration = RunConfiguration()
        configuration.steps = steps
        configuration.seed = seed
        configuration.policy.model = scratch.model
        configuration.problems.source = .jsonlines
        configuration.problems.path = problems.path
        configuration.problems.verifier = "number"
        configuration.problems.heldOut = 6
        configuration.prompt.direct = true
        configuration.rollout.problems = 8
        configuration.rollout.samples = 16
        configuration.rollout.assignmentProblems = 2
        configuration.threads.learner = 1
        configuration.learning.rate = 1e-2
        configuration.learning.warmup = 1
        configuration.evaluation.every = 0
        configuration.evaluation.problems = 6
        configuration.checkpoint.every = 1
        configuration.checkpoint.keep = 100
        configuration.audit.rate = 0.2
        configuration.deadlines.ping = 0.05
        configuration.deadlines.silence = 3
        configuration.deadlines.resend = 0.3
        configuration.deadlines.straggler = 3
        configuration.deadlines.lease = 20
        configuration.deadlines.grace = 1
        configuration.deadlines.coordinatorGone = 20
        return configuration
    }

    static func request(_ configuration: RunConfiguration?, at root: URL) -> RunRequest {
        var request = RunRequest()
        request.configuration = configuration
        request.root = root
        return request
    }

    static func writeModel(_ scratch: Scratch, dtype: DType = .float32) throws {
        guard !FileManager.default.fileExists(atPath: scratch.model) else { return }
        let folder = URL(filePath: scratch.model)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let vocabulary = try CharacterVocabulary()
        let sizes = PolicyConfiguration(
            vocabularySize: vocabulary.size, hidden: 32, layers: 1, heads: 2, kvHeads: 2, ffn: 64)
        try TorchLibrary.setThreads(1)
        try ModelDirectory.write(
            Policy(sizes, .random(seed: 5)),
            CompanionFiles([CompanionFiles.tokenizer: Data(vocabulary.tokenizerJSON)]), dtype: dtype,
            to: folder)
    }
}
