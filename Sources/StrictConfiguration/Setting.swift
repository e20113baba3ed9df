/// What happens when a resumed run has another value for a setting than the saved run.
package enum ResumeRule: String, Sendable, Hashable {
    /// The change is allowed.
    case free
    /// The change is refused without `--allow-changes`.
    case permission
    /// The change is always refused.
    case never
}

/// One setting of a configuration, with its default, its limits and its meaning in one place.
///
///     @Setting(.integer(2...1024), "samples of each problem, the group's size G")
///     package var samples = 8
///
/// The property's name is the setting's key. Two settings are equal if their values are equal.
@propertyWrapper
package struct Setting<Value: Sendable & Hashable>: Sendable, Hashable {
    package var wrappedValue: Value
    /// A description of one line, which appears above the key in a printed configuration.
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

/// A setting whose value may have any type.
package protocol AnySetting: Sendable {
    var about: String { get }
    var resume: ResumeRule { get }
    /// The allowed values in words.
    var allowed: String { get }
    /// The value as a configuration spells it.
    var written: ConfigurationTree { get }

    /// The setting with the value in `tree`; nil when that value is not allowed.
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
    /// Always throws: the conformance exists for `ConfigurationSection`, which passes whole settings.
    package init(from decoder: any Decoder) throws {
        throw DecodingError.dataCorrupted(
            .init(
                codingPath: decoder.codingPath,
                debugDescription: "a configuration is read with init(yaml:) or init(json:)"))
    }
}
