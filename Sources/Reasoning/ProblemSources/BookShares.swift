/// How many documents of each kind there are among the books, in any unit: only the ratios count.
///
/// The standard shares make a base that keeps the form in some samples and works in few of these.
package struct BookShares: Sendable, Hashable, Codable {
    package let fact: Int
    package let blurt: Int
    package let ramble: Int
    package let untagged: Int
    package let worked: Int
    package let broken: Int

    package static let standard = BookShares(
        unchecked: [.fact: 32, .blurt: 24, .ramble: 9, .untagged: 20, .worked: 10, .broken: 5])

    /// Throws `SettingError` for a share below 0 or above 1,000,000, or when all are 0.
    package init(fact: Int, blurt: Int, ramble: Int, untagged: Int, worked: Int, broken: Int)
        throws(SettingError)
    {
        self.init(
            unchecked: [
                .fact: fact, .blurt: blurt, .ramble: ramble, .untagged: untagged, .worked: worked,
                .broken: broken,
            ])
        for kind in Books.Kind.allCases where !(0...1_000_000).contains(self[kind]) {
            throw SettingError(
                setting: "books.\(kind.rawValue)", value: "\(self[kind])",
                remedy: "it must lie within 0...1000000")
        }
        guard Books.Kind.allCases.contains(where: { self[$0] > 0 }) else {
            throw SettingError(setting: "books", value: "0", remedy: "at least one share must be above 0")
        }
    }

    private init(unchecked shares: [Books.Kind: Int]) {
        fact = shares[.fact] ?? 0
        blurt = shares[.blurt] ?? 0
        ramble = shares[.ramble] ?? 0
        untagged = shares[.untagged] ?? 0
        worked = shares[.worked] ?? 0
        broken = shares[.broken] ?? 0
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func share(_ key: CodingKeys) throws -> Int { try container.decode(Int.self, forKey: key) }
        try self.init(
            fact: share(.fact), blurt: share(.blurt), ramble: share(.ramble), untagged: share(.untagged),
            worked: share(.worked), broken: share(.broken))
    }

    package subscript(kind: Books.Kind) -> Int {
        switch kind {
        case .fact: fact
        case .blurt: blurt
        case .ramble: ramble
        case .untagged: untagged
        case .worked: worked
        case .broken: broken
        }
    }

    /// A kind, each as likely as its share.
    func kind(using generator: inout SeededGenerator) -> Books.Kind {
        let total = Books.Kind.allCases.reduce(0) { $0 + self[$1] }
        var place = generator.integer(in: 0...(total - 1))
        for kind in Books.Kind.allCases {
            if place < self[kind] { return kind }
            place -= self[kind]
        }
        return .fact
    }
}
