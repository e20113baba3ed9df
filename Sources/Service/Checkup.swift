import Foundation
import Host
import ModelFiles
import RunStore
import Settings
import Tokenization
import Torch
import Transformers
import ZeroMQ

/// The checks of `ponder doctor`.
package enum Checkup {
    /// libzmq, the shim and libtorch.
    package static func libraries() -> [Check] {
        var checks = [
            Check(
                "libzmq",
                "\(Context.libraryVersion), CURVE \(Context.hasCurve ? "built in" : "missing (keys will not work)")"
            )
        ]
        let shim = TorchLibrary.candidates().first { FileManager.default.fileExists(atPath: $0) }
        checks.append(
            Check("libtorch") {
                let version = try TorchLibrary.version()
                let product = try Tensor([1, 2, 3, 4] as [Float], shape: [2, 2]).matmul(
                    Tensor([1, 0, 0, 1] as [Float], shape: [2, 2]))
                guard try product.floats() == [1, 2, 3, 4] else {
                    throw CheckFailure(
                        "\(version) multiplies wrongly; install libtorch again with Scripts/bootstrap")
                }
                return "\(version) through \(shim ?? "?")"
            })
        return checks
    }

    package static func embeddedBase() -> Check {
        Check("embedded base") {
            let folder = try EmbeddedBase.folder()
            let directory = try ModelDirectory(path: folder)
            return "\(folder): \(describe(directory.configuration))"
        }
    }

    /// Whether a small step with the embedded base comes out as it must, and verdicts do.
    package static func learning() -> [Check] {
        let trial = Result { try LearningTrial() }
        return [
            Check("learning rate 0") { try trial.get().drift() },
            Check("micro-batches") { try trial.get().microBatches() },
            Check("weights") { try trial.get().roundTrip() },
            Check("verifiers") { try VerifierTrials.run() },
        ]
    }

    /// Configuration and tokenizer of a folder, then its weights.
    package static func model(_ path: String, name: String) -> [Check] {
        let directory: ModelDirectory
        do {
            directory = try ModelDirectory(path: path)
        } catch {
            return [Check(name, ok: false, "\(error)")]
        }
        return [
            Check(
                name,
                "\(path): \(describe(directory.configuration)), \(directory.tokenizer.vocabularySize) tokens"),
            Check("\(name) weights") {
                let model = try directory.load()
                let count = model.parameters.reduce(0) { $0 + $1.leaf.count }
                for tensor in try model.namedTensors()
                where try !tensor.tensor.floats().allSatisfy(\.isFinite) {
                    throw ModelError(
                        path: path, "\(tensor.name) has a number that is not finite; copy the model again")
                }
                return "\(count) parameters, all finite"
            },
        ]
    }

    /// A run's configuration, the process that holds it, and its newest checkpoint.
    package static func run(_ path: String) -> [Check] {
        let directory: RunDirectory
        do {
            directory = try RunDirectory.existing(at: URL(filePath: path))
        } catch {
            return [Check("run", ok: false, "\(error)")]
        }
        return [
            Check("run") {
                let configuration = try directory.configuration()
                return "\(path): \(configuration.steps) steps of \(configuration.problems.source.rawValue)"
            },
            Check("run owner") {
                guard let holder = try RunLock.holder(of: directory) else { return "nobody has it open" }
                return "process \(holder.process) on \(holder.host), incarnation \(holder.incarnation)"
            },
            Check("checkpoints") {
                guard let newest = try CheckpointStore(run: directory, keep: 1).newest() else {
                    return "none yet"
                }
                let name = newest.checkpoint.directory.lastPathComponent
                guard newest.isFallback else { return "\(name) is whole" }
                let damaged = newest.skipped.map(\.description).joined(separator: "; ")
                throw CheckFailure(
                    "\(damaged); resuming would use \(name): put a good copy back, or accept that")
            },
        ]
    }

    private static func describe(_ configuration: PolicyConfiguration) -> String {
        "\(configuration.layers) layers, width \(configuration.hidden), vocabulary \(configuration.vocabularySize)"
    }
}
