/// The number of optimizer steps that the policy's weights have had; 0 is the base model.
package struct PolicyVersion: RawRepresentable, Sendable, Hashable, Comparable, Codable {
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }
    package init(_ steps: Int) { self.rawValue = steps }

    /// The version after one more optimizer step.
    package var next: PolicyVersion { PolicyVersion(rawValue + 1) }

    package static func < (left: PolicyVersion, right: PolicyVersion) -> Bool {
        left.rawValue < right.rawValue
    }
}
