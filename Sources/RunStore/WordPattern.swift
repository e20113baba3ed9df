import GRDB

/// Words that follow each other in a text, signs between them left out, as FTS5 finds them.
///
///     WordPattern("Wait, no")   // finds "wait no" in "… = 91. Wait: no, …"
///     WordPattern("check*")     // finds words that begin with "check"
package struct WordPattern: Sendable, Hashable {
    /// The words in lower case, with a space before each and, unless the last may go on, one at the end.
    private let words: String
    /// The same as a query of FTS5.
    let query: String

    /// Nil for a text without words and for one with letters beyond ASCII: many languages put no signs between words,
    /// so such a text is searched letter by letter.
    package init?(_ text: String) {
        let isOpen = text.hasSuffix("*")
        let normal = Self.normal(text)
        guard text.utf8.allSatisfy({ $0 < 128 }), normal.utf8.count > 1 else { return nil }
        words = isOpen ? String(normal.dropLast()) : normal
        query = "\"\(normal)\"" + (isOpen ? " *" : "")
    }

    package func matches(_ text: String) -> Bool { Self.normal(text).contains(words) }

    /// The words in lower case, with a space before each and one at the end.
    private static func normal(_ text: String) -> String {
        var bytes: [UInt8] = [0x20]
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): bytes.append(byte | 0x20)
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), 128...:
                bytes.append(byte)
            default: if bytes.last != 0x20 { bytes.append(0x20) }
            }
        }
        if bytes.last != 0x20 { bytes.append(0x20) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// `has_words(response, text)`, for databases without the index.
    static let sqlFunction = DatabaseFunction("has_words", argumentCount: 2, pure: true) { values in
        guard let response = String.fromDatabaseValue(values[0]),
            let text = String.fromDatabaseValue(values[1])
        else { return false }
        return WordPattern(text)?.matches(response) ?? false
    }
}
