package import Reinforcement

/// A batch of responses in progress; another policy may take over in the middle.
///
///     var generation = Generation(prompts, samples: 8, sampling)
///     while try !generator.advance(&generation, isInterrupted: { newer != nil }, uniform: uniform) { generator = newer }

package struct Generation: Sendable {
    package let prompts: [[Int32]]
    package let samples: Int
    package let sampling: Sampling
    /// The maximum number of rows decoded at a time; nil for the fastest number.
    package let slots: Int?
    /// The tokens generated so far, by row; the samples of a prompt are consecutive rows.
    package internal(set) var completions: [Completion]

    /// - Parameter samples: responses per prompt.
    package init(_ prompts: [[Int32]], samples: Int, _ sampling: Sampling, slots: Int? = nil) {
        self.prompts = prompts
        self.samples = max(0, samples)
        self.sampling = sampling
        self.slots = slots
        let rows = sampling.maxNewTokens > 0 ? prompts.count * self.samples : 0
        completions = [Completion](repeating: Completion(), count: rows)
    }

    /// For each prompt, its completions in the order of samples.
    package var results: [[Completion]] {
        prompts.indices.map {
            completions.isEmpty ? [] : Array(completions[$0 * samples..<($0 + 1) * samples])
        }
    }

    package var isDone: Bool { !completions.indices.contains(where: isOpen) }

    /// The indices of prompts whose rows are all finished.
    package var donePrompts: Set<Int> {
        Set(prompts.indices.filter { !($0 * samples..<($0 + 1) * samples).contains(where: isOpen) })
    }

    /// Whether a row is unfinished.
    func isOpen(_ row: Int) -> Bool {
        !completions[row].ended && completions[row].tokens.count < sampling.maxNewTokens
    }

    /// The maximum number of tokens that any row can still get.
    var capacity: Int {
        completions.indices.filter(isOpen).map { sampling.maxNewTokens - completions[$0].tokens.count }.max()
            ?? 0
    }

    /// The contexts that are read before anything is drawn: one prompt for all its rows that have not begun,
    /// and one per unfinished row that has begun.
    ///
    /// `places` says which row continues which context; rows that have begun come first.
    var contexts: (contexts: [[Int32]], places: [(row: Int, context: Int)]) {
        let open = completions.indices.filter(isOpen)
        let fresh = open.filter { completions[$0].tokens.isEmpty }
        let begun = open.filter { !completions[$0].tokens.isEmpty }
        var contexts: [[Int32]] = []
        var places: [(row: Int, context: Int)] = []
        for row in begun {
            places.append((row, contexts.count))
            contexts.append(prompts[row / samples] + completions[row].tokens)
        }
        var ofPrompt: [Int: Int] = [:]
        for row in fresh {
            let context = ofPrompt[row / samples] ?? contexts.count
            if context == contexts.count { contexts.append(prompts[row / samples]) }
            ofPrompt[row / samples] = context
            places.append((row, context))
        }
        return (contexts, places)
    }
}
