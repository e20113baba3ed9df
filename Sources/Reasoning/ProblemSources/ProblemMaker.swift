package import StrictConfiguration

/// Makes problems of one kind, one for each draw of random numbers.
///
/// Its properties are its settings, with defaults and limits.
/// A new maker is a file like `Sums.swift`, a line in `GeneratedSources`, and its test.
package protocol ProblemMaker: ConfigurationSection {
    /// The source's name in a run configuration and at the front of its problems' ids.
    static var name: String { get }
    /// The verifier that its answers are written for.
    static var verifier: String { get }
    /// What is asked; each difficulty equally often.
    var difficulties: ClosedRange<Int> { get }

    /// A problem of one of the difficulties; throws `cannotMake` when its settings leave none.
    func problem(
        difficulty: Int, using generator: inout SeededGenerator
    ) throws(ProblemSourceError) -> Problem
}

extension Problem {
    /// A problem that a maker made, named by its question.
    init(_ maker: (some ProblemMaker).Type, question: String, expected: String, difficulty: Int) {
        self.init(
            id: Problem.identity(of: question, in: maker.name), question: question, expected: expected,
            difficulty: difficulty)
    }
}
