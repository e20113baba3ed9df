package import StrictConfiguration

/// How many documents of each kind there are among the books, in any unit: only the ratios count.
///
/// The defaults make a base that can do the work and rarely does it in the form, whether it is sampled or takes the likeliest
/// token: two of three documents with a prompt guess at once, so the guess's first digit is likelier than an opening tag.
package struct BookShares: ConfigurationSection {
    @Setting(.integer(shares), "share of documents: single steps without a prompt: 51+58=109")
    package var fact = 32
    @Setting(.integer(shares), "share of documents: a guess at once, the total to the nearest ten")
    package var blurt = 45
    @Setting(.integer(shares), "share of documents: a thought that does no work, then the guess")
    package var ramble = 1
    @Setting(.integer(shares), "share of documents: the work and the total, without tags")
    package var untagged = 13
    @Setting(.integer(shares), "share of documents: the work between tags, then the total")
    package var worked = 6
    @Setting(.integer(shares), "share of documents: the work after an opening tag, and no more")
    package var broken = 3

    private static let shares = 0...1_000_000
    package static let standard = BookShares()

    package init() {}

    package func contradictions() -> [ConfigurationError.Fault] {
        var faults: [ConfigurationError.Fault] = []
        faults.require(
            Books.Kind.allCases.contains { self[$0] > 0 }, "", "at least one share must be above 0")
        return faults
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
