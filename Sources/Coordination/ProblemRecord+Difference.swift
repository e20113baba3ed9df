import RunStore
import Settings
import StrictConfiguration

extension ProblemRecord {
    /// The files whose content is another one than the run had, as differences of its configuration.
    ///
    /// - Parameter known: the record of the run; nil for a new run. What it does not know does not differ.
    func difference(from known: ProblemRecord?, in configuration: RunConfiguration)
        -> [ConfigurationDifference]
    {
        let problems = configuration.problems
        return [
            ("problems.path", problems.path, self.problems, known?.problems),
            ("problems.heldOutPath", problems.heldOutPath, heldOut, known?.heldOut),
        ].compactMap { key, path, ours, theirs in
            guard let path, let ours, let theirs, ours != theirs else { return nil }
            return ConfigurationDifference(
                path: "\(key): the content of \(path)", ours: "sha256 \(ours.prefix(12))",
                theirs: "sha256 \(theirs.prefix(12))", rule: .permission)
        }
    }
}
