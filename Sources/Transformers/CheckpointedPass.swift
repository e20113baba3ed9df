package import Torch

/// A forward pass that keeps only each layer's input, and computes the layer again for its gradient (Chen et
/// al., arXiv 1604.06174).
///
/// It costs a third more work, and holds the activations of one layer at a time.
package struct CheckpointedPass {
    private let model: Policy
    private let batch: PackedBatch
    /// The input of each layer, [tokens, hidden].
    private let inputs: [Tensor]
    /// The output of the last layer, [tokens, hidden]; a leaf.
    private let last: Tensor

    package init(_ model: Policy, _ batch: PackedBatch) throws {
        self.model = model
        self.batch = batch
        var inputs: [Tensor] = []
        last = try withoutGradients {
            var x = try model.embedding.rows(batch.ids)
            for layer in model.layers {
                inputs.append(x)
                x = try layer(x, batch.layout)
            }
            return x
        }
        self.inputs = inputs
        try last.requireGradient()
    }

    /// Normalised hidden states after the last layer, [tokens, hidden].
    package func states() throws -> Tensor {
        try last.rmsNorm(model.finalNorm, epsilon: model.configuration.rmsEpsilon)
    }

    /// Continues the backward pass from the gradient of the states, through all layers to the embedding.
    package func backward() throws {
        guard var gradient = try last.gradient() else { return }
        for (layer, input) in zip(model.layers, inputs).reversed() {
            let x = try input.detached()
            try x.requireGradient()
            try layer(x, batch.layout).backward(from: gradient)
            guard let next = try x.gradient() else { return }
            gradient = next
        }
        try model.embedding.rows(batch.ids).backward(from: gradient)
    }
}
