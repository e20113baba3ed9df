import Primitives

/// What bills are made of; all ranges include both ends.
///
///     try Bills(terms: 2...4)   // 17*3+58+12*5=?
///
/// A forward pass of a small model cannot blurt the total, a thought can work it out.
package struct Bills: Sendable, Hashable, Codable {
    /// Terms of a bill; each number of terms is asked equally often.
    package let terms: ClosedRange<Int>
    package let price: ClosedRange<Int>
    package let count: ClosedRange<Int>
    /// A term that is one number.
    package let single: ClosedRange<Int>
    /// Share of the terms that are price times count, 0 to 1.
    package let productShare: Double

    package static let standard = Bills(
        unchecked: 3...5, price: 2...9, count: 2...9, single: 1...50, productShare: 0.7)

    /// Throws `SettingError` for an empty bill, negative numbers, or sizes beyond 16 terms and numbers of 9,999.
    package init(
        terms: ClosedRange<Int> = standard.terms, price: ClosedRange<Int> = standard.price,
        count: ClosedRange<Int> = standard.count, single: ClosedRange<Int> = standard.single,
        productShare: Double = standard.productShare
    ) throws(SettingError) {
        let limits: [(String, ClosedRange<Int>, ClosedRange<Int>)] = [
            ("terms", terms, 1...16), ("price", price, 0...9999), ("count", count, 0...9999),
            ("single", single, 0...9999),
        ]
        for (name, range, limit) in limits where !limit.contains(range) {
            throw SettingError(
                setting: "problems.bills.\(name)", value: "\(range)", remedy: "it must lie within \(limit)")
        }
        guard (0...1).contains(productShare) else {
            throw SettingError(
                setting: "problems.bills.productShare", value: "\(productShare)",
                remedy: "it must lie within 0...1")
        }
        self.init(unchecked: terms, price: price, count: count, single: single, productShare: productShare)
    }

    private init(
        unchecked terms: ClosedRange<Int>, price: ClosedRange<Int>, count: ClosedRange<Int>,
        single: ClosedRange<Int>, productShare: Double
    ) {
        self.terms = terms
        self.price = price
        self.count = count
        self.single = single
        self.productShare = productShare
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func range(_ key: CodingKeys, _ standard: ClosedRange<Int>) throws -> ClosedRange<Int> {
            try container.decodeIfPresent(ClosedRange<Int>.self, forKey: key) ?? standard
        }
        try self.init(
            terms: range(.terms, Self.standard.terms), price: range(.price, Self.standard.price),
            count: range(.count, Self.standard.count), single: range(.single, Self.standard.single),
            productShare: container.decodeIfPresent(Double.self, forKey: .productShare)
                ?? Self.standard.productShare)
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

    /// The problem that a bill poses; its difficulty is the number of terms.
    package static func problem(_ bill: Bill) -> Problem {
        let question = bill.question
        return Problem(
            id: "bills/" + StableHash.hexadecimal(question), question: question,
            expected: "\(bill.total)", difficulty: bill.terms.count)
    }
}
