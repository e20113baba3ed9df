/// Why a source has no problem to give, with the file and the line where there is one.
package enum ProblemSourceError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The source cannot make, or does not hold, as many held-out problems as were asked for.
    case tooFew(source: String, asked: Int, found: Int)
    /// No problem is left to train on once the held-out ones are taken away.
    case nothingToTrainOn(source: String)
    /// A question that the source did not make.
    case foreignQuestion(source: String, question: String)
    case unreadable(file: String, line: Int?, reason: String)
    /// Lines that are no problems.
    case unusableRows(Rows)
    /// Ranges that leave a generated source nothing to make.
    case cannotMake(source: String, reason: String)
    /// A program that should have written the problems.
    case program(command: String, reason: String)

    /// Lines that are no problems: how many, and the first of them.
    package struct Rows: Sendable, Hashable, CustomStringConvertible {
        package struct Row: Sendable, Hashable {
            /// From 1.
            package let line: Int
            package let reason: String
        }

        package let file: String
        package private(set) var count = 0
        package private(set) var first: [Row] = []

        /// Lines that are named; the others are counted.
        package static let limit = 20

        init(file: String) { self.file = file }

        mutating func add(line: Int, _ reason: String) {
            count += 1
            if first.count < Self.limit { first.append(Row(line: line, reason: reason)) }
        }

        /// A line each, then how many there are.
        package var description: String {
            let lines = first.map { "\(file):\($0.line): \($0.reason)" }
            let more = count > first.count ? ["… and \(count - first.count) more"] : []
            return (lines + more).joined(separator: "\n")
        }
    }

    package var description: String {
        switch self {
        case .tooFew(let source, let asked, let found):
            "\(source): \(asked) held-out problems were asked for and there are \(found); "
                + "ask for \(found) or fewer, or give it more problems"
        case .nothingToTrainOn(let source):
            "\(source): every problem is held out, none is left to train on; give it more problems"
        case .foreignQuestion(let source, let question):
            "\(source): '\(question)' is not a question of this source"
        case .unreadable(let file, let line, let reason):
            "\(file)\(line.map { ":\($0)" } ?? ""): \(reason)"
        case .unusableRows(let rows):
            "\(rows)\n\(rows.file): \(rows.count == 1 ? "this line" : "these \(rows.count) lines") cannot be used; "
                + "repair them, or leave them out with problems.skipInvalid: true"
        case .cannotMake(let source, let reason): "\(source): \(reason)"
        case .program(let command, let reason): "the problems' program '\(command)' \(reason)"
        }
    }
}
