package import Transformers

package enum MicroBatches {
    /// Cuts rows, in order, into micro-batches of at most `tokens` tokens; one row alone may be longer.
    ///
    /// The loss does not depend on the cut. Neighbouring rows with equal prompts share the prompt, which then
    /// counts once.
    ///
    /// - Returns: the ranges of rows, one for each micro-batch.
    package static func cut(_ rows: [PromptedResponse], tokens limit: Int) -> [Range<Int>] {
        var batches: [Range<Int>] = []
        var size = 0
        for (index, row) in rows.enumerated() {
            let shares = index > 0 && rows[index - 1].prompt == row.prompt
            let cost = row.response.count + (shares ? 0 : row.prompt.count)
            if let last = batches.last, size + cost <= limit {
                batches[batches.count - 1] = last.lowerBound..<index + 1
                size += cost
            } else {
                batches.append(index..<index + 1)
                size = row.prompt.count + row.response.count
            }
        }
        return batches
    }
}
