import Foundation
import StrictConfiguration
import Testing

@testable import Reasoning

struct BooksTests {
    let books = Books(bills: .standard)

    /// Shares of one kind alone, or of no kind.
    private func only(_ kind: Books.Kind?) throws -> BookShares {
        try BookShares {
            $0.fact = kind == .fact ? 1 : 0
            ($0.blurt, $0.ramble, $0.untagged, $0.broken) = (0, 0, 0, 0)
            $0.worked = kind == .worked ? 1 : 0
        }
    }

    private func read(_ count: Int, of books: Books) throws -> [Books.Book] {
        try (0..<count).map { try books.document(seed: 1, index: $0) }
    }

    @Test func `a document depends on seed and index alone`() throws {
        let first = try read(30, of: books)
        #expect(try read(30, of: Books(bills: .standard)) == first)
        #expect(
            try books.document(seed: 2, index: 0) != first[0] || books.document(seed: 2, index: 1) != first[1]
        )
    }

    @Test func `every kind has its shape and its share`() throws {
        let count = 10_000
        let read = try read(count, of: books)
        for kind in Books.Kind.allCases {
            let texts = read.filter { $0.kind == kind }.map(\.text)
            #expect(abs(texts.count - count * BookShares.standard[kind] / 100) < 200)
            for text in texts.prefix(200) {
                #expect(try text.wholeMatch(of: Regex(shape(of: kind))) != nil, "\(kind): \(text)")
            }
        }
        #expect(read.allSatisfy { $0.ends })
    }

    private func shape(of kind: Books.Kind) -> String {
        let prompt = #"Q:\d+(\*\d+)?(\+\d+(\*\d+)?){2,4}=\?\nA:"#
        let work = #"\d+[*+]\d+=\d+(,\d+[*+]\d+=\d+)*"#
        return switch kind {
        case .fact: #"\d+[*+]\d+=\d+"#
        case .blurt: prompt + #"\d+"#
        case .ramble: prompt + #"<think>([a-z]+|\d+)( ([a-z]+|\d+)){1,5}</think>\d+"#
        case .untagged: prompt + work + #" so \d+"#
        case .worked: prompt + "<think>" + work + #"</think>\d+"#
        case .broken: prompt + "<think>" + work
        }
    }

    @Test func `every step and every total in a book is right, and a guess is the total to the nearest ten`()
        throws
    {
        for book in try read(2000, of: books) {
            for step in book.text.matches(of: /(\d+)([*+])(\d+)=(\d+)/) {
                let left = try #require(Int(step.1)), right = try #require(Int(step.3))
                #expect(Int(step.4) == (step.2 == "*" ? left * right : left + right))
            }
            guard let question = book.text.firstMatch(of: /Q:(.*)\n/)?.1, book.kind != .broken else {
                continue
            }
            let total = try #require(Bill(question: String(question))).total
            switch book.kind {
            case .blurt, .ramble:
                let guess = try #require(book.text.firstMatch(of: /(\d+)$/).flatMap { Int($0.1) })
                #expect(guess % 10 == 0 && (total - 4...total + 5).contains(guess))
            default: #expect(book.text.hasSuffix("\(total)"))
            }
        }
    }

    @Test func `a third of the facts are products, and sums grow as large as in the longest work`() throws {
        let only = try self.only(.fact)
        let facts = try read(6000, of: Books(bills: .standard, shares: only)).map(\.text)
        let products = facts.filter { $0.contains("*") }
        #expect((1800...2200).contains(products.count))
        let lefts = facts.filter { $0.contains("+") }.compactMap { Int($0.prefix { $0 != "+" }) }
        #expect(lefts.allSatisfy { (1...324).contains($0) })
        #expect(lefts.filter { $0 > 108 }.count > 800)
    }

    @Test func `no held-out question is in any book`() throws {
        for book in try read(5000, of: books) where book.kind != .fact {
            let question = try #require(book.text.firstMatch(of: /Q:(.*)\n/)).1
            #expect(!HeldOut.fifth.contains(question: String(question)))
        }
    }

    @Test func `tags and template are those of the run`() throws {
        let only = try self.only(.worked)
        let korean = Books(
            bills: .standard, shares: only, tags: try ThoughtTags(open: "<생각>", close: "</생각>"),
            template: try PromptTemplate("{question} "))
        for book in try read(20, of: korean) {
            #expect(book.text.contains("=? <생각>"))
            #expect(book.text.contains("</생각>"))
        }
    }

    @Test func `a worked thought begins with the left side of its first step`() throws {
        let problem = Bills.problem(try #require(Bill(question: "17*3+58=?")))
        #expect(try books.workedThought(for: problem) == "17*3=51,51+58=109")
        #expect(try books.workedBeginning(for: problem) == "<think>17*3=")
        let foreign = Problem(id: "x", question: "Why?", expected: "42", difficulty: 1)
        #expect(throws: ProblemSourceError.foreignQuestion(source: "bills", question: "Why?")) {
            try books.workedThought(for: foreign)
        }
    }

    @Test func `unusable shares are refused`() {
        #expect { try only(nil) } throws: { "\($0)".contains("at least one share must be above 0") }
        #expect { try BookShares { $0.fact = -1 } } throws: { "\($0)".contains("fact: -1 is not allowed") }
    }
}
