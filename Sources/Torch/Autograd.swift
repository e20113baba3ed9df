import CTorchAPI

extension Tensor {
    /// Marks this tensor as a leaf, whose gradient `backward` computes.
    package func requireGradient() throws(TorchError) {
        let api = try TorchLibrary.api()
        try TorchLibrary.check("require_gradient", [self]) { api.pointee.require_gradient(handle, $0) }
    }

    /// The sum of the gradients that `backward` has added to this leaf, of the leaf's shape; nil before the first.
    package func gradient() throws(TorchError) -> Tensor? {
        let api = try TorchLibrary.api()
        var out: OpaquePointer?
        try TorchLibrary.check("gradient", [self]) { api.pointee.gradient(handle, &out, $0) }
        guard let out else { return nil }
        return try Tensor(adopting: out)
    }

    /// Forgets the gradient, so that the next `backward` starts at zero.
    package func clearGradient() throws(TorchError) {
        let api = try TorchLibrary.api()
        try TorchLibrary.check("clear_gradient", [self]) { api.pointee.clear_gradient(handle, $0) }
    }

    /// Adds to each leaf behind this tensor its gradient, given the gradient of this tensor, which has the same shape.
    package func backward(from gradient: Tensor) throws(TorchError) {
        let api = try TorchLibrary.api()
        try TorchLibrary.check("backward_from", [self, gradient]) {
            api.pointee.backward_from(handle, gradient.handle, $0)
        }
    }

    /// Adds the gradient of this scalar to each leaf behind it.
    ///
    /// - Throws: `TorchError` when this tensor is no scalar, or when nothing was recorded for it.
    package func backward() throws(TorchError) {
        let api = try TorchLibrary.api()
        try TorchLibrary.check("backward", [self]) { api.pointee.backward(handle, $0) }
    }
}
