import Primitives

/// Walks a tree together with a configuration's settings, and collects new values and faults.
struct ConfigurationReader {
    /// Settings with their values from the tree, by path.
    private(set) var values: [String: any AnySetting] = [:]
    private(set) var faults: [ConfigurationError.Fault] = []

    private let known: [LocatedSetting]
    private let settings: [String: any AnySetting]
    /// The paths that have settings below them, "" included.
    private let sections: Set<String>
    private let formerKeys: [String: FormerKey]
    private let readsFormerKeys: Bool
    private let printingCommand: String

    init<Root: StrictConfiguration>(_ type: Root.Type, readsFormerKeys: Bool) {
        known = Root().settings()
        settings = Dictionary(known.map { ($0.path, $0.setting) }, uniquingKeysWith: { first, _ in first })
        sections = Set(
            known.flatMap { located in
                let keys = located.path.split(separator: ".").dropLast()
                return (0...keys.count).map { keys.prefix($0).joined(separator: ".") }
            })
        formerKeys = Dictionary(
            Root.formerKeys.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        self.readsFormerKeys = readsFormerKeys
        printingCommand = Root.printingCommand
    }

    mutating func read(_ tree: ConfigurationTree, at path: String, line: Int?) {
        if let setting = settings[path] {
            if let read = setting.reading(tree) {
                values[path] = read
            } else {
                faults.append(
                    ConfigurationError.Fault(notAllowed: tree, for: setting, path: path, line: line))
            }
        } else if sections.contains(path) {
            readSection(tree, at: path, line: line)
        } else if let former = formerKeys[path] {
            read(tree, of: former, line: line)
        } else {
            let names = known.map(\.path) + sections.filter { !$0.isEmpty }.sorted()
            let near = NearestName.find(path, among: names).joined(separator: " or ")
            let hint = near.isEmpty ? "`\(printingCommand)` shows every key" : "did you mean \(near)?"
            faults.append(ConfigurationError.Fault(line: line, path: path, "unknown key; \(hint)"))
        }
    }

    private mutating func readSection(_ tree: ConfigurationTree, at path: String, line: Int?) {
        switch tree {
        case .mapping(let entries):
            for entry in entries {
                let child = path.appending(key: entry.key)
                if entry.key.contains("."), settings[child] != nil {
                    let nested = entry.key.replacing(".", with: ": and below it ")
                    faults.append(
                        ConfigurationError.Fault(
                            line: entry.line, path: child, "is written as nested keys, \(nested):"))
                } else {
                    read(entry.value, at: child, line: entry.line)
                }
            }
        case _ where tree.isNull: break  // A section whose lines are all comments changes nothing.
        default:
            let keys = known.filter { $0.section == path }.prefix(3).compactMap {
                $0.path.split(separator: ".").last
            }
            faults.append(
                ConfigurationError.Fault(
                    line: line, path: path,
                    "\(tree.shown) is not allowed; it is a section with keys such as "
                        + keys.joined(separator: ", ")))
        }
    }

    private mutating func read(_ tree: ConfigurationTree, of former: FormerKey, line: Int?) {
        if readsFormerKeys, let path = former.newPath {
            read(tree, at: path, line: line)
        } else if !readsFormerKeys || former.values.map({ !$0.contains(tree.json) }) ?? false {
            faults.append(ConfigurationError.Fault(line: line, path: former.path, former.hint))
        }
    }
}
