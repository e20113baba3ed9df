import Torch

/// The gated feed-forward of every family (Shazeer, arXiv 2002.05202), with the gate and up projections
/// stacked into one.
struct GatedMLP {
    let gateUp, down: Projection

    init(_ configuration: PolicyConfiguration, _ source: ParameterSource) throws {
        gateUp = try source.projection(
            [("gate_proj", configuration.ffn), ("up_proj", configuration.ffn)], inputs: configuration.hidden)
        down = try source.projection([("down_proj", configuration.hidden)], inputs: configuration.ffn)
    }

    /// [tokens, hidden] → [tokens, hidden].
    func callAsFunction(_ x: Tensor) throws -> Tensor { try down(gateUp(x).swiGLU()) }
}
