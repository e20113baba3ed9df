import Torch

/// The gated feed-forward of all families (Shazeer, arXiv 2002.05202); gate and up projections are one leaf.
struct GatedMLP {
    let gateUp: Tensor
    let down: Tensor

    init(_ configuration: PolicyConfiguration, _ source: ParameterSource) throws {
        let up = [configuration.ffn, configuration.hidden]
        gateUp = try source.stacked([("gate_proj.weight", up), ("up_proj.weight", up)])
        down = try source["down_proj"]("weight", [configuration.hidden, configuration.ffn])
    }

    func callAsFunction(_ x: Tensor) throws -> Tensor { try x.linear(gateUp).swiGLU().linear(down) }
}
