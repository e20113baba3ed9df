package import Reinforcement
package import Torch

extension DType {
    /// libtorch's name of a precision.
    package init(_ precision: Precision) { self = precision == .bf16 ? .bfloat16 : .float32 }
}
