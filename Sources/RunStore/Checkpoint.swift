package import Foundation

/// A saved step of a run: a Hugging Face model directory, with the states of the learner and the run beside
/// it.
///
///     checkpoints/step-000100/
///       config.json model.safetensors tokenizer.json …   what `transformers` opens
///       learner/optimizer.safetensors                    the optimizer's moments, fp32
///       learner/masters.safetensors                      the weights in fp32, where the model's own type rounds them
///       state.json                                       `RunState`
///       manifest.json                                    size and SHA-256 of all of these, written last
package struct Checkpoint: Sendable, Hashable {
    /// Number of optimizer steps done.
    package let step: Int
    package let directory: URL

    /// The name of a step's directory: `step-000100`.
    static func name(of step: Int) -> String {
        let digits = String(step)
        return "step-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    }

    /// The step in a directory's name; nil for any other name.
    static func step(named name: String) -> Int? {
        guard name.hasPrefix("step-"), let step = Int(name.dropFirst(5)), step >= 0,
            Checkpoint.name(of: step) == name
        else { return nil }
        return step
    }

    package static let stateFile = "state.json"
    static let manifestFile = "manifest.json"
    /// Path of the optimizer's tensors, relative to `directory`; a subdirectory, because vLLM loads every
    /// *.safetensors beside the model.
    package static let optimizerFile = "learner/optimizer.safetensors"

    /// The folder of the learner's state.
    package var learner: URL { directory.appending(path: Self.optimizerFile).deletingLastPathComponent() }
}

/// A damaged checkpoint that is newer than the one in use.
package struct SkippedCheckpoint: Sendable, Hashable, CustomStringConvertible {
    package let checkpoint: Checkpoint
    /// What is wrong with the checkpoint; names the file.
    package let reason: String

    package var description: String { "\(checkpoint.directory.lastPathComponent): \(reason)" }
}

/// The checkpoint from which a run resumes.
package struct LoadedCheckpoint: Sendable {
    package let checkpoint: Checkpoint
    package let state: RunState
    /// Newer checkpoints that are damaged, newest first; empty when the newest one is intact.
    package let skipped: [SkippedCheckpoint]

    /// Whether a newer checkpoint is damaged; the run's result then has `"checkpoint_fallback": true`.
    package var isFallback: Bool { !skipped.isEmpty }
}

/// Every checkpoint of the run is damaged; the exit code is 6.
package struct NoUsableCheckpoint: Error, Sendable, Hashable, CustomStringConvertible {
    package let directory: URL
    package let skipped: [SkippedCheckpoint]

    package var description: String {
        "no usable checkpoint in \(directory.path): \(skipped.map(\.description).joined(separator: "; ")); "
            + "put a good copy there, or start a new run"
    }
}

/// The checkpoint that was asked for cannot be used; the exit code is 6.
package struct MissingCheckpoint: Error, Sendable, Hashable, CustomStringConvertible {
    package let directory: URL
    package let step: Int
    /// Steps of the other checkpoints, newest first.
    package let steps: [Int]
    /// What is wrong with the checkpoint; nil when there is none.
    package let damage: String?

    package var description: String {
        let others = steps.map(String.init).joined(separator: ", ")
        return "the checkpoint of step \(step) in \(directory.path) "
            + (damage.map { "is damaged: \($0)" } ?? "does not exist")
            + (steps.isEmpty ? "; the run has no other" : "; give one of the steps \(others)")
    }
}
