/// The texts that a base model reads before it learns to reason: endless documents about bills.
///
///     let book = try Books(bills: .standard).document(seed: 1, index: 0)
///     book.text   // "Q:17*3+58=?\nA:<think>17*3=51,51+58=109</think>109"
///
/// A base must be able to think but must rarely do it; the shares set how often it does. Documents without the work guess: they
/// give the total to the nearest ten. No book contains a held-out question.
/// Facts are single steps (`51+58=109`), not questions.
package struct Books: Sendable, Hashable {
    /// How a document continues after its prompt.
    package enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        /// One step without a prompt: `51+58=109`.
        case fact
        /// A guess without any work: the total to the nearest ten.
        case blurt
        /// A thought of words and numbers that does no work, then the guess.
        case ramble
        /// The work and the total, without tags.
        case untagged
        /// The work between tags, then the total.
        case worked
        /// The work after an opening tag, and nothing else.
        case broken
    }

    /// One document.
    package struct Book: Sendable, Hashable {
        package let kind: Kind
        package let text: String
        /// Whether the end token follows the text.
        package let ends: Bool
    }

    package let bills: Bills
    package let shares: BookShares
    package let tags: ThoughtTags
    package let template: PromptTemplate
    private let split: HeldOut

    package init(
        bills: Bills, shares: BookShares = .standard, tags: ThoughtTags = .think,
        template: PromptTemplate = .standard, split: HeldOut = .fifth
    ) {
        self.bills = bills
        self.shares = shares
        self.tags = tags
        self.template = template
        self.split = split
    }

    /// The document at a place in the endless sequence of a seed.
    ///
    /// Throws `ProblemSourceError.nothingToTrainOn` when every bill is held out.
    package func document(seed: UInt64, index: Int) throws(ProblemSourceError) -> Book {
        var generator = SeededGenerator(seed: seed, stream: .books, index: UInt64(bitPattern: Int64(index)))
        let kind = shares.kind(using: &generator)
        if kind == .fact { return Book(kind: kind, text: fact(using: &generator), ends: true) }
        let bill = try bills.trainingBill(
            terms: generator.integer(in: bills.terms), split: split, using: &generator)
        let continuation =
            switch kind {
            case .fact, .blurt: "\(bill.guess)"
            case .ramble: tags.open + ramble(about: bill, using: &generator) + tags.close + "\(bill.guess)"
            case .untagged: "\(bill.work) so \(bill.total)"
            case .worked: tags.open + bill.work + tags.close + "\(bill.total)"
            case .broken: tags.open + bill.work
            }
        return Book(kind: kind, text: template.prompt(question: bill.question) + continuation, ends: true)
    }

    /// The thought that works out a problem: `17*3=51,51+58=109`.
    ///
    /// Throws `foreignQuestion` if the problem is not a bill.
    package func workedThought(for problem: Problem) throws(ProblemSourceError) -> String {
        try bill(of: problem).work
    }

    /// The opening tag and the left side of the first step, with which a response that works begins.
    ///
    ///     "<think>17*3="
    ///
    /// A base is accepted if it often continues a prompt and this text to a right response. Throws `foreignQuestion` if the
    /// problem is not a bill.
    package func workedBeginning(for problem: Problem) throws(ProblemSourceError) -> String {
        let work = try bill(of: problem).work
        return tags.open + work.prefix { $0 != "=" } + (work.isEmpty ? "" : "=")
    }

    private func bill(of problem: Problem) throws(ProblemSourceError) -> Bill {
        guard let bill = Bill(question: problem.question) else {
            throw .foreignQuestion(source: "bills", question: problem.question)
        }
        return bill
    }

    /// A product in a third of the draws, else a sum; half of the sums have a left side in the range of running sums.
    private func fact(using generator: inout SeededGenerator) -> String {
        if generator.chance(1.0 / 3) {
            let price = generator.integer(in: bills.price)
            let count = generator.integer(in: bills.count)
            return "\(price)*\(count)=\(price * count)"
        }
        let term = max(1, bills.price.upperBound * bills.count.upperBound, bills.single.upperBound)
        let isLong = generator.chance(0.5)
        let left = generator.integer(in: 1...(isLong ? term * max(1, bills.terms.upperBound - 1) : term))
        let right = generator.integer(in: 1...term)
        return "\(left)+\(right)=\(left + right)"
    }

    private static let words = [
        "hmm", "let", "me", "see", "well", "about", "maybe", "try", "it", "now", "so", "ok", "then", "the",
        "sum", "is",
    ]

    private func ramble(about bill: Bill, using generator: inout SeededGenerator) -> String {
        var spoken: [String] = []
        for _ in 0..<generator.integer(in: 2...6) {
            let word =
                generator.chance(0.75)
                ? generator.element(of: Self.words)
                : generator.element(of: bill.terms).flatMap { generator.element(of: $0.numbers) }.map(
                    String.init)
            spoken.append(word ?? "hmm")
        }
        return spoken.joined(separator: " ")
    }
}
