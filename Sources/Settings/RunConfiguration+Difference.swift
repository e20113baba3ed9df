package import StrictConfiguration

/// A setting that differs between a saved run and the configuration that resumes it.
package struct ConfigurationDifference: Sendable, Hashable, CustomStringConvertible {
    package let path: String
    /// The new value, as a configuration spells it.
    package let ours: String
    /// The value of the run's last start, as a configuration spells it.
    package let theirs: String
    package let rule: ResumeRule

    package init(path: String, ours: String, theirs: String, rule: ResumeRule) {
        self.path = path
        self.ours = ours
        self.theirs = theirs
        self.rule = rule
    }

    package var description: String { "\(path): \(theirs) → \(ours)" }
}

/// The run cannot be resumed with this configuration.
package struct ResumeRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// The settings that prevent it.
    package let differences: [ConfigurationDifference]

    package init(differences: [ConfigurationDifference]) { self.differences = differences }

    package var description: String {
        let never = differences.filter { $0.rule == .never }
        let remedy =
            never.isEmpty
            ? "give --allow-changes to go on with them, or put the old values back"
            : "\(never.map(\.path).joined(separator: ", ")) never changes in a run: put it back or start a new run"
        return "the configuration differs from the run's: "
            + differences.map(\.description).joined(separator: "; ") + "; " + remedy
    }
}

extension RunConfiguration {
    /// The same configuration with the verifier's name in place of null, so that equal rules are no difference.
    private var named: RunConfiguration {
        var named = self
        named.problems.verifier = problems.verifierName
        return named
    }

    /// The settings that differ from `other`, in the order of a printed configuration.
    package func difference(from other: RunConfiguration) -> [ConfigurationDifference] {
        zip(named.settings(), other.named.settings()).compactMap { ours, theirs in
            let (new, old) = (ours.setting.written.json, theirs.setting.written.json)
            return new == old
                ? nil
                : ConfigurationDifference(path: ours.path, ours: new, theirs: old, rule: ours.setting.resume)
        }
    }

    /// Takes over what an earlier start chose where this configuration leaves the choice to Ponder.
    package mutating func keepChoices(of saved: RunConfiguration) {
        if problems.heldOut == nil { problems.heldOut = saved.problems.heldOut }
        if evaluation.problems == nil { evaluation.problems = saved.evaluation.problems }
    }

    /// Checks that this configuration may resume a run that was saved with another one.
    ///
    /// - Returns: every difference, each of them permitted, for the run's record.
    /// - Throws: `ResumeRefusal` naming the settings and the remedy.
    package func checkResume(
        of saved: RunConfiguration, allowChanges: Bool
    ) throws -> [ConfigurationDifference] {
        let differences = difference(from: saved)
        let refused = differences.filter { $0.rule == .never || ($0.rule == .permission && !allowChanges) }
        guard refused.isEmpty else { throw ResumeRefusal(differences: refused) }
        return differences
    }
}
