package import Reinforcement

/// The state of an optimizer: what a learner needs, besides the weights, to continue with the same bits.
package struct OptimizerState {
    /// Updates made so far.
    package let steps: Int
    /// Steps of the run so far, including steps without an update.
    package let version: PolicyVersion
    /// The running means of the gradients and of their squares, one of each per tensor of the model.
    ///
    /// A moment is named with a prefix and the tensor's Hugging Face name; it has the tensor's shape and
    /// float32 elements.
    package let moments: [NamedTensor]

    /// The prefixes of the moments' names.
    package static let prefixes = (first: "first_moment.", second: "second_moment.")

    package init(steps: Int, version: PolicyVersion, moments: [NamedTensor]) {
        self.steps = steps
        self.version = version
        self.moments = moments
    }
}
