import CTorchAPI

/// AdamW (Loshchilov & Hutter, arXiv 1711.05101) over a fixed list of parameters.
///
/// Its moments are public, for checkpoints.
package final class AdamW {
    /// The hyperparameters that do not change from step to step.
    package struct Settings: Sendable, Equatable {
        package var beta1: Double
        package var beta2: Double
        package var epsilon: Double
        package var weightDecay: Double

        package init(
            beta1: Double = 0.9, beta2: Double = 0.95, epsilon: Double = 1e-8, weightDecay: Double = 0
        ) {
            self.beta1 = beta1
            self.beta2 = beta2
            self.epsilon = epsilon
            self.weightDecay = weightDecay
        }
    }

    package let parameters: [Tensor]
    /// Running means of the gradients, one for each parameter, in the same order and of the same shapes.
    package let firstMoments: [Tensor]
    /// Running means of the squared gradients, likewise.
    package let secondMoments: [Tensor]
    package let settings: Settings
    /// Steps taken.
    package var steps = 0

    package init(_ parameters: [Tensor], settings: Settings) throws(TorchError) {
        var first: [Tensor] = []
        var second: [Tensor] = []
        for parameter in parameters {
            first.append(try Tensor.zeros(parameter.shape, dtype: parameter.dtype, device: parameter.device))
            second.append(try Tensor.zeros(parameter.shape, dtype: parameter.dtype, device: parameter.device))
        }
        self.parameters = parameters
        firstMoments = first
        secondMoments = second
        self.settings = settings
    }

    /// Scales all gradients so that their joint Euclidean norm is at most `maximum`.
    ///
    /// - Returns: the norm before scaling; not finite when a gradient is not.
    package func clipGradients(to maximum: Double) throws(TorchError) -> Double {
        let api = try TorchLibrary.api()
        var norm = 0.0
        try TorchLibrary.check("clip_gradients") {
            api.pointee.clip_gradients(handles(parameters), Int32(parameters.count), maximum, &norm, $0)
        }
        return norm
    }

    /// Updates every parameter that has a gradient, at the given learning rate.
    package func step(rate: Double) throws(TorchError) {
        let api = try TorchLibrary.api()
        try TorchLibrary.check("adamw") {
            api.pointee.adamw(
                handles(parameters), handles(firstMoments), handles(secondMoments), Int32(parameters.count),
                Int64(steps + 1), rate, settings.beta1, settings.beta2, settings.epsilon,
                settings.weightDecay, $0)
        }
        steps += 1
    }

    /// Forgets the gradients of all parameters.
    package func clearGradients() throws(TorchError) {
        for parameter in parameters { try parameter.clearGradient() }
    }

    private func handles(_ tensors: [Tensor]) -> [OpaquePointer?] { tensors.map(\.handle) }
}
