import CTorchAPI

extension Tensor {
    /// Marks a leaf whose gradient `backward` computes.
    package func requireGradient() throws(TorchError) {
        let api = try TorchLibrary.api()
        try TorchLibrary.check("require_gradient", [self]) { api.pointee.require_gradient(handle, $0) }
    }

    /// The gradient that `backward` left here, nil before the first.
    package func gradient() throws(TorchError) -> Tensor? {
        let api = try TorchLibrary.api()
        var out: OpaquePointer?
        try TorchLibrary.check("gradient", [self]) { api.pointee.gradient(handle, &out, $0) }
        guard let out else { return nil }
        return try Tensor(adopting: out)
    }

    package func clearGradient() throws(TorchError) {
        let api = try TorchLibrary.api()
        try TorchLibrary.check("clear_gradient", [self]) { api.pointee.clear_gradient(handle, $0) }
    }

    /// Adds to all leaves behind this tensor their gradients, from its own.
    package func backward(from gradient: Tensor) throws(TorchError) {
        let api = try TorchLibrary.api()
        try TorchLibrary.check("backward_from", [self, gradient]) {
            api.pointee.backward_from(handle, gradient.handle, $0)
        }
    }

    /// Adds the gradients of this scalar to all leaves behind it.
    package func backward() throws(TorchError) {
        let api = try TorchLibrary.api()
        try TorchLibrary.check("backward", [self]) { api.pointee.backward(handle, $0) }
    }
}
