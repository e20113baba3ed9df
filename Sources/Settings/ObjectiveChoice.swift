/// The loss that a step minimises, by its name in the configuration; each loss is one file in the target
/// Learning.
package enum ObjectiveChoice: String, Sendable, Hashable, Codable, CaseIterable {
    /// Group Relative Policy Optimization (arXiv 2402.03300) with a token mean and truncated importance weights.
    case grpo
}
