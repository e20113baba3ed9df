package import Torch

/// Continues prompts token by token, many rows at once, and samples from the model's predictions.
///
/// The order of calls is `begin`, then `place` for each row, then `drawFirst`, then `step` and `draw`
/// repeatedly. A slot holds one row; when the row has ended, another row may be placed in it. The same calls
/// with the same numbers must give the same tokens. An implementation decides whether a row's bits may depend
/// on the other rows.
package protocol BatchDecoder: AnyObject {
    /// Reads the prompts and makes `slots` slots, each with room for `capacity` new tokens; drops all
    /// previous rows.
    func begin(prompts: [[Int32]], slots: Int, capacity: Int) throws(TorchError)

    /// Places a row that continues a prompt in a slot, and drops the slot's previous row.
    func place(prompt: Int, in slot: Int) throws(TorchError)

    /// Appends one token to the row in each of the given slots, which are in ascending order.
    func step(tokens: [Int32], slots: [Int]) throws(TorchError)

    /// Draws the first token of rows that continue these prompts, one for each number in [0, 1).
    func drawFirst(after prompts: [Int], _ rule: DrawRule, uniforms: [Double]) throws(TorchError) -> [Draw]

    /// Draws the next token of each row of the last step, one for each number in [0, 1).
    func draw(_ rule: DrawRule, uniforms: [Double]) throws(TorchError) -> [Draw]

    /// Log-probabilities (natural log) of tokens that continue the rows of the last step, or the prompts, in
    /// order.
    func score(_ tokens: [Int32], _ rule: DrawRule, afterPrompt: Bool) throws(TorchError) -> [Float]
}

extension FusedDecoder: BatchDecoder {}

extension Policy {
    /// A decoder with a copy of this policy's weights; it uses the fused CPU kernels.
    ///
    /// - Parameter dtype: type of products and cache, `float32` or `bfloat16`.
    func batchDecoder(_ dtype: DType) throws -> any BatchDecoder {
        let c = configuration
        return try FusedDecoder(
            shape: .init(
                layers: c.layers, hidden: c.hidden, heads: c.heads, kvHeads: c.kvHeads,
                headWidth: c.headWidth, ffn: c.ffn, vocabulary: c.vocabularySize, rmsEpsilon: c.rmsEpsilon,
                rope: c.rope.positions(width: c.headWidth)),
            embedding: embedding, head: head, finalNorm: finalNorm, layers: layers.map(\.decoding),
            dtype: dtype)
    }
}
