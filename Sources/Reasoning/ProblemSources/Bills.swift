import StrictConfiguration

/// Bills to add up, `17*3+58+12*5=?`, and what they are made of.
///
///     try Bills { $0.terms = 2...4 }
///
/// A small model cannot say the total in one forward pass; a thought can work it out. The difficulty is the number of terms.
package struct Bills: ProblemMaker {
    @Setting(.range(within: 1...16), "terms of a bill")
    package var terms = 3...5
    @Setting(.range(within: 0...9999), "price in price*count")
    package var price = 2...9
    @Setting(.range(within: 0...9999), "count in price*count")
    package var count = 2...9
    @Setting(.range(within: 0...9999), "a term that is one number")
    package var single = 1...50
    @Setting(.number(0...1), "share of terms that are price*count")
    package var productShare = 0.7

    package static let name = "bills"
    package static let verifier = "number"
    package static let standard = Bills()

    package init() {}

    package var difficulties: ClosedRange<Int> { terms }

    package func problem(difficulty: Int, using generator: inout SeededGenerator) -> Problem {
        Bills.problem(bill(terms: difficulty, using: &generator))
    }

    /// A bill with a given number of terms.
    package func bill(terms count: Int, using generator: inout SeededGenerator) -> Bill {
        var terms: [Bill.Term] = []
        for _ in 0..<count {
            if generator.chance(productShare) {
                let price = generator.integer(in: self.price)
                terms.append(.product(price: price, count: generator.integer(in: self.count)))
            } else {
                terms.append(.single(generator.integer(in: single)))
            }
        }
        return Bill(terms: terms)
    }

    /// A bill that is not held out; throws `nothingToTrainOn` when the draws find none.
    func trainingBill(
        terms: Int, split: HeldOut, using generator: inout SeededGenerator
    ) throws(ProblemSourceError) -> Bill {
        for _ in 0..<GeneratedProblems.drawLimit {
            let bill = bill(terms: terms, using: &generator)
            if !split.contains(question: bill.question) { return bill }
        }
        throw .nothingToTrainOn(source: "bills of \(terms) terms")
    }

    /// The problem that a bill poses; its difficulty is the number of terms.
    package static func problem(_ bill: Bill) -> Problem {
        Problem(Self.self, question: bill.question, expected: "\(bill.total)", difficulty: bill.terms.count)
    }
}

package typealias BillsSource = GeneratedSource<Bills>
