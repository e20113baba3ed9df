/// The value of one configuration field, in the shape that files hold.
package enum SettingValue: Sendable, Hashable {
    case integer(Int)
    case number(Double)
    case flag(Bool)
    case text(String)
    case integers([Int])
    case numbers([Double])
    case texts([String])
    /// Each a list of names and texts, in the order of the kind's keys.
    case records([[SettingText]])
    /// An optional field that is not set.
    case none
}

/// A named text in a record.
package struct SettingText: Sendable, Hashable {
    package let name: String
    package let text: String
}

/// What a field may hold.
package enum SettingKind: Sendable, Hashable {
    case integer(ClosedRange<Int>)
    case number(ClosedRange<Double>)
    case flag
    case text
    case optionalText
    case choice([String])
    /// Two integers, the lower first, both within the range.
    case range(ClosedRange<Int>)
    /// Exactly `count` numbers, each within the range.
    case numbers(count: Int, ClosedRange<Double>)
    /// At most `limit` texts that are not empty.
    case texts(limit: Int)
    /// At most `limit` mappings that have exactly these keys, each with a text that is not empty.
    case records(keys: [String], limit: Int)
}

/// What happens when a field differs between a saved run and the one that resumes it.
package enum ResumeRule: String, Sendable, Hashable {
    /// May change.
    case free
    /// Refused without `--allow-changes`.
    case permission
    /// Refused always.
    case never
}

/// One field of a configuration: where it is, what it means, what it may hold.
///
///     Setting.integer("rollout.samples", \.rollout.samples, 2...1024, "samples of each problem, G")
package struct Setting<Root: Sendable>: Sendable {
    /// Keys from the top of the file, joined by dots.
    package let path: String
    /// One line for people.
    package let about: String
    package let kind: SettingKind
    package let resume: ResumeRule
    package let read: @Sendable (Root) -> SettingValue
    /// Returns false when the value is of another shape or outside what the kind allows.
    let write: @Sendable (inout Root, SettingValue) -> Bool

    package init(
        path: String, about: String, kind: SettingKind, resume: ResumeRule = .permission,
        read: @escaping @Sendable (Root) -> SettingValue,
        write: @escaping @Sendable (inout Root, SettingValue) -> Bool
    ) {
        self.path = path
        self.about = about
        self.kind = kind
        self.resume = resume
        self.read = read
        self.write = write
    }

    /// The path without the last key, "" at the top.
    var section: String { path.split(separator: ".").dropLast().joined(separator: ".") }
    package var key: String { path.split(separator: ".").last.map(String.init) ?? path }
}

extension Setting {
    package typealias Field<Value> = any WritableKeyPath<Root, Value> & Sendable

    package static func integer(
        _ path: String, _ field: Field<Int>, _ range: ClosedRange<Int>, _ about: String,
        resume: ResumeRule = .permission
    ) -> Setting {
        Setting(path: path, about: about, kind: .integer(range), resume: resume) {
            .integer($0[keyPath: field])
        } write: {
            guard case .integer(let value) = $1, range.contains(value) else { return false }
            $0[keyPath: field] = value
            return true
        }
    }

    package static func number(
        _ path: String, _ field: Field<Double>, _ range: ClosedRange<Double>, _ about: String
    ) -> Setting {
        Setting(path: path, about: about, kind: .number(range), resume: .permission) {
            .number($0[keyPath: field])
        } write: {
            guard case .number(let value) = $1, range.contains(value) else { return false }
            $0[keyPath: field] = value
            return true
        }
    }

    package static func flag(_ path: String, _ field: Field<Bool>, _ about: String) -> Setting {
        Setting(path: path, about: about, kind: .flag, resume: .permission) {
            .flag($0[keyPath: field])
        } write: {
            guard case .flag(let value) = $1 else { return false }
            $0[keyPath: field] = value
            return true
        }
    }

    package static func text(_ path: String, _ field: Field<String>, _ about: String) -> Setting {
        Setting(path: path, about: about, kind: .text, resume: .permission) {
            .text($0[keyPath: field])
        } write: {
            guard case .text(let value) = $1, !value.isEmpty else { return false }
            $0[keyPath: field] = value
            return true
        }
    }

    package static func optionalText(_ path: String, _ field: Field<String?>, _ about: String) -> Setting {
        Setting(path: path, about: about, kind: .optionalText, resume: .permission) {
            $0[keyPath: field].map { .text($0) } ?? .none
        } write: {
            switch $1 {
            case .none: $0[keyPath: field] = nil
            case .text(let value) where !value.isEmpty: $0[keyPath: field] = value
            default: return false
            }
            return true
        }
    }

    package static func choice<Choice: RawRepresentable<String> & CaseIterable & Sendable>(
        _ path: String, _ field: Field<Choice>, _ about: String
    ) -> Setting {
        let names = Choice.allCases.map(\.rawValue)
        return Setting(path: path, about: about, kind: .choice(names), resume: .permission) {
            .text($0[keyPath: field].rawValue)
        } write: {
            guard case .text(let name) = $1, let value = Choice(rawValue: name) else { return false }
            $0[keyPath: field] = value
            return true
        }
    }

    package static func choice(
        _ path: String, _ field: Field<String>, of names: [String], _ about: String
    ) -> Setting {
        Setting(path: path, about: about, kind: .choice(names), resume: .permission) {
            .text($0[keyPath: field])
        } write: {
            guard case .text(let name) = $1, names.contains(name) else { return false }
            $0[keyPath: field] = name
            return true
        }
    }

    package static func range(
        _ path: String, _ field: Field<ClosedRange<Int>>, within limits: ClosedRange<Int>, _ about: String
    ) -> Setting {
        Setting(path: path, about: about, kind: .range(limits), resume: .permission) {
            .integers([$0[keyPath: field].lowerBound, $0[keyPath: field].upperBound])
        } write: {
            guard case .integers(let ends) = $1, ends.count == 2, ends[0] <= ends[1],
                ends.allSatisfy(limits.contains)
            else { return false }
            $0[keyPath: field] = ends[0]...ends[1]
            return true
        }
    }

    package static func numbers(
        _ path: String, _ field: Field<[Double]>, count: Int, _ range: ClosedRange<Double>, _ about: String
    ) -> Setting {
        Setting(path: path, about: about, kind: .numbers(count: count, range), resume: .permission) {
            .numbers($0[keyPath: field])
        } write: {
            guard case .numbers(let values) = $1, values.count == count, values.allSatisfy(range.contains)
            else { return false }
            $0[keyPath: field] = values
            return true
        }
    }
}

extension SettingKind: CustomStringConvertible {
    /// Says what is allowed: `an integer from 1 to 4096`.
    package var description: String {
        switch self {
        case .integer(let range):
            range.upperBound == .max
                ? "an integer, at least \(range.lowerBound)"
                : "an integer from \(range.lowerBound) to \(range.upperBound)"
        case .number(let range): "a number from \(range.lowerBound) to \(range.upperBound)"
        case .flag: "true or false"
        case .text: "text that is not empty"
        case .optionalText: "text, or null"
        case .choice(let names): names.count == 1 ? names.joined() : "one of " + names.joined(separator: ", ")
        case .range(let limits):
            "[lowest, highest], integers from \(limits.lowerBound) to \(limits.upperBound)"
        case .numbers(let count, let range):
            "\(count) numbers from \(range.lowerBound) to \(range.upperBound), as [a, b]"
        case .texts(let limit): "a list of at most \(limit) texts"
        case .records(let keys, let limit):
            "a list of at most \(limit) mappings {\(keys.map { "\($0): …" }.joined(separator: ", "))}"
        }
    }
}
