/// Why a source has no problem to give, with the file and the line where there is one.
package enum ProblemSourceError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The source cannot make, or does not hold, as many held-out problems as were asked for.
    case tooFew(source: String, asked: Int, found: Int)
    /// No problem is left to train on once the held-out ones are taken away.
    case nothingToTrainOn(source: String)
    /// A question that the source did not make.
    case foreignQuestion(source: String, question: String)
    case unreadable(file: String, line: Int?, reason: String)

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
        }
    }
}
