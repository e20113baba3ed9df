import BuiltInVerifiers
package import Reasoning
package import StrictConfiguration

/// Settings of the problems and of the judgement of answers.
package struct ProblemSettings: ConfigurationSection {
    @Setting(.choice, "where problems come from")
    package var source = Source.generated(Bills.name)
    @Setting(.optionalText, "the file of source jsonlines, plain or packed with gzip or zstd")
    package var path: String? = nil
    @Setting(
        .optionalText,
        "a file of problems to measure with, in the same form; null: some of the problems themselves")
    package var heldOutPath: String? = nil
    @Setting(
        .texts(atMost: 1000),
        "the program of source external and its arguments; it runs once, at the run's start",
        resume: .never)
    package var command: [String] = []
    @Setting(.number(0.1...DeadlineSettings.day), "seconds that the program may take")
    package var commandTimeout = 300.0
    package var lines = LineOptions()
    package var curriculum = Curriculum.Settings()
    @Setting(
        .optionalChoice(of: Verifiers.names),
        "the rule that says whether an answer is right; a line of a file may name its own; null: math for lines, and for a generated source its own"
    )
    package var verifier: String? = nil
    @Setting(
        .automatic(1...1_000_000),
        "problems kept for measuring, chosen by hash, never trained on; auto: at most 512, of a file at most a tenth"
    )
    package var heldOut: Int? = nil
    package var generated = GeneratedSources()

    package init() {}

    /// The verifier that judges a problem without one of its own: the one that is named, or the source's own.
    package var verifierName: String {
        if let verifier { return verifier }
        if let maker { return type(of: maker).verifier }
        return lines.format == .countdown ? CountdownVerifier().name : MathVerifier().name
    }

    /// Whether problems are read as lines, which may name a verifier of their own.
    package var readsLines: Bool { maker == nil }

    /// Makes the problems of a generated source; nil for the other sources.
    package var maker: (any ProblemMaker)? { generated[source.rawValue] }

    /// The name of a problem source.
    package struct Source: RawRepresentable, Sendable, Hashable, CaseIterable {
        package let rawValue: String

        /// Reads the lines of a file.
        package static let jsonlines = Source(name: "jsonlines")
        /// Reads the lines that a program writes.
        package static let external = Source(name: "external")
        package static func generated(_ name: String) -> Source { Source(name: name) }

        package static let allCases =
            GeneratedSources.names.map(Source.init(name:)) + [jsonlines, external]

        package init?(rawValue: String) {
            guard Self.allCases.contains(where: { $0.rawValue == rawValue }) else { return nil }
            self.rawValue = rawValue
        }

        private init(name: String) { rawValue = name }
    }
}

extension ProblemSettings {
    package func contradictions() -> [ConfigurationError.Fault] {
        var faults: [ConfigurationError.Fault] = []
        let source = source.rawValue
        faults.require(
            self.source != .jsonlines || path != nil, "path", "source jsonlines needs the path of its file")
        faults.require(
            self.source == .jsonlines || path == nil, "path",
            "source \(source) reads no file; set problems.source: jsonlines or remove path")
        faults.require(
            heldOutPath == nil || maker == nil, "heldOutPath",
            "source \(source) reads no file; set problems.source: jsonlines or remove heldOutPath")
        faults.require(
            self.source != .external || !command.isEmpty, "command",
            "source external needs the program that writes the problems, as a list")
        faults.require(
            self.source == .external || command.isEmpty, "command",
            "source \(source) runs no program; set problems.source: external or remove command")
        if let maker {
            let expected = type(of: maker).verifier
            faults.require(
                Self.verifiers(for: expected).contains(verifierName), "verifier",
                "'\(verifierName)' cannot judge the answers of source \(source); set problems.verifier: \(expected)"
            )
            let defaults = LineOptions()
            for (path, isDefault) in [
                ("format", lines.format == defaults.format), ("fields", lines.fields == defaults.fields),
                ("difficulty", lines.difficulty == defaults.difficulty), ("skipInvalid", !lines.skipInvalid),
            ] {
                faults.require(
                    isDefault, path,
                    "source \(source) reads no lines; remove it, or set problems.source: jsonlines")
            }
            faults.require(
                !curriculum.enabled, "curriculum.enabled",
                "source \(source) makes new problems without end, so no problem comes back; a curriculum needs "
                    + "problems.source: jsonlines or external")
        } else if lines.format == .countdown {
            faults.require(
                Self.verifiers(for: "countdown").contains(verifierName), "verifier",
                "'\(verifierName)' cannot judge rows of format countdown; set problems.verifier: countdown")
        }
        return faults
    }

    /// The verifiers that can judge expected answers written for the verifier `expected`.
    private static func verifiers(for expected: String) -> [String] {
        expected == "number" ? ["number", "math", "exact", "external"] : [expected, "external"]
    }
}
