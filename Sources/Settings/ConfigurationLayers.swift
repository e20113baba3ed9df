import Foundation
import Host
package import StrictConfiguration

extension ConfigurationLayer {
    /// Reads a YAML file; `-` is standard input.
    ///
    /// Its relative paths count from its folder, those of standard input and of a pipe from the working
    /// directory.
    ///
    /// - Throws: `ConfigurationError`.
    package init(yamlFile path: String) throws {
        let isPipe = path == "-" || path.hasPrefix("/dev/") || path.hasPrefix("/proc/")
        let source = path == "-" ? "standard input" : path
        func failure(_ reason: String) -> ConfigurationError {
            ConfigurationError(source: source, faults: [.init(path: "", reason)])
        }
        let data: Data
        do throws(FileError) {
            data = try Files.read(path == "-" ? "/dev/stdin" : path, limit: ConfigurationTree.yamlLimit)
        } catch {
            switch error.code {
            case EFBIG: throw failure(ConfigurationTree.tooLarge)
            case ENOENT: throw failure("no such file; name a YAML file")
            default: throw failure("cannot be read: \(error.cause)")
            }
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw failure("not UTF-8 text; name a YAML file")
        }
        let working = FileManager.default.currentDirectoryPath
        self.init(
            try ConfigurationTree.yaml(text, source: source), source: source,
            folder: isPipe ? working : Files.folder(of: path))
    }

    /// Reads `key=value`, as the option `--set` takes it: the key's path with dots, and the value as YAML.
    ///
    ///     learning.rate=1e-4   rollout={samples: 8, problems: 16}   prompt.template=Q: {question} A:
    ///
    /// A value that the setting allows as text only is taken as it is. Relative paths count from the working
    /// directory.
    ///
    /// - Throws: `ConfigurationError`.
    package init(assignment: String, option: String = "--set") throws {
        let source = "\(option) \(assignment.prefix(80))"
        func failure(_ reason: String) -> ConfigurationError {
            ConfigurationError(source: source, faults: [.init(path: "", reason)])
        }
        guard let equals = assignment.firstIndex(of: "="), equals != assignment.startIndex else {
            throw failure("give key=value, such as --set learning.rate=1e-4")
        }
        let path = assignment[..<equals].trimmingCharacters(in: .whitespaces)
        let keys = path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard !keys.contains("") else {
            throw failure("a key is empty; give key=value, such as --set learning.rate=1e-4")
        }
        let text = String(assignment[assignment.index(after: equals)...])
        let setting = RunConfiguration().settings().first { $0.path == path }?.setting
        let asText = ConfigurationTree.quoted(text)
        let value: ConfigurationTree
        do {
            let read = try ConfigurationTree.value(yaml: text)
            let isText = setting.map { $0.reading(read) == nil && $0.reading(asText) != nil } ?? false
            value = isText ? asText : read
        } catch let fault as ConfigurationError.Fault {
            guard setting?.reading(asText) != nil else {
                throw ConfigurationError(
                    source: source, faults: [.init(path: path, "\(fault.message); quote it as YAML does")])
            }
            value = asText
        }
        let tree = keys.reversed().reduce(value) { .mapping([.init(key: $1, line: nil, value: $0)]) }
        self.init(tree, source: source, folder: FileManager.default.currentDirectoryPath)
    }
}

extension RunConfiguration {
    /// Reads layers over a configuration; a later one replaces what an earlier one says.
    ///
    /// - Throws: `ConfigurationError` with the faults of all layers, else every contradiction.
    package init(_ layers: [ConfigurationLayer], over base: RunConfiguration = RunConfiguration()) throws {
        self = base
        var faults: [ConfigurationError.Fault] = []
        for layer in layers {
            try apply(layer, faults: &faults)
            if let folder = layer.folder { makePathsAbsolute(from: folder) }
        }
        let source = layers.map(\.source).joined(separator: ", ")
        guard faults.isEmpty else { throw ConfigurationError(source: source, faults: faults) }
        try validate(source: source.isEmpty ? "configuration" : source)
    }
}
