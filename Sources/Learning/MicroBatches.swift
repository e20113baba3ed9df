package import Transformers

/// Rows of a step cut into pieces that fit a core's cache; the loss does not depend on the cut.
package enum MicroBatches {
    /// One row: a prompt, its response, and its place in the step.
    package struct Row: Sendable, Hashable {
        package let prompt: [Int32]
        package let response: [Int32]
        package let index: Int

        package init(prompt: [Int32], response: [Int32], index: Int) {
            self.prompt = prompt
            self.response = response
            self.index = index
        }
    }

    /// Cuts rows, in order, into batches of at most `tokens` tokens (one row may be longer); rows with the same prompt that stand
    /// together share it.
    package static func cut(_ rows: [Row], tokens limit: Int) -> [[Row]] {
        var batches: [[Row]] = []
        var size = 0
        for row in rows {
            let shares = batches.last?.last?.prompt == row.prompt
            let cost = row.response.count + (shares ? 0 : row.prompt.count)
            if batches.isEmpty || size + cost > limit {
                batches.append([row])
                size = row.prompt.count + row.response.count
            } else {
                batches[batches.count - 1].append(row)
                size += cost
            }
        }
        return batches
    }

    /// The rows as groups that share a prompt, in order.
    package static func packed(_ rows: [Row]) throws -> PackedBatch {
        var groups: [(prompt: [Int32], responses: [[Int32]])] = []
        for row in rows {
            if groups.last?.prompt == row.prompt {
                groups[groups.count - 1].responses.append(row.response)
            } else {
                groups.append((row.prompt, [row.response]))
            }
        }
        return try PackedBatch(groups.map { .init(prompt: $0.prompt, responses: $0.responses) })
    }
}
