import BuiltInVerifiers
import Reasoning

/// Answers whose verdict is certain, for every verifier that comes with Ponder.
enum VerifierTrials {
    private static let goal = #"{"numbers":[3,5,7],"target":22,"use":"all"}"#

    /// Verifier, answer, expected answer, and whether the answer is right.
    static let all: [(verifier: String, answer: String, expected: String, isRight: Bool)] = [
        ("exact", " Paris\n", "Paris", true), ("exact", "paris", "Paris", false),
        ("number", "51", "51", true), ("number", "1,234", "1234", true), ("number", "52", "51", false),
        ("number", "51 52", "51", false), ("number", "", "51", false),
        ("choice", "(B)", "B", true), ("choice", "C", "B", false),
        ("countdown", "3*5+7", goal, true), ("countdown", "3*5+7=22", goal, true),
        ("countdown", "15+7", goal, false), ("countdown", "22", goal, false),
        ("math", "\\boxed{\\frac{1}{2}}", "0.5", true), ("math", "so it is 3/4", "\\frac{3}{4}", true),
        ("math", "0.\\overline{3}", "\\frac{1}{3}", true), ("math", "\\sqrt{-4}", "2i", true),
        ("math", "10^{20}+1", "10^{20}", false), ("math", "x+1", "x", false),
    ]

    /// - Throws: `CheckFailure` that names every answer with another verdict; `VerifierError`.
    static func run() throws -> String {
        let wrong = try all.filter { trial in
            let verdict = try Verifiers.named(trial.verifier)
                .verdict(on: Answer(direct: trial.answer), expected: trial.expected)
            return (verdict == .correct) != trial.isRight
        }
        guard wrong.isEmpty else {
            let told = wrong.map { "\($0.verifier) on '\($0.answer)' for '\($0.expected)'" }
            throw CheckFailure(
                "other verdicts than they must be: \(told.joined(separator: ", ")); build Ponder again with Scripts/quickstart"
            )
        }
        return "\(all.count) answers get the verdicts that they must"
    }
}
