import Reasoning
package import Settings
package import StrictConfiguration

extension PretrainingConfiguration: StrictConfiguration {
    package static let printingCommand = "ponder pretrain --print-config"

    package static let schema: [Setting<PretrainingConfiguration>] = reading + sizes + problems + books

    /// The comment on top of a printed configuration.
    package static let title =
        "What `ponder pretrain` makes a base model from. A file may name only what it changes."

    package var yaml: String { yaml(title: Self.title) }

    package func contradictions() -> [ConfigurationError.Fault] {
        var faults: [ConfigurationError.Fault] = []
        func require(_ holds: Bool, _ path: String, _ message: String) {
            if !holds { faults.append(.init(line: nil, path: path, message: message)) }
        }
        require(
            model.hidden % model.heads == 0 && model.hidden / model.heads % 2 == 0, "model.hidden",
            "\(model.hidden) must be an even multiple of model.heads (\(model.heads))")
        require(
            model.heads % model.kvHeads == 0, "model.kvHeads",
            "\(model.kvHeads) must divide model.heads (\(model.heads))")
        return faults
    }

    private static let reading: [Setting<PretrainingConfiguration>] = [
        Setting(
            path: "seed", about: "of the weights and the books", kind: .integer(0...(1 << 53 - 1)),
            read: { .integer(Int(clamping: $0.seed)) },
            write: {
                guard case .integer(let value) = $1, (0...(1 << 53 - 1)).contains(value) else { return false }
                $0.seed = UInt64(value)
                return true
            }),
        .integer("steps", \.steps, 1...1_000_000, "optimizer steps"),
        .integer("documents", \.documents, 1...65536, "documents of a step"),
        .number("rate", \.rate, 0...1, "highest AdamW learning rate; then a cosine down to a twentieth"),
        .integer("warmup", \.warmup, 0...1_000_000, "steps until the rate is reached"),
        .number("weightDecay", \.weightDecay, 0...1, "AdamW decoupled decay"),
        .number("gradientClip", \.gradientClip, 1e-6...1e6, "largest norm of the gradient"),
        .integer(
            "microBatchTokens", \.microBatchTokens, 1...(1 << 30), "tokens of one forward and backward pass"),
        .integer(
            "threads", \.threads, 1...1024, "threads that tensor arithmetic uses; the bits depend on it"),
    ]

    private static let sizes: [Setting<PretrainingConfiguration>] = [
        .integer("model.hidden", \.model.hidden, 2...65536, "width of the decoder"),
        .integer("model.layers", \.model.layers, 1...1000, "layers"),
        .integer("model.heads", \.model.heads, 1...1024, "attention heads of a layer"),
        .integer("model.kvHeads", \.model.kvHeads, 1...1024, "key and value heads of a layer"),
        .integer("model.ffn", \.model.ffn, 1...1_000_000, "width of the feed-forward"),
        .integer(
            "model.maximumPositions", \.model.maximumPositions, 16...1_000_000, "longest text, in tokens"),
    ]

    private static let problems: [Setting<PretrainingConfiguration>] = [
        range("terms", within: 1...16, "terms of a bill", \.terms) { $0.with(terms: $1) },
        range("price", within: 0...9999, "price in price*count", \.price) { $0.with(price: $1) },
        range("count", within: 0...9999, "count in price*count", \.count) { $0.with(count: $1) },
        range("single", within: 0...9999, "a term that is one number", \.single) { $0.with(single: $1) },
        Setting(
            path: "bills.productShare", about: "share of terms that are price*count", kind: .number(0...1),
            read: { .number($0.bills.productShare) },
            write: {
                guard case .number(let share) = $1, let bills = $0.bills.with(productShare: share) else {
                    return false
                }
                $0.bills = bills
                return true
            }),
    ]

    private static let books: [Setting<PretrainingConfiguration>] = [
        share(.fact, "single steps without a prompt: 51+58=109"),
        share(.blurt, "the total at once"),
        share(.ramble, "a thought that does no work, then the total"),
        share(.untagged, "the work and the total, without tags"),
        share(.worked, "the work between tags, then the total"),
        share(.broken, "the work after an opening tag, and no more"),
    ]

    private static func range(
        _ key: String, within limits: ClosedRange<Int>, _ about: String,
        _ field: any KeyPath<Bills, ClosedRange<Int>> & Sendable,
        _ change: @escaping @Sendable (Bills, ClosedRange<Int>) -> Bills?
    ) -> Setting<PretrainingConfiguration> {
        Setting(
            path: "bills.\(key)", about: about, kind: .range(limits),
            read: { .integers([$0.bills[keyPath: field].lowerBound, $0.bills[keyPath: field].upperBound]) },
            write: {
                guard case .integers(let ends) = $1, ends.count == 2, ends[0] <= ends[1],
                    ends.allSatisfy(limits.contains), let bills = change($0.bills, ends[0]...ends[1])
                else { return false }
                $0.bills = bills
                return true
            })
    }

    private static func share(_ kind: Books.Kind, _ about: String) -> Setting<PretrainingConfiguration> {
        Setting(
            path: "books.\(kind.rawValue)", about: "share of documents: \(about)",
            kind: .integer(0...1_000_000),
            read: { .integer($0.shares[kind]) },
            write: {
                guard case .integer(let share) = $1, let shares = $0.shares.with(kind, share) else {
                    return false
                }
                $0.shares = shares
                return true
            })
    }
}

extension Bills {
    /// The same bills with some sizes changed; nil for sizes that cannot be used.
    fileprivate func with(
        terms: ClosedRange<Int>? = nil, price: ClosedRange<Int>? = nil, count: ClosedRange<Int>? = nil,
        single: ClosedRange<Int>? = nil, productShare: Double? = nil
    ) -> Bills? {
        try? Bills(
            terms: terms ?? self.terms, price: price ?? self.price, count: count ?? self.count,
            single: single ?? self.single, productShare: productShare ?? self.productShare)
    }
}

extension BookShares {
    /// The same shares with one changed; nil for one that cannot be used, or when all would be 0.
    fileprivate func with(_ kind: Books.Kind, _ share: Int) -> BookShares? {
        func value(_ other: Books.Kind) -> Int { other == kind ? share : self[other] }
        return try? BookShares(
            fact: value(.fact), blurt: value(.blurt), ramble: value(.ramble), untagged: value(.untagged),
            worked: value(.worked), broken: value(.broken))
    }
}
