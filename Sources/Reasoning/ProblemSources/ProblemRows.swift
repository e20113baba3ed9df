import Foundation
import StrictJSON

/// The lines of a file as they are read: problems, repetitions, and what cannot be used.
struct ProblemRows {
    private(set) var problems: [Problem] = []
    private(set) var duplicates = 0
    /// Questions before which messages are left out.
    private(set) var withContext = 0
    private(set) var unusable: ProblemSourceError.Rows
    private let verifiers: VerifierSet
    private let options: LineOptions
    private var seen: [String: (line: Int, expected: String)] = [:]
    private var lineOfID: [String: Int] = [:]

    init(file: String, verifiers: VerifierSet, options: LineOptions) {
        unusable = ProblemSourceError.Rows(file: file)
        self.verifiers = verifiers
        self.options = options
    }

    private static let blanks: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D]

    private struct Fault: Error {
        let reason: String
    }

    /// Throws `ProblemSourceError.unreadable` for what is too large to be read at all.
    mutating func read(_ contents: some Collection<UInt8>) throws(ProblemSourceError) {
        guard contents.count <= ProblemSet.sizeLimit else {
            throw .unreadable(
                file: unusable.file, line: nil,
                reason: "is larger than \(ProblemSet.sizeLimit) bytes; split it")
        }
        // Windows programs begin a file with the byte order mark.
        let contents = contents.starts(with: [0xEF, 0xBB, 0xBF]) ? contents.dropFirst(3) : contents[...]
        if contents.first(where: { !Self.blanks.contains($0) }) == UInt8(ascii: "[") {
            throw .unreadable(
                file: unusable.file, line: nil,
                reason:
                    "is one JSON array; one object a line is read: jq -c '.[]' FILE > FILE.jsonl converts it")
        }
        let lines = contents.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            if line.allSatisfy(Self.blanks.contains) { continue }
            do {
                try add(line, number: index + 1)
            } catch {
                unusable.add(line: index + 1, error.reason)
            }
        }
    }

    private mutating func add(_ line: some Collection<UInt8>, number: Int) throws(Fault) {
        guard line.count <= ProblemSet.lineLimit else {
            throw Fault(
                reason: "the line has \(line.count) bytes; at most \(ProblemSet.lineLimit) are read")
        }
        let problem: Problem
        let hasContext: Bool
        do {
            (problem, hasContext) = try ProblemLine.problem(line, options.format, options.fields)
            try verifiers.verifier(of: problem).check(expected: problem.expected)
        } catch let error as JSONError {
            throw Fault(reason: error.ofObject)
        } catch let error as VerifierError {
            throw Fault(reason: Self.reason(error))
        } catch {
            throw Fault(reason: "\(error)")
        }
        if let flaw = problem.sizeFlaw {
            throw Fault(
                reason: "\(flaw.found); at most \(flaw.limit) are sent to a worker, so shorten it")
        }
        if let first = seen[problem.question] {
            guard first.expected == problem.expected else {
                throw Fault(
                    reason:
                        "the question of line \(first.line) again, with another answer; keep the right one")
            }
            duplicates += 1
            return
        }
        if let first = lineOfID[problem.id] {
            throw Fault(
                reason: "the id '\(problem.id)' is that of line \(first); every problem needs its own")
        }
        lineOfID[problem.id] = number
        seen[problem.question] = (number, problem.expected)
        problems.append(problem)
        if hasContext { withContext += 1 }
    }

    private static func reason(_ error: VerifierError) -> String {
        guard case .unknown = error else {
            return "\(error); correct it, or set problems.verifier or problems.fields.answer"
        }
        return "\(error); correct the line's 'verifier', or name another member in problems.fields.verifier"
    }
}
