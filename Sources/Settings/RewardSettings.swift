import StrictConfiguration

/// One of a run's further rewards, which judges every answer beside `problems.verifier`.
///
///     rewards:
///       - {name: brief, weight: -0.1, command: [python3, brief.py]}
///       - {name: boxed, weight: 0.2, verifier: exact}
package struct RewardSettings: Sendable, Hashable {
    /// Its name in metrics and records.
    package var name: String
    /// Multiplies the verdict's credit, which is 0 to 1.
    package var weight: Double
    package var judge: Judge

    package enum Judge: Sendable, Hashable {
        /// A verifier that comes with Ponder, by its name.
        case verifier(String)
        /// A program and its arguments.
        case command([String])
    }

    package init(name: String, weight: Double, judge: Judge) {
        self.name = name
        self.weight = weight
        self.judge = judge
    }

    /// The most further rewards of a run.
    package static let limit = 16

    /// The program, if one judges.
    package var command: [String]? {
        if case .command(let words) = judge { words } else { nil }
    }
}

extension Codec<[RewardSettings]> {
    /// A list of mappings with `name`, `weight`, and either `verifier` or `command`.
    static var rewards: Codec {
        let names = Codec<String>("") { tree in
            tree.text.flatMap { text in
                let isName =
                    (1...64).contains(text.utf8.count)
                    && text.utf8.allSatisfy {
                        ("a"..."z").contains(Unicode.Scalar($0)) || $0 == 95 || (48...57).contains($0)
                    }
                return isName ? text : nil
            }
        } write: {
            .quoted($0)
        }
        let (weights, words) = (Codec<Double>.number(-1000...1000), Codec<[String]>.texts(atMost: 256))
        let reward = Codec<RewardSettings>("") { tree in
            guard case .mapping(let entries) = tree, entries.count == 3 else { return nil }
            func value<Member>(_ key: String, _ codec: Codec<Member>) -> Member? {
                entries.first { $0.key == key }.flatMap { codec.read($0.value) }
            }
            guard let name = value("name", names), let weight = value("weight", weights) else { return nil }
            if let verifier = value("verifier", Codec<String>.text) {
                return RewardSettings(name: name, weight: weight, judge: .verifier(verifier))
            }
            return value("command", words).flatMap { words in
                words.isEmpty ? nil : RewardSettings(name: name, weight: weight, judge: .command(words))
            }
        } write: { reward in
            let judge: (String, ConfigurationTree) =
                switch reward.judge {
                case .verifier(let name): ("verifier", .quoted(name))
                case .command(let command): ("command", words.write(command))
                }
            let members = [
                ("name", names.write(reward.name)), ("weight", weights.write(reward.weight)), judge,
            ]
            return .mapping(members.map { .init(key: $0.0, line: nil, value: $0.1) })
        }
        return list(
            of: reward, counts: 0...RewardSettings.limit,
            "a list of at most \(RewardSettings.limit) mappings {name: of a-z, 0-9 and _, weight: from -1000 to 1000, "
                + "verifier: its name} or {name: …, weight: …, command: [its words]}")
    }
}
