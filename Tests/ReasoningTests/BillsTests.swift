import Foundation
import StrictConfiguration
import Testing

@testable import Reasoning

struct BillsTests {
    let source = BillsSource(.standard, seed: 1)

    @Test func `a bill is worked out product by product and sum by sum`() throws {
        let bill = try #require(Bill(question: "17*3+58+12*5=?"))
        #expect(bill.terms == [.product(price: 17, count: 3), .single(58), .product(price: 12, count: 5)])
        #expect(bill.total == 169)
        #expect(bill.work == "17*3=51,12*5=60,51+58=109,109+60=169")
        #expect(bill.question == "17*3+58+12*5=?")
        #expect(Bills.problem(bill).expected == "169")
        #expect(Bills.problem(bill).difficulty == 3)
        #expect(Bill(question: "5+3=?")?.work == "5+3=8")
        #expect(Bill(question: "5*3=?")?.work == "5*3=15")
    }

    @Test(arguments: [
        "", "=?", "1+=?", "1+2", "1*2*3=?", "a+1=?", "-1+2=?", "1 + 2=?", "12345678+1=?", "١+1=?",
    ])
    func `what is not a bill is not read as one`(question: String) {
        #expect(Bill(question: question) == nil)
    }

    @Test func `a bill of absurd length is not read`() {
        #expect(Bill(question: String(repeating: "1+", count: 64) + "1=?") == nil)
        #expect(Bill(question: String(repeating: "1+", count: 100_000) + "1=?") == nil)
    }

    @Test func `training problems depend on seed and index alone`() throws {
        let again = BillsSource(.standard, seed: 1)
        let other = BillsSource(.standard, seed: 2)
        let first = try (0..<50).map(source.trainingProblem)
        #expect(try (0..<50).reversed().map(again.trainingProblem).reversed() == first)
        #expect(try (0..<50).map(other.trainingProblem) != first)
        #expect(Set(first.map(\.question)).count > 45)
    }

    @Test func `the first problems never change, for runs are compared over years`() throws {
        let training = try (0..<3).map { try source.trainingProblem($0).question }
        #expect(training == ["28+30+16=?", "5*2+33+8*5+8*3=?", "6*6+16+8*5+6*3+5*5=?"])
        let heldOut = try source.heldOut(3).map(\.question)
        #expect(heldOut == ["6*3+4*3+6*3=?", "6+3*7+7*7+8*3=?", "4+6*7+7*2+4*5+5*8=?"])
    }

    @Test func `every number of terms is asked equally often`() throws {
        let training = try (0..<300).map { try source.trainingProblem($0).difficulty }
        let heldOut = try source.heldOut(300).map(\.difficulty)
        for terms in 3...5 {
            #expect(training.filter { $0 == terms }.count == 100)
            #expect(heldOut.filter { $0 == terms }.count == 100)
        }
    }

    @Test func `numbers stay in their ranges and the share of products is kept`() throws {
        let problems = try (0..<3000).map(source.trainingProblem)
        let terms = try problems.flatMap { try #require(Bill(question: $0.question)).terms }
        for term in terms {
            switch term {
            case .product(let price, let count):
                #expect((2...9).contains(price) && (2...9).contains(count))
            case .single(let number): #expect((1...50).contains(number))
            }
        }
        let products = terms.filter { if case .product = $0 { true } else { false } }
        #expect(abs(Double(products.count) / Double(terms.count) - 0.7) < 0.02)
    }

    @Test func `held-out problems are fixed, different, and never trained on`() throws {
        let heldOut = try source.heldOut(600)
        #expect(Set(heldOut.map(\.question)).count == 600)
        #expect(heldOut.allSatisfy { HeldOut.fifth.contains(question: $0.question) })
        #expect(try BillsSource(.standard, seed: 99).heldOut(200) == Array(heldOut.prefix(200)))
        for index in 0..<3000 {
            #expect(try !HeldOut.fifth.contains(question: source.trainingProblem(index).question))
        }
    }

    @Test func `a fifth of all questions is held out`() {
        let questions = (0..<20_000).map { "\($0)+\($0 % 7)=?" }
        let share = Double(questions.filter(HeldOut.fifth.contains).count) / 20_000
        #expect(abs(share - 0.2) < 0.01)
    }

    @Test func `too few bills to hold out is an error with both numbers`() throws {
        let tiny = try Bills {
            $0.terms = 1...1
            $0.single = 1...20
            $0.productShare = 0
        }
        let source = BillsSource(tiny, seed: 1)
        let held = (1...20).filter { HeldOut.fifth.contains(question: "\($0)=?") }.count
        #expect(throws: ProblemSourceError.tooFew(source: "bills", asked: 100, found: held)) {
            try source.heldOut(100)
        }
    }

    @Test func `one bill that is held out leaves nothing to train on`() throws {
        let number = try #require((1...100).first { HeldOut.fifth.contains(question: "\($0)=?") })
        let single = try Bills {
            $0.terms = 1...1
            $0.single = number...number
            $0.productShare = 0
        }
        let source = BillsSource(single, seed: 1)
        #expect(throws: ProblemSourceError.self) { try source.trainingProblem(0) }
    }

    @Test func `unusable bills are refused by name`() throws {
        #expect { try Bills { $0.terms = 0...2 } } throws: { "\($0)".contains("terms: [0, 2]") }
        #expect { try Bills { $0.price = -1...2 } } throws: { "\($0)".contains("price: [-1, 2]") }
        #expect { try Bills { $0.single = 1...10_000 } } throws: { "\($0)".contains("single: [1, 10000]") }
        #expect { try Bills { $0.productShare = .nan } } throws: { "\($0)".contains("productShare: nan") }
    }
}
