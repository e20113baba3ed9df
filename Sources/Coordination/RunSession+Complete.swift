import Foundation
package import RunStore
import Settings

extension RunSession {
    /// The object that a complete run printed at its end; nil when steps remain.
    package func completed() -> RunResult? {
        guard let state = resumed?.state, state.step >= configuration.steps,
            let database = try? RunDatabase.openReadOnly(directory),
            var result = try? database.fact(.result, as: RunResult.self),
            result.policySHA256 == state.policySHA256, result.steps == state.step
        else { return nil }
        // The folder may have been moved since then.
        result.run = directory.root.path
        return result
    }
}
