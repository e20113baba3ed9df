/// Tokens that are found in a text as a whole, before any byte pair: the tags, the end, the padding.
package struct AddedTokens: Sendable {
    private struct Entry {
        let bytes: [UInt8]
        let id: Int32
    }

    /// By first byte, the longest first: of two tokens that start at one place the longer wins.
    private var entries: [UInt8: [Entry]] = [:]

    package init() {}

    package var isEmpty: Bool { entries.isEmpty }

    package mutating func insert(_ bytes: [UInt8], id: Int32) {
        guard let first = bytes.first else { return }
        entries[first, default: []].append(Entry(bytes: bytes, id: id))
        entries[first]?.sort { $0.bytes.count > $1.bytes.count }
    }

    /// A stretch of a text: plain bytes, or one added token.
    package enum Part: Hashable {
        case plain(Range<Int>)
        case token(Int32)
    }

    /// Cuts a text (UTF-8) at its added tokens, from left to right.
    package func split(_ text: [UInt8]) -> [Part] {
        var parts: [Part] = []
        var plainStart = 0
        var index = 0
        while index < text.count {
            guard let entry = entry(at: index, in: text) else {
                index += 1
                continue
            }
            if plainStart < index { parts.append(.plain(plainStart..<index)) }
            parts.append(.token(entry.id))
            index += entry.bytes.count
            plainStart = index
        }
        if plainStart < text.count { parts.append(.plain(plainStart..<text.count)) }
        return parts
    }

    private func entry(at index: Int, in text: [UInt8]) -> Entry? {
        entries[text[index]]?.first { entry in
            index + entry.bytes.count <= text.count
                && entry.bytes.indices.allSatisfy { text[index + $0] == entry.bytes[$0] }
        }
    }
}
