import Foundation

/// Problems from a file with one JSON object a line.
///
///     {"question": "What is 6 × 7?", "expected": "42", "id": "easy-1", "difficulty": 1}
///
/// `question` and one of `expected` or `answer` must be there: a text, a number, or a countdown goal as an object.
/// `id` is made from the question when it is missing and `difficulty` is 0; `metadata` is an object for an external
/// verifier. Held out are the questions that
/// `HeldOut` says; training reads the others in a new order each epoch.
package struct JSONLinesSource: ProblemSource {
    /// The problems to train on, in the order of the file.
    package let training: [Problem]
    /// The held-out problems, in an order of their own that adding lines to the file hardly changes.
    package let held: [Problem]
    /// Lines that repeat an earlier question with the same answer, and are left out.
    package let duplicates: Int
    package let file: String
    private let seed: UInt64

    /// Bytes of the largest file, and of the longest line, that are read.
    package static let sizeLimit = 256 << 20
    package static let lineLimit = 1 << 20

    /// Reads and checks a whole file; every expected answer must be readable by `verifier`.
    ///
    /// Throws `ProblemSourceError.unreadable` with file and line, or `nothingToTrainOn`.
    package init(path: String, verifier: any Verifier, seed: UInt64, split: HeldOut = .fifth) throws {
        let bytes: Data
        do {
            let url = URL(filePath: path)
            let values = try url.resourceValues(forKeys: [.fileSizeKey, .isRegularFileKey])
            guard values.isRegularFile == true else {
                throw ProblemSourceError.unreadable(file: path, line: nil, reason: "is not a file")
            }
            guard let size = values.fileSize, size <= Self.sizeLimit else {
                throw ProblemSourceError.unreadable(
                    file: path, line: nil, reason: "is larger than \(Self.sizeLimit) bytes; split it")
            }
            bytes = try Data(contentsOf: url)
        } catch let error as ProblemSourceError {
            throw error
        } catch {
            throw ProblemSourceError.unreadable(
                file: path, line: nil,
                reason: "cannot be read (\(error.localizedDescription)); check the path")
        }
        try self.init(contents: bytes, file: path, verifier: verifier, seed: seed, split: split)
    }

    /// Reads the contents of a file that errors call `file`.
    package init(
        contents: some Collection<UInt8>, file: String, verifier: any Verifier, seed: UInt64,
        split: HeldOut = .fifth
    ) throws {
        var lines = Lines(file: file, verifier: verifier)
        try lines.read(contents)
        guard !lines.problems.isEmpty else {
            throw ProblemSourceError.unreadable(file: file, line: nil, reason: "holds no problem")
        }
        self.file = file
        self.seed = seed
        duplicates = lines.duplicates
        training = lines.problems.filter { !split.contains(question: $0.question) }
        held = lines.problems.filter { split.contains(question: $0.question) }
            .map { (hash: StableHash.hash($0.question), problem: $0) }
            .sorted { ($0.hash, $0.problem.question) < ($1.hash, $1.problem.question) }
            .map(\.problem)
        guard !training.isEmpty else { throw ProblemSourceError.nothingToTrainOn(source: file) }
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

/// The lines of a file as they are read, and where each question was.
private struct Lines {
    let file: String
    let verifier: any Verifier
    var problems: [Problem] = []
    var duplicates = 0
    private var seen: [String: (line: Int, expected: String)] = [:]
    private var lineOfID: [String: Int] = [:]

    init(file: String, verifier: any Verifier) {
        self.file = file
        self.verifier = verifier
    }

    mutating func read(_ contents: some Collection<UInt8>) throws(ProblemSourceError) {
        guard contents.count <= JSONLinesSource.sizeLimit else {
            throw .unreadable(
                file: file, line: nil, reason: "is larger than \(JSONLinesSource.sizeLimit) bytes")
        }
        let lines = contents.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            if line.allSatisfy({ [0x20, 0x09, 0x0D].contains($0) }) { continue }
            try add(line, number: index + 1)
        }
    }

    private mutating func add(_ line: some Collection<UInt8>, number: Int) throws(ProblemSourceError) {
        guard line.count <= JSONLinesSource.lineLimit else {
            throw unreadable(
                number, "the line has \(line.count) bytes; at most \(JSONLinesSource.lineLimit) are read")
        }
        let problem: Problem
        do {
            problem = try JSONDecoder().decode(ProblemLine.self, from: Data(line)).problem
            try verifier.check(expected: problem.expected)
        } catch let error as DecodingError {
            throw unreadable(number, ProblemLine.reason(error))
        } catch {
            throw unreadable(number, "\(error)")
        }
        if let first = seen[problem.question] {
            guard first.expected == problem.expected else {
                throw unreadable(
                    number,
                    "the question of line \(first.line) again, with another answer; keep the right one")
            }
            duplicates += 1
            return
        }
        if let first = lineOfID[problem.id] {
            throw unreadable(
                number, "the id '\(problem.id)' is that of line \(first); every problem needs its own")
        }
        lineOfID[problem.id] = number
        seen[problem.question] = (number, problem.expected)
        problems.append(problem)
    }

    private func unreadable(_ line: Int, _ reason: String) -> ProblemSourceError {
        .unreadable(file: file, line: line, reason: reason)
    }
}
