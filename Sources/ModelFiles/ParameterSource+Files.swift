import Torch
package import Transformers

extension ParameterSource {
    /// The parameters of a model folder, converted to float32.
    package init(_ files: WeightFiles) {
        self.init { name, shape in
            let tensor = try files.tensor(name)
            let path = files.entry(name)?.path ?? files.path
            guard tensor.shape == shape else {
                throw ModelError(
                    path: path, "tensor \(name) is \(tensor.shape), the configuration says \(shape)")
            }
            let parameter = try tensor.converted(to: .float32)
            // One pass is enough: a sum is finite only when every term is.
            guard try parameter.sum().item().isFinite else {
                throw ModelError(
                    path: path, "tensor \(name) has a number that is not finite; copy the model again")
            }
            return parameter
        }
    }

    package init(_ file: SafetensorsFile) { self.init(WeightFiles(file)) }
}
