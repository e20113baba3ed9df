extension Coordinator {
    /// The run was asked to pause; it is saved, and continues from there when it is started again.
    package struct Interrupted: Error, Sendable, Hashable, CustomStringConvertible {
        package let step: Int
        package let folder: String

        package var description: String {
            "interrupted after step \(step); `--run \(folder)` goes on from there"
        }
    }

    /// The run was asked to pause, and its last step could not be saved.
    package struct InterruptedUnsaved: Error, Sendable, Hashable, CustomStringConvertible {
        let step: Int
        let folder: String
        /// Step of the newest checkpoint; nil when there is none.
        let newest: Int?
        let reason: String

        package var description: String {
            "interrupted after step \(step), which could not be saved: \(reason); "
                + (newest.map {
                    "the newest checkpoint is step \($0), and `--run \(folder)` goes on from there"
                }
                    ?? "there is no checkpoint yet, and `--run \(folder)` begins again")
        }
    }

    /// A checkpoint whose weights differ from the hash in its state.
    package struct PolicyMismatch: Error, Sendable, Hashable, CustomStringConvertible {
        let step: Int
        let said: String
        let found: String

        package var description: String {
            "the checkpoint of step \(step) names policy \(said), but its weights have hash \(found); "
                + "move it away to continue from an older one"
        }
    }

    /// The last step is done, but its checkpoint could not be written.
    package struct OutcomeNotSaved: Error, Sendable, Hashable, CustomStringConvertible {
        let step: Int
        let folder: String
        /// Step of the newest checkpoint; nil when there is none.
        let newest: Int?
        let reason: String

        package var description: String {
            "step \(step), the last one, is done and could not be saved: \(reason); "
                + (newest.map { "the newest checkpoint is step \($0); " } ?? "there is no checkpoint; ")
                + "mend that and start the run in \(folder) again"
        }
    }
}
