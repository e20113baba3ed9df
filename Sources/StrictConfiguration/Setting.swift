/// What happens when a setting differs between a saved run and the one that resumes it.
package enum ResumeRule: String, Sendable, Hashable {
    /// May change.
    case free
    /// Refused without `--allow-changes`.
    case permission
    /// Refused always.
    case never
}

/// One setting of a configuration: its default, its limits and what it means, all in one place.
///
///     @Setting(.integer(2...1024), "samples of each problem, the group's size G")
///     package var samples = 8
///
/// The property's name is the setting's key. Two settings are equal when their values are.
@propertyWrapper
package struct Setting<Value: Sendable & Hashable>: Sendable, Hashable {
    package var wrappedValue: Value
    /// One line for people, which stands above the key in a printed configuration.
    package let about: String
    package let resume: ResumeRule
    private let codec: Codec<Value>

    package init(
        wrappedValue: Value, _ codec: Codec<Value>, _ about: String, resume: ResumeRule = .permission
    ) {
        self.wrappedValue = wrappedValue
        self.codec = codec
        self.about = about
        self.resume = resume
    }

    package static func == (left: Setting, right: Setting) -> Bool {
        left.wrappedValue == right.wrappedValue
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(wrappedValue) }
}

/// A setting of any type of value.
package protocol AnySetting: Sendable {
    var about: String { get }
    var resume: ResumeRule { get }
    /// The values that it may have, in words.
    var allowed: String { get }
    /// The value as a configuration spells it.
    var written: ConfigurationTree { get }

    /// The setting with the value that `tree` spells; nil when that value is not allowed.
    func reading(_ tree: ConfigurationTree) -> Self?
}

extension Setting: AnySetting {
    package var allowed: String { codec.allowed }
    package var written: ConfigurationTree { codec.write(wrappedValue) }

    package func reading(_ tree: ConfigurationTree) -> Setting? {
        codec.read(tree).map { Setting(wrappedValue: $0, codec, about, resume: resume) }
    }
}

extension Setting: Decodable {
    /// Always throws; only a `ConfigurationSection` uses its `Decodable` conformance, and it hands over whole settings.
    package init(from decoder: any Decoder) throws {
        throw DecodingError.dataCorrupted(
            .init(
                codingPath: decoder.codingPath,
                debugDescription: "a configuration is read with init(yaml:) or init(json:)"))
    }
}
