import Foundation
import Transformers

/// A JSON object that is read key by key, so that what nobody has read can be refused by name.
struct ConfigurationFile {
    let path: String
    /// Keys of the objects around this one, each with a full stop behind it.
    private let prefix: String
    private let values: [String: ConfigurationValue]
    private var unread: Set<String>

    /// - Throws: `ModelError` when it is no JSON object.
    init(json: Data, path: String) throws(ModelError) {
        let values: [String: ConfigurationValue]
        do {
            values = try JSONDecoder().decode([String: ConfigurationValue].self, from: json)
        } catch {
            throw ModelError(
                path: path, "is not a JSON object (\(Self.explain(error))); copy the model folder again")
        }
        if let key = RepeatedKey.first(in: json) {
            throw ModelError(path: path, "has the key \(key) twice; remove one of them")
        }
        self.init(path: path, prefix: "", values: values)
    }

    private init(path: String, prefix: String, values: [String: ConfigurationValue]) {
        self.path = path
        self.prefix = prefix
        self.values = values
        unread = Set(values.keys)
    }

    func refusal(_ key: String, _ message: String) -> ModelError {
        ModelError(path: path, "\(prefix)\(key) \(message)")
    }

    func has(_ key: String) -> Bool { values[key] != nil }

    /// Nil when the key is missing or null.
    mutating func value(_ key: String) -> ConfigurationValue? {
        unread.remove(key)
        guard let value = values[key], value != .null else { return nil }
        return value
    }

    mutating func integer(_ key: String, in range: ClosedRange<Int>) throws(ModelError) -> Int? {
        guard let value = value(key) else { return nil }
        guard case .integer(let number) = value, range.contains(number) else {
            throw refusal(
                key, "is \(value.shown), not a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// A number above `bound` that is finite in float32, as models compute with it.
    mutating func number(_ key: String, above bound: Double) throws(ModelError) -> Double? {
        guard let value = value(key) else { return nil }
        let number: Double? =
            switch value {
            case .integer(let number): Double(number)
            case .number(let number): number
            default: nil
            }
        guard let number, Float(number).isFinite, number > bound else {
            throw refusal(key, "is \(value.shown), not a number above \(bound)")
        }
        return number
    }

    mutating func flag(_ key: String) throws(ModelError) -> Bool? {
        guard let value = value(key) else { return nil }
        guard case .flag(let flag) = value else {
            throw refusal(key, "is \(value.shown), not true or false")
        }
        return flag
    }

    mutating func text(_ key: String) throws(ModelError) -> String? {
        guard let value = value(key) else { return nil }
        guard case .text(let text) = value else { throw refusal(key, "is \(value.shown), not a string") }
        return text
    }

    mutating func texts(_ key: String) throws(ModelError) -> [String]? {
        guard let value = value(key) else { return nil }
        var texts: [String] = []
        if case .list(let members) = value {
            for case .text(let text) in members { texts.append(text) }
            if texts.count == members.count { return texts }
        }
        throw refusal(key, "is \(value.shown), not a list of strings")
    }

    /// One whole number or a list of them.
    mutating func integers(_ key: String) throws(ModelError) -> [Int]? {
        guard let value = value(key) else { return nil }
        let members: [ConfigurationValue] = if case .list(let list) = value { list } else { [value] }
        var numbers: [Int] = []
        for case .integer(let number) in members { numbers.append(number) }
        guard numbers.count == members.count else {
            throw refusal(key, "is \(value.shown), not a token id or a list of them")
        }
        return numbers
    }

    /// All members, which must be strings.
    func allTexts() throws(ModelError) -> [String: String] {
        var texts: [String: String] = [:]
        for (key, value) in values {
            guard case .text(let text) = value else { throw refusal(key, "is \(value.shown), not a string") }
            texts[key] = text
        }
        return texts
    }

    mutating func object(_ key: String) throws(ModelError) -> ConfigurationFile? {
        guard let value = value(key) else { return nil }
        guard case .object(let values) = value else { throw refusal(key, "is \(value.shown), not an object") }
        return ConfigurationFile(path: path, prefix: "\(prefix)\(key).", values: values)
    }

    /// Nothing but one of `values`, or no value at all, is implemented.
    mutating func require(_ key: String, _ values: ConfigurationValue...) throws(ModelError) {
        guard let value = value(key) else { return }
        guard values.contains(value) else {
            let only = values.isEmpty ? "" : "; only \(values[0].shown) is"
            throw refusal(key, "\(value.shown) is not implemented\(only)")
        }
    }

    /// These change nothing that Ponder computes.
    mutating func ignore(_ keys: some Sequence<String>) { unread.subtract(keys) }

    /// Refuses what has not been read, unless it is null: it may change the arithmetic.
    func finish() throws(ModelError) {
        guard let key = unread.sorted().first(where: { values[$0] != .null }), let value = values[key] else {
            return
        }
        throw refusal(
            key,
            "is not a key that Ponder knows (its value is \(value.shown)), and it may change what the model computes; "
                + "if it does not, remove it from the file")
    }

    private static func explain(_ error: any Error) -> String {
        switch error {
        case DecodingError.typeMismatch(_, let context), DecodingError.dataCorrupted(let context):
            if let cause = context.underlyingError as NSError?,
                let text = cause.userInfo[NSDebugDescriptionErrorKey] as? String
            {
                return text
            }
            return context.debugDescription
        default: return "\(error)"
        }
    }
}
