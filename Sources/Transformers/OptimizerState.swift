package import Reinforcement

/// Where an optimizer stands: what a learner needs, besides the weights, to go on with the same bits.
package struct OptimizerState {
    /// Updates made so far.
    package let steps: Int
    /// Steps of the run so far, those without an update included.
    package let version: PolicyVersion
    /// For each tensor of the model, under its Hugging Face name after a prefix, the running mean of its gradients and
    /// of their squares; shapes are the tensor's, elements float32.
    package let moments: [NamedTensor]

    /// Prefixes of the names of moments.
    package static let prefixes = (first: "first_moment.", second: "second_moment.")

    package init(steps: Int, version: PolicyVersion, moments: [NamedTensor]) {
        self.steps = steps
        self.version = version
        self.moments = moments
    }
}
