import Foundation
import Primitives
package import Torch

/// A trained tensor: one leaf, which stacks tensors of the Hugging Face layout along its first dimension.
package struct Parameter {
    package let leaf: Tensor
    /// Full names, such as `model.layers.0.self_attn.q_proj.weight`, each with its number of rows, in order.
    package let parts: [(name: String, rows: Int)]

    /// The parts as views of a tensor with the leaf's shape (the leaf itself, its gradient, a moment).
    package func split(_ tensor: Tensor) throws -> [NamedTensor] {
        var start = 0
        return try parts.map { part in
            defer { start += part.rows }
            return NamedTensor(part.name, try tensor.narrowed(0, from: start, count: part.rows))
        }
    }
}

/// The source of a model's parameters, by path.
///
/// A model takes each of its parameters from it while the model is built.
///
///     let layer = parameters["model"]["layers.0"]
///     try layer["input_layernorm"]("weight", [hidden])    // a missing tensor is named by its full path
package struct ParameterSource {
    private final class Registry { var parameters: [Parameter] = [] }

    private let path: String
    private let registry: Registry
    /// Returns the leaf of members, given by their full names.
    private let leaf: (_ members: [(name: String, shape: [Int])]) throws -> Tensor

    /// - Parameter fetch: returns the tensor of a full name, with exactly that shape, in float32.
    package init(_ fetch: @escaping (_ name: String, _ shape: [Int]) throws -> Tensor) {
        self.init(leaves: { members in
            let tensors = try members.map { try fetch($0.name, $0.shape) }
            return tensors.count == 1 ? tensors[0] : try Tensor.concatenated(tensors)
        })
    }

    private init(leaves leaf: @escaping (_ members: [(name: String, shape: [Int])]) throws -> Tensor) {
        path = ""
        registry = Registry()
        self.leaf = leaf
    }

    /// Leaves that share their values with a model's parameters and have their own gradients.
    package static func sharing(_ parameters: [Parameter]) -> ParameterSource {
        ParameterSource(leaves: { members in
            guard
                let parameter = parameters.first(where: { $0.parts.map(\.name) == members.map(\.name) })
            else {
                throw ModelError(path: members.map(\.name).joined(separator: ", "), "is no leaf of the model")
            }
            let leaf = try parameter.leaf.detached()
            try leaf.requireGradient()
            return leaf
        })
    }

    private init(_ parent: ParameterSource, _ component: String) {
        path = parent.path + component + "."
        registry = parent.registry
        leaf = parent.leaf
    }

    package subscript(component: String) -> ParameterSource { ParameterSource(self, component) }

    /// The parameters that the model has taken, in order.
    package var taken: [Parameter] { registry.parameters }

    /// The leaf of one tensor.
    ///
    /// - Throws: `ModelError` when the source has no such tensor, or one of another shape.
    package func callAsFunction(_ name: String, _ shape: [Int]) throws -> Tensor {
        try stacked([(name, shape)])
    }

    /// Several tensors of one width as one leaf, stacked along the first dimension, so that one matrix
    /// product replaces several.
    package func stacked(_ members: [(name: String, shape: [Int])]) throws -> Tensor {
        let leaf = try leaf(members.map { (name: path + $0.name, shape: $0.shape) })
        let parts = members.map { (name: path + $0.name, rows: $0.shape[0]) }
        registry.parameters.append(Parameter(leaf: leaf, parts: parts))
        return leaf
    }
}

extension ParameterSource {
    /// The parts `<name>.weight`, [outputs, inputs] each, stacked as one projection; with `bias`, also the parts
    /// `<name>.bias`, [outputs].
    func projection(_ parts: [(name: String, outputs: Int)], inputs: Int, bias: Bool = false) throws
        -> Projection
    {
        let weight = try stacked(parts.map { ("\($0.name).weight", [$0.outputs, inputs]) })
        return Projection(
            weight, bias: bias ? try stacked(parts.map { ("\($0.name).bias", [$0.outputs]) }) : nil)
    }

    /// Fresh parameters: matrices normal with standard deviation 0.02, norms 1, biases 0.
    package static func random(seed: UInt64) -> ParameterSource {
        var normal = NormalSource(seed: seed)
        return ParameterSource { name, shape in
            let count = shape.reduce(1, *)
            if name.hasSuffix("bias") { return try Tensor([Float](repeating: 0, count: count), shape: shape) }
            if shape.count == 1 { return try Tensor([Float](repeating: 1, count: count), shape: shape) }
            return try Tensor((0..<count).map { _ in 0.02 * normal.next() }, shape: shape)
        }
    }
}

/// Standard normal numbers: SplitMix64 (Steele, Lea, Flood 2014) and the Box-Muller transform.
private struct NormalSource {
    private var generator: SplitMix64
    private var spare: Float?

    init(seed: UInt64) { generator = SplitMix64(state: seed) }

    mutating func next() -> Float {
        if let value = spare {
            spare = nil
            return value
        }
        let radius = (-2 * log(1 - generator.unit())).squareRoot()
        let angle = 2 * Double.pi * generator.unit()
        spare = Float(radius * sin(angle))
        return Float(radius * cos(angle))
    }
}
