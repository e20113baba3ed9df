/// The outcome of a verifier; an undecided answer earns nothing and is counted separately.
///
///     Verdict(credit: 1)     // .correct
///     Verdict(credit: 0.25)  // .partial, a quarter of the reward
package enum Verdict: Sendable, Hashable {
    case correct, wrong, undecided
    /// Partly right.
    case partial(Share)

    /// A share strictly between 0 and 1.
    package struct Share: Sendable, Hashable {
        package let value: Double

        package init?(_ value: Double) {
            guard value > 0, value < 1 else { return nil }
            self.value = value
        }
    }

    /// The verdict with this credit; nil for a credit outside 0...1.
    package init?(credit: Double) {
        if credit == 0 {
            self = .wrong
        } else if credit == 1 {
            self = .correct
        } else if let share = Share(credit) {
            self = .partial(share)
        } else {
            return nil
        }
    }

    /// The earned share of the reward for the answer, 0 to 1.
    package var credit: Double {
        switch self {
        case .correct: 1
        case .partial(let share): share.value
        case .wrong, .undecided: 0
        }
    }

    /// The word for a verdict in records and output.
    package enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        case correct, partial, wrong, undecided
    }

    package var kind: Kind {
        switch self {
        case .correct: .correct
        case .partial: .partial
        case .wrong: .wrong
        case .undecided: .undecided
        }
    }
}

/// A verdict is coded as its word, or as its credit if partial: `"correct"`, `0.25`.
extension Verdict: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let word = try? container.decode(String.self) {
            switch Kind(rawValue: word) {
            case .correct: self = .correct
            case .wrong: self = .wrong
            case .undecided: self = .undecided
            case .partial, nil:
                throw DecodingError.dataCorruptedError(
                    in: container, debugDescription: "'\(word)' is not a verdict")
            }
        } else {
            let credit = try container.decode(Double.self)
            guard let share = Share(credit) else {
                throw DecodingError.dataCorruptedError(
                    in: container, debugDescription: "a partial credit of \(credit) is not between 0 and 1")
            }
            self = .partial(share)
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if case .partial(let share) = self {
            try container.encode(share.value)
        } else {
            try container.encode(kind.rawValue)
        }
    }
}
