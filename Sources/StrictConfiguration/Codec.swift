/// How values of one type are written in a configuration, and which values are allowed.
///
///     let codec = Codec<Int>.integer(1...64)
///     codec.allowed              // "an integer from 1 to 64"
///     codec.read(.plain("65"))   // nil
///
/// It is a class, so that copies of a configuration share the codecs of its settings.
package final class Codec<Value: Sendable & Hashable>: Sendable {
    /// The allowed values in words, for messages and for the comments of a printed configuration.
    package let allowed: String
    /// Reads the value in a tree; nil for a tree of another shape and for a value that is not allowed.
    package let read: @Sendable (ConfigurationTree) -> Value?
    /// Writes a value in its only spelling; also writes values that are not allowed, for messages.
    package let write: @Sendable (Value) -> ConfigurationTree

    package init(
        _ allowed: String, read: @escaping @Sendable (ConfigurationTree) -> Value?,
        write: @escaping @Sendable (Value) -> ConfigurationTree
    ) {
        self.allowed = allowed
        self.read = read
        self.write = write
    }
}

extension Codec where Value: FixedWidthInteger {
    package static func integer(_ range: ClosedRange<Value>) -> Codec {
        Codec("an integer from \(range.lowerBound) to \(range.upperBound)") {
            $0.word.flatMap { Value($0) }.flatMap { range.contains($0) ? $0 : nil }
        } write: {
            .plain(String($0))
        }
    }
}

extension Codec<Double> {
    package static func number(_ range: ClosedRange<Double>) -> Codec {
        Codec("a number from \(range.lowerBound) to \(range.upperBound)") {
            $0.word.flatMap { Double($0) }.flatMap { range.contains($0) ? $0 : nil }
        } write: {
            .plain(String($0))
        }
    }
}

extension Codec<Bool> {
    package static var flag: Codec {
        Codec("true or false") {
            $0.word.flatMap { Bool($0) }
        } write: {
            .plain(String($0))
        }
    }
}

extension Codec<String> {
    package static var text: Codec {
        Codec("text that is not empty") {
            $0.text.flatMap { $0.isEmpty ? nil : $0 }
        } write: {
            .quoted($0)
        }
    }

    package static func choice(of names: [String]) -> Codec {
        Codec("one of " + names.joined(separator: ", ")) {
            $0.text.flatMap { names.contains($0) ? $0 : nil }
        } write: {
            .quoted($0)
        }
    }
}

extension Codec<String?> {
    package static func optionalChoice(of names: [String]) -> Codec {
        optional(.choice(of: names), "one of \(names.joined(separator: ", ")), or null")
    }

    package static var optionalText: Codec {
        optional(.text, "text, or null")
    }

    private static func optional(_ codec: Codec<String>, _ allowed: String) -> Codec {
        Codec(allowed) { tree in
            tree.isNull ? .some(nil) : codec.read(tree).map { .some($0) }
        } write: {
            $0.map(codec.write) ?? .plain("null")
        }
    }
}

extension Codec<Int?> {
    /// An integer, or `auto` for nil.
    package static func automatic(_ range: ClosedRange<Int>) -> Codec {
        let codec = Codec<Int>.integer(range)
        return Codec("auto, or \(codec.allowed)") { tree in
            tree.text == "auto" ? .some(nil) : codec.read(tree).map { .some($0) }
        } write: {
            $0.map(codec.write) ?? .quoted("auto")
        }
    }
}

extension Codec where Value: RawRepresentable<String> & CaseIterable {
    /// One of the type's cases, given by its raw value.
    package static var choice: Codec {
        Codec("one of " + Value.allCases.map(\.rawValue).joined(separator: ", ")) {
            $0.text.flatMap { Value(rawValue: $0) }
        } write: {
            .quoted($0.rawValue)
        }
    }
}

extension Codec<ClosedRange<Int>> {
    /// A range of two integers within `limits`, the lower one first.
    package static func range(within limits: ClosedRange<Int>) -> Codec {
        let ends = Codec<[Int]>.list(of: .integer(limits), counts: 2...2, "")
        return Codec("[lowest, highest], integers from \(limits.lowerBound) to \(limits.upperBound)") {
            ends.read($0).flatMap { $0[0] <= $0[1] ? $0[0]...$0[1] : nil }
        } write: {
            ends.write([$0.lowerBound, $0.upperBound])
        }
    }
}

extension Codec<[Double]> {
    /// A list of exactly `count` numbers, each within `range`.
    package static func numbers(_ count: Int, _ range: ClosedRange<Double>) -> Codec {
        list(
            of: .number(range), counts: count...count,
            "\(count) numbers from \(range.lowerBound) to \(range.upperBound), as [a, b]")
    }
}

extension Codec<[String]> {
    /// A list of at most `limit` texts, none of them empty.
    package static func texts(atMost limit: Int) -> Codec {
        list(of: .text, counts: 0...limit, "a list of at most \(limit) texts")
    }
}

extension Codec {
    /// A list of values, each written with `element`.
    package static func list<Element>(
        of element: Codec<Element>, counts: ClosedRange<Int>, _ allowed: String
    ) -> Codec where Value == [Element] {
        Codec(allowed) { tree in
            guard case .list(let items) = tree, counts.contains(items.count) else { return nil }
            let values = items.compactMap(element.read)
            return values.count == items.count ? values : nil
        } write: {
            .list($0.map(element.write))
        }
    }

    /// A list of at most `limit` mappings with exactly these keys, each with a text that is not empty.
    ///
    /// - Parameters:
    ///   - texts: the texts of a value, in the order of the keys.
    ///   - value: makes a value from texts in that order.
    package static func records<Element>(
        _ keys: [String], atMost limit: Int, texts: @escaping @Sendable (Element) -> [String],
        value: @escaping @Sendable ([String]) -> Element
    ) -> Codec where Value == [Element] {
        let shape = "{\(keys.map { "\($0): …" }.joined(separator: ", "))}"
        let record = Codec<Element>(shape) { tree in
            guard case .mapping(let entries) = tree, entries.count == keys.count else { return nil }
            let found = keys.compactMap { key in
                entries.first { $0.key == key }.flatMap { Codec<String>.text.read($0.value) }
            }
            return found.count == keys.count ? value(found) : nil
        } write: {
            .mapping(
                zip(keys, texts($0)).map { .init(key: $0, line: nil, value: .quoted($1)) })
        }
        return list(of: record, counts: 0...limit, "a list of at most \(limit) mappings \(shape)")
    }
}
