/// Bills without end, as many of each number of terms.
///
///     try BillsSource(.standard, seed: 1).trainingProblem(0)   // 3 terms; 1 has 4, 2 has 5, 3 has 3 again
package typealias BillsSource = GeneratedSource<Bills>

extension Bills: ProblemMaker {
    package static let name = "bills"
    package static let verifier = "number"
    package var difficulties: ClosedRange<Int> { terms }

    package func problem(difficulty: Int, using generator: inout SeededGenerator) -> Problem {
        Bills.problem(bill(terms: difficulty, using: &generator))
    }

    /// A bill that is not held out; throws `nothingToTrainOn` when none turns up.
    func trainingBill(
        terms: Int, split: HeldOut, using generator: inout SeededGenerator
    ) throws(ProblemSourceError) -> Bill {
        for _ in 0..<GeneratedProblems.patience {
            let bill = bill(terms: terms, using: &generator)
            if !split.contains(question: bill.question) { return bill }
        }
        throw .nothingToTrainOn(source: "bills of \(terms) terms")
    }
}
