import Foundation
import Primitives

/// The problems of JSON lines: of a file, or of a program that wrote them.
///
///     {"question": "What is 6 × 7?", "expected": "42", "id": "easy-1", "difficulty": 1}
///
/// A line has a `question`, which is a text or a list of chat messages, and one of `expected` or `answer`, as `ExpectedAnswer`
/// reads it. It may have an `id`, else made from the question, a `difficulty`, else 0, a `verifier` of its own, and `metadata`,
/// an object for an external verifier. `ProblemFields` gives other names and `ProblemFormat` other formats; what else a line has is ignored.
package struct ProblemSet: Sendable {
    /// The name in errors.
    package let file: String
    /// The problems in the order of the file.
    package let problems: [Problem]
    /// Lines that repeat an earlier question with the same answer, and are left out.
    package let duplicates: Int
    /// Lines that cannot be used, and are left out.
    package let skipped: ProblemSourceError.Rows?
    /// SHA-256 of the lines.
    package let digest: String
    private let withContext: Int

    /// Bytes of the largest file, and of the longest line, that are read.
    package static let sizeLimit = 256 << 20
    package static let lineLimit = 1 << 20

    /// Reads and checks the contents of a file that errors call `file`; the verifier of each problem must be able to read its
    /// expected answer.
    ///
    /// Throws `ProblemSourceError`: `unreadable`, or `unusableRows` with the lines.
    package init(
        contents: some Collection<UInt8>, file: String, verifiers: VerifierSet,
        options: LineOptions = LineOptions()
    ) throws(ProblemSourceError) {
        var rows = ProblemRows(file: file, verifiers: verifiers, options: options)
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
        problems = rows.problems.filter {
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
        duplicates = rows.duplicates
        skipped = rows.unusable.count > 0 ? rows.unusable : nil
        withContext = rows.withContext
        digest = ContentHash.text(of: contents)
    }

    /// Sentences for the person who starts a run.
    package var remarks: [String] {
        var remarks: [String] = []
        if duplicates > 0 {
            let lines = duplicates == 1 ? "1 line repeats" : "\(duplicates) lines repeat"
            remarks.append("\(file): \(lines) an earlier question and its answer, and are left out")
        }
        if withContext > 0 {
            remarks.append(
                "\(file): of \(withContext) lists of messages only the last one of the user is asked; "
                    + "prompt.template says what stands before it")
        }
        if let skipped { remarks.append("left out, for problems.skipInvalid says so: \(skipped)") }
        return remarks
    }

    /// The problems in an order of their own, which adding lines to the file hardly changes.
    var byHash: [Problem] {
        problems.map { (hash: StableHash.hash($0.question), problem: $0) }
            .sorted { ($0.hash, $0.problem.question) < ($1.hash, $1.problem.question) }
            .map(\.problem)
    }
}
