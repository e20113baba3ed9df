import ArgumentParser
import Settings
import StrictConfiguration

/// Changes of single settings, for every command that takes a configuration.
struct ConfigurationOptions: ParsableArguments {
    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "Change one setting, as learning.rate=1e-4; as often as needed.", valueName: "key=value"))
    var assignments: [String] = []

    func layers() throws -> [ConfigurationLayer] {
        try assignments.map { try ConfigurationLayer(assignment: $0) }
    }
}

extension RunConfiguration {
    /// Reads YAML files, of which a later one replaces what an earlier one says; nil for no file.
    ///
    /// - Throws: `ConfigurationError`.
    init?(yamlFiles paths: [String]) throws {
        guard !paths.isEmpty else { return nil }
        try self.init(paths.map { try ConfigurationLayer(yamlFile: $0) })
    }
}
