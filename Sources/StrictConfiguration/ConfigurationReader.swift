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
    private let familiarNames: [String: FamiliarName]
    /// The paths of settings by path and by last key, each in plain spelling.
    private let spellings: [String: Set<String>]
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
        familiarNames = Root.familiarNames
        spellings = known.reduce(into: [:]) { spellings, located in
            let keys = located.path.split(separator: ".").map(FamiliarName.plain)
            for spelling in [keys.joined(separator: "."), keys.last ?? ""] {
                spellings[spelling, default: []].insert(located.path)
            }
        }
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
            readUnknown(tree, at: path, line: line)
        }
    }

    private mutating func readUnknown(_ tree: ConfigurationTree, at path: String, line: Int?) {
        if let answer = familiar(path) {
            return faults.append(
                ConfigurationError.Fault(line: line, path: path, "unknown key; \(answer.hint)"))
        }
        // Another program's section: its keys are answered.
        if case .mapping(let entries) = tree {
            let before = faults.count
            for entry in entries where answers(entry, below: path) {
                readUnknown(entry.value, at: path.appending(key: entry.key), line: entry.line)
            }
            if faults.count > before { return }
        }
        let names = known.map(\.path) + sections.filter { !$0.isEmpty }.sorted()
        let near = NearestName.find(path, among: names).joined(separator: " or ")
        let hint = near.isEmpty ? "`\(printingCommand)` shows every key" : "did you mean \(near)?"
        faults.append(ConfigurationError.Fault(line: line, path: path, "unknown key; \(hint)"))
    }

    /// Whether an entry, or one below it, has a familiar name.
    private func answers(_ entry: ConfigurationTree.Entry, below path: String) -> Bool {
        let path = path.appending(key: entry.key)
        if familiar(path) != nil { return true }
        guard case .mapping(let entries) = entry.value else { return false }
        return entries.contains { answers($0, below: path) }
    }

    /// The answer to a name of another program, or to a setting of ours in another spelling or section.
    private func familiar(_ path: String) -> FamiliarName? {
        let keys = path.split(separator: ".").map(FamiliarName.plain)
        for start in keys.indices {
            if let answer = familiarNames[keys[start...].joined(separator: ".")] { return answer }
        }
        let paths = spellings[keys.joined(separator: ".")] ?? []
        return paths.count == 1 ? paths.first.map { .key($0) } : nil
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
