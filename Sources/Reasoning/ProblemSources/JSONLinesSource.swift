/// Problems from JSON lines, divided into those to train on and those held out.
///
///     let set = try ProblemSet(contents: bytes, file: "p.jsonl", verifiers: VerifierSet(NumberVerifier()))
///     let source = try JSONLinesSource(set, seed: 1, holdingOut: .first(nil))
///
/// Training reads its problems in a new order each epoch.
package struct JSONLinesSource: ProblemSource {
    /// The problems to train on, in the order of the file.
    package let training: [Problem]
    /// The held-out problems, in the order of `ProblemSet.byHash`.
    package let held: [Problem]
    package let remarks: [String]
    private let file: String
    private let seed: UInt64

    /// Which problems are held out.
    package enum HoldingOut: Sendable {
        /// The first of the questions that `HeldOut` chooses; nil for `JSONLinesSource.automatic`.
        case first(Int?)
        /// All questions that `HeldOut` chooses, as in runs of earlier versions.
        case fifth
        /// The first problems of another file; nil for at most 512.
        case file(ProblemSet, Int?)
    }

    /// Problems held out when no number is given: a tenth, at most 512, at least one.
    package static func automatic(of count: Int) -> Int { min(HeldOut.limit, max(1, count / 10)) }

    /// Throws `ProblemSourceError.nothingToTrainOn`.
    package init(
        _ set: ProblemSet, seed: UInt64, holdingOut rule: HoldingOut = .first(nil)
    ) throws(ProblemSourceError) {
        self.seed = seed
        var remarks = set.remarks
        switch rule {
        case .file(let other, let count):
            file = other.file
            held = Array(other.byHash.prefix(count ?? HeldOut.limit))
            remarks += other.remarks
        case .fifth:
            file = set.file
            held = set.byHash.filter { HeldOut.fifth.contains(question: $0.question) }
        case .first(let count):
            file = set.file
            let chosen = set.byHash.filter { HeldOut.fifth.contains(question: $0.question) }
            // A handful of lines may have no chosen question.
            let candidates = count == nil && chosen.isEmpty ? set.byHash : chosen
            held = Array(candidates.prefix(count ?? Self.automatic(of: set.problems.count)))
        }
        let asked = Set(held.map(\.question))
        training = set.problems.filter { !asked.contains($0.question) }
        if case .file = rule, training.count < set.problems.count {
            remarks.append(
                "\(set.problems.count - training.count) questions of \(file) are also in \(set.file), "
                    + "and are not trained on")
        }
        self.remarks = remarks
        guard !training.isEmpty else { throw ProblemSourceError.nothingToTrainOn(source: set.file) }
    }

    package var finite: [Problem]? { training }

    package func trainingProblem(_ index: Int) throws -> Problem {
        let place = ((index % training.count) + training.count) % training.count
        let order = SeededPermutation(count: training.count, seed: seed, epoch: index / training.count)
        return training[order[place]]
    }

    package func heldOut(_ count: Int?) throws -> [Problem] {
        guard let count else { return Array(held.prefix(HeldOut.limit)) }
        guard count <= held.count else {
            throw ProblemSourceError.tooFew(source: file, asked: count, found: held.count)
        }
        return Array(held.prefix(max(0, count)))
    }
}
