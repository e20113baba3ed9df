package import Foundation
import Reinforcement
package import Transformers

/// The state of an optimizer in a folder (`optimizer.safetensors`).
///
/// The tensors are the moments, under their names; the metadata holds `steps` and `version` as decimal
/// numbers.
package enum OptimizerFile {
    package static let name = "optimizer.safetensors"

    /// Writes the state, one tensor at a time.
    package static func write(_ state: OptimizerState, to folder: URL) throws {
        try SafetensorsWriter.write(
            state.moments, metadata: ["steps": "\(state.steps)", "version": "\(state.version.rawValue)"],
            to: folder.appendingPathComponent(name))
    }

    /// Reads a state with the same bits; holds a copy of all its tensors in memory.
    ///
    /// - Throws: `ModelError` when the file is missing or does not give its number of steps.
    package static func read(from folder: URL) throws -> OptimizerState {
        let path = folder.appendingPathComponent(name).path
        let file = try SafetensorsFile(path: path)
        guard let steps = file.header.metadata["steps"].flatMap(Int.init),
            let version = file.header.metadata["version"].flatMap(Int.init)
        else {
            throw ModelError(path: path, "does not say how many steps it has seen; was it written by Ponder?")
        }
        return OptimizerState(
            steps: steps, version: PolicyVersion(version),
            moments: try file.header.entries.map { NamedTensor($0.name, try file.tensor($0.name)) })
    }
}
