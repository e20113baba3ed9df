extension Coordinator {
    /// The run was asked to pause; it is saved, and continues from there when it is started again.
    package struct Interrupted: Error, Sendable, Hashable, CustomStringConvertible {
        package let step: Int
        package let folder: String

        package var description: String {
            "interrupted after step \(step); `--run \(folder)` goes on from there"
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

        package var description: String {
            "step \(step) is done and could not be saved in \(folder); free space there and start the run again"
        }
    }
}
