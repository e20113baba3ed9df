import Foundation
import Primitives

/// Problems from JSON lines: of a file, or of a program that wrote them.
///
///     {"question": "What is 6 × 7?", "expected": "42", "id": "easy-1", "difficulty": 1}
///
/// A line has `question` and one of `expected` or `answer`: a text, a number, or a countdown goal as an object. It may have
/// an `id`, else made from the question, a `difficulty`, else 0, a `verifier` of its own, and `metadata`, an object for an
/// external verifier. Other names and other formats are told by
/// `ProblemFields` and `ProblemFormat`; what else a line has is ignored. Held out are the questions that `HeldOut` says;
/// training reads the others in a new order each epoch.
package struct JSONLinesSource: ProblemSource {
    /// The problems to train on, in the order of the file.
    package let training: [Problem]
    /// The held-out problems, in an order of their own that adding lines to the file hardly changes.
    package let held: [Problem]
    /// Lines that repeat an earlier question with the same answer, and are left out.
    package let duplicates: Int
    /// Lines that cannot be used, and are left out.
    package let skipped: ProblemSourceError.Rows?
    package let file: String
    private let seed: UInt64

    /// Bytes of the largest file, and of the longest line, that are read.
    package static let sizeLimit = 256 << 20
    package static let lineLimit = 1 << 20

    /// Reads and checks the contents of a file that errors call `file`; the verifier must be able to read every expected answer.
    ///
    /// - Parameter others: the verifiers that a line may name instead of `verifier`.
    ///
    /// Throws `ProblemSourceError`: `unreadable`, `unusableRows` with the lines, or `nothingToTrainOn`.
    package init(
        contents: some Collection<UInt8>, file: String, verifier: any Verifier,
        others: [any Verifier] = [], seed: UInt64, split: HeldOut = .fifth,
        options: LineOptions = LineOptions()
    ) throws {
        var rows = ProblemRows(
            file: file, verifiers: VerifierSet(verifier, others: others), options: options)
        try rows.read(contents)
        if rows.unusable.count > 0, !options.skipInvalid {
            throw ProblemSourceError.unusableRows(rows.unusable)
        }
        guard !rows.problems.isEmpty else {
            let reason =
                rows.unusable.count > 0
                ? "holds no problem that can be used: all \(rows.unusable.count) lines are invalid, the first: "
                    + (rows.unusable.first.first?.reason ?? "")
                : "holds no problem; give it lines such as {\"question\": \"6 * 7 = ?\", \"expected\": \"42\"}"
            throw ProblemSourceError.unreadable(file: file, line: nil, reason: reason)
        }
        let wanted = options.difficulty
        let problems = rows.problems.filter {
            wanted == LineOptions.anyDifficulty || wanted.contains($0.difficulty)
        }
        if problems.isEmpty {
            let there = rows.problems.map(\.difficulty)
            throw ProblemSourceError.unreadable(
                file: file, line: nil,
                reason:
                    "holds no problem of difficulty \(wanted.lowerBound) to \(wanted.upperBound), only of "
                    + "\(there.min() ?? 0) to \(there.max() ?? 0); change problems.difficulty")
        }
        self.file = file
        self.seed = seed
        duplicates = rows.duplicates
        skipped = rows.unusable.count > 0 ? rows.unusable : nil
        training = problems.filter { !split.contains(question: $0.question) }
        held = problems.filter { split.contains(question: $0.question) }
            .map { (hash: StableHash.hash($0.question), problem: $0) }
            .sorted { ($0.hash, $0.problem.question) < ($1.hash, $1.problem.question) }
            .map(\.problem)
        guard !training.isEmpty else { throw ProblemSourceError.nothingToTrainOn(source: file) }
    }

    package var finite: [Problem]? { training }

    package var remarks: [String] {
        var remarks: [String] = []
        if duplicates > 0 {
            let lines = duplicates == 1 ? "1 line repeats" : "\(duplicates) lines repeat"
            remarks.append("\(file): \(lines) an earlier question and its answer, and are left out")
        }
        if let skipped { remarks.append("left out, for problems.skipInvalid says so: \(skipped)") }
        return remarks
    }

    package func trainingProblem(_ index: Int) throws -> Problem {
        let place = ((index % training.count) + training.count) % training.count
        let order = SeededPermutation(count: training.count, seed: seed, epoch: index / training.count)
        return training[order[place]]
    }

    package func heldOut(_ count: Int) throws -> [Problem] {
        guard count <= held.count else {
            throw ProblemSourceError.tooFew(source: file, asked: count, found: held.count)
        }
        return Array(held.prefix(max(0, count)))
    }
}
