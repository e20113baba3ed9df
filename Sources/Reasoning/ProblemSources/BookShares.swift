package import StrictConfiguration

/// How many documents of each kind there are among the books, in any unit: only the ratios count.
///
/// The defaults make a base that keeps the form in some samples and does the work in few of these.
package struct BookShares: ConfigurationSection {
    @Setting(.integer(shares), "share of documents: single steps without a prompt: 51+58=109")
    package var fact = 32
    @Setting(.integer(shares), "share of documents: the total at once")
    package var blurt = 24
    @Setting(.integer(shares), "share of documents: a thought that does no work, then the total")
    package var ramble = 9
    @Setting(.integer(shares), "share of documents: the work and the total, without tags")
    package var untagged = 20
    @Setting(.integer(shares), "share of documents: the work between tags, then the total")
    package var worked = 10
    @Setting(.integer(shares), "share of documents: the work after an opening tag, and no more")
    package var broken = 5

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
