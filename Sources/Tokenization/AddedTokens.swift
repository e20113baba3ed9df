/// Tokens that are found in a text as a whole, before any byte pair: the tags, the end, the padding.
struct AddedTokens: Sendable {
    /// One token as it is looked for.
    struct Entry: Sendable, Hashable {
        let bytes: [UInt8]
        let id: Int32
        /// Whether the token counts only where no letter, digit, mark or underscore touches it.
        var isSingleWord = false
        /// Whether the token takes the white space on its left, and on its right.
        var stripsLeft = false
        var stripsRight = false
    }

    /// A stretch of a text: plain bytes, or one added token with the white space it takes.
    enum Part: Hashable {
        case plain(Range<Int>)
        case token(Int32, Range<Int>)
    }

    private let entries: [Entry]
    /// A tree of bytes, in which a node and a byte lead to a node; the root is 0.
    private var children: PairTable
    /// The entry that ends at a node.
    private var endings: [Int32?] = [nil]
    private var isFirstByte = [Bool](repeating: false, count: 256)

    /// The entries must not be empty; the first of two with the same bytes counts.
    init(_ entries: [Entry]) {
        self.entries = entries
        children = PairTable(capacity: entries.reduce(0) { $0 + $1.bytes.count })
        for (index, entry) in entries.enumerated() {
            isFirstByte[Int(entry.bytes[0])] = true
            var node: Int32 = 0
            for byte in entry.bytes {
                let child = children.find(node, Int32(byte))
                if child.isThere {
                    node = child.result
                } else {
                    let new = Int32(endings.count)
                    children.set(node, Int32(byte), .init(rank: 0, result: new))
                    endings.append(nil)
                    node = new
                }
            }
            if endings[Int(node)] == nil { endings[Int(node)] = Int32(index) }
        }
    }

    var isEmpty: Bool { entries.isEmpty }

    /// Cuts a part of a text (UTF-8) at its added tokens, from left to right, the longest first at each place.
    ///
    /// A token that must be a single word but is not counts as plain text, and so does every token inside it.
    /// A token takes white space even where another token was found in it, as in `tokenizers`.
    func split(_ text: [UInt8], in range: Range<Int>) -> [Part] {
        var parts: [Part] = []
        var plainStart = range.lowerBound
        var index = range.lowerBound
        while index < range.upperBound {
            guard isFirstByte[Int(text[index])],
                let entry = longestEntry(at: index, in: text, before: range.upperBound)
            else {
                index += 1
                continue
            }
            var start = index
            var end = index + entry.bytes.count
            index = end
            if entry.isSingleWord, isTouched(start..<end, in: text, range) { continue }
            if entry.stripsLeft {
                while start > plainStart, isSpace(text.scalar(at: text.start(before: start)).value) {
                    start = text.start(before: start)
                }
            }
            if entry.stripsRight {
                while end < range.upperBound, isSpace(text.scalar(at: end).value) {
                    end = text.scalar(at: end).next
                }
            }
            if plainStart < start { parts.append(.plain(plainStart..<start)) }
            parts.append(.token(entry.id, min(start, end)..<end))
            plainStart = end
        }
        if plainStart < range.upperBound { parts.append(.plain(plainStart..<range.upperBound)) }
        return parts
    }

    private func longestEntry(at start: Int, in text: [UInt8], before end: Int) -> Entry? {
        var node: Int32 = 0
        var longest: Int32?
        for index in start..<end {
            let child = children.find(node, Int32(text[index]))
            guard child.isThere else { break }
            node = child.result
            longest = endings[Int(node)] ?? longest
        }
        return longest.map { entries[Int($0)] }
    }

    private func isTouched(_ token: Range<Int>, in text: [UInt8], _ range: Range<Int>) -> Bool {
        func isWord(at place: Int) -> Bool {
            Unicode.Scalar(text.scalar(at: place).value).map(CharacterClasses.isWord) ?? false
        }
        return token.lowerBound > range.lowerBound && isWord(at: text.start(before: token.lowerBound))
            || token.upperBound < range.upperBound && isWord(at: token.upperBound)
    }

    private func isSpace(_ scalar: UInt32) -> Bool { CharacterClasses.shared(scalar).isSpace }
}
