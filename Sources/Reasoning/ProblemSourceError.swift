/// Why a source cannot give a problem, with the file and line if there is one.
package enum ProblemSourceError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The source has, or can generate, fewer held-out problems than were asked for.
    ///
    /// `setting` asks for them: a key of the configuration or a flag.
    case tooFew(source: String, asked: Int, found: Int, setting: String = "problems.heldOut")
    /// Every problem is held out.
    case nothingToTrainOn(source: String)
    /// A question from another source.
    case foreignQuestion(source: String, question: String)
    case unreadable(file: String, line: Int?, reason: String)
    /// Lines that cannot be read as problems.
    case unusableRows(Rows)
    /// Settings under which a generated source can make no problem.
    case cannotMake(source: String, reason: String)
    /// A failure of the program that writes the problems.
    case program(command: String, reason: String)

    /// Lines that cannot be read as problems: their count, and the first of them.
    package struct Rows: Sendable, Hashable, CustomStringConvertible {
        package struct Row: Sendable, Hashable {
            /// Counted from 1.
            package let line: Int
            package let reason: String
        }

        package let file: String
        package private(set) var count = 0
        package private(set) var first: [Row] = []

        /// The most lines that are named; further lines are only counted.
        package static let limit = 20

        init(file: String) { self.file = file }

        mutating func add(line: Int, _ reason: String) {
            count += 1
            if first.count < Self.limit { first.append(Row(line: line, reason: reason)) }
        }

        /// One text line for each named line, then the count of the others.
        package var description: String {
            let lines = first.map { "\(file):\($0.line): \($0.reason)" }
            let more = count > first.count ? ["… and \(count - first.count) more"] : []
            return (lines + more).joined(separator: "\n")
        }
    }

    package var description: String {
        switch self {
        case .tooFew(let source, let asked, let found, let setting):
            "\(source): \(setting) asks for \(asked) problems and \(found) can be held out; "
                + (found == 0 ? "" : "set \(setting) to at most \(found), ")
                + (setting.contains(".") ? "set it to auto, " : "leave it out, ")
                + "or add problems"
        case .nothingToTrainOn(let source):
            "\(source): every problem is held out, none is left to train on; add problems"
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
