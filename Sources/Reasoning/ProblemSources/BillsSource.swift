/// Bills without end, drawn as they are asked for.
///
///     try BillsSource(.standard, seed: 1).trainingProblem(0)   // 2 terms; 1 has 3, 2 has 4, 3 has 2 again
package struct BillsSource: ProblemSource {
    package let bills: Bills
    /// Seed of the run; held-out problems do not depend on it.
    package let seed: UInt64
    private let split: HeldOut

    /// Draws after which a bill that is not, or must be, held out counts as impossible to find.
    private static let patience = 10_000
    private static let heldOutSeed: UInt64 = 0

    package init(_ bills: Bills, seed: UInt64, split: HeldOut = .fifth) {
        self.bills = bills
        self.seed = seed
        self.split = split
    }

    package func trainingProblem(_ index: Int) throws -> Problem {
        var generator = SeededGenerator(
            seed: seed, stream: .training, index: UInt64(bitPattern: Int64(index)))
        return Bills.problem(
            try Self.trainingBill(bills, terms: terms(at: index), split: split, using: &generator))
    }

    package func heldOut(_ count: Int) throws -> [Problem] {
        var generators = bills.terms.map {
            SeededGenerator(seed: Self.heldOutSeed, stream: .heldOut, index: UInt64($0))
        }
        var seen: Set<String> = []
        var problems: [Problem] = []
        for index in 0..<max(0, count) {
            let level = index % generators.count
            var found: Bill?
            for _ in 0..<Self.patience where found == nil {
                let bill = bills.bill(terms: terms(at: index), using: &generators[level])
                if split.contains(question: bill.question), seen.insert(bill.question).inserted {
                    found = bill
                }
            }
            guard let found else {
                throw ProblemSourceError.tooFew(source: "bills", asked: count, found: problems.count)
            }
            problems.append(Bills.problem(found))
        }
        return problems
    }

    /// A bill that is not held out; throws `nothingToTrainOn` when none turns up.
    static func trainingBill(
        _ bills: Bills, terms: Int, split: HeldOut, using generator: inout SeededGenerator
    ) throws(ProblemSourceError) -> Bill {
        for _ in 0..<patience {
            let bill = bills.bill(terms: terms, using: &generator)
            if !split.contains(question: bill.question) { return bill }
        }
        throw .nothingToTrainOn(source: "bills of \(terms) terms")
    }

    private func terms(at index: Int) -> Int {
        let place = index % bills.terms.count
        return bills.terms.lowerBound + (place < 0 ? place + bills.terms.count : place)
    }
}
