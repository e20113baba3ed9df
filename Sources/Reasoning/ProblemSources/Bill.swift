/// A sum of prices such as `17*3+58+12*5`, where each term is a price times a count or one number.
package struct Bill: Sendable, Hashable {
    package enum Term: Sendable, Hashable {
        case product(price: Int, count: Int)
        case single(Int)

        package var value: Int {
            switch self {
            case .product(let price, let count): price * count
            case .single(let number): number
            }
        }

        package var text: String {
            switch self {
            case .product(let price, let count): "\(price)*\(count)"
            case .single(let number): "\(number)"
            }
        }

        package var numbers: [Int] {
            switch self {
            case .product(let price, let count): [price, count]
            case .single(let number): [number]
            }
        }
    }

    package let terms: [Term]

    package init(terms: [Term]) { self.terms = terms }

    /// Reads the bill in a question; nil unless it has at most 64 terms and numbers of at most 7 digits.
    package init?(question: String) {
        guard question.utf8.count <= 1024, question.hasSuffix("=?") else { return nil }
        var terms: [Term] = []
        for part in question.dropLast(2).split(separator: "+", omittingEmptySubsequences: false) {
            let numbers = part.split(separator: "*", omittingEmptySubsequences: false).map(Self.number)
            switch (numbers.count, numbers.first ?? nil, numbers.last ?? nil) {
            case (1, let number?, _): terms.append(.single(number))
            case (2, let price?, let count?): terms.append(.product(price: price, count: count))
            default: return nil
            }
        }
        guard terms.count <= 64 else { return nil }
        self.terms = terms
    }

    private static func number(_ text: Substring) -> Int? {
        guard (1...7).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }) else {
            return nil
        }
        return Int(text)
    }

    package var question: String { terms.map(\.text).joined(separator: "+") + "=?" }

    package var total: Int { terms.reduce(0) { $0 + $1.value } }

    /// The total to the nearest ten, up from 5.
    var guess: Int { (total + 5) / 10 * 10 }

    /// The bill worked out: each product, then the running sum, `["17*3=51", "51+58=109"]`.
    package var steps: [String] {
        var steps: [String] = []
        for term in terms {
            if case .product = term { steps.append("\(term.text)=\(term.value)") }
        }
        guard var sum = terms.first?.value else { return steps }
        for term in terms.dropFirst() {
            steps.append("\(sum)+\(term.value)=\(sum + term.value)")
            sum += term.value
        }
        return steps
    }

    package var work: String { steps.joined(separator: ",") }
}
