package import StrictConfiguration

/// One field that differs between a saved run and the one that wants to resume it.

package struct ConfigurationDifference: Sendable, Hashable, CustomStringConvertible {
    package let path: String
    /// What the run would now use.
    package let ours: SettingValue
    /// What the run was started with.
    package let theirs: SettingValue
    package let rule: ResumeRule

    package var description: String { "\(path): \(theirs.json) → \(ours.json)" }
}

/// A run that may not be resumed with this configuration.
package struct ResumeRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// The fields that forbid it.
    package let differences: [ConfigurationDifference]

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
    /// The fields in which this configuration differs from `other`, in the order of the schema.
    package func difference(from other: RunConfiguration) -> [ConfigurationDifference] {
        Self.schema.compactMap { setting in
            let ours = setting.read(self), theirs = setting.read(other)
            guard ours != theirs else { return nil }
            return ConfigurationDifference(
                path: setting.path, ours: ours, theirs: theirs, rule: setting.resume)
        }
    }

    /// Checks that this configuration may resume a run that was `saved` with another one.
    ///
    /// - Returns: every difference, all of them permitted, for the run's record.
    /// - Throws: `ResumeRefusal` naming the fields and what to do.
    package func checkResume(
        of saved: RunConfiguration, allowChanges: Bool
    ) throws -> [ConfigurationDifference] {
        let differences = difference(from: saved)
        let refused = differences.filter { $0.rule == .never || ($0.rule == .permission && !allowChanges) }
        guard refused.isEmpty else { throw ResumeRefusal(differences: refused) }
        return differences
    }
}
