extension String {
    /// The parts between the occurrences of `separator`: `"aXbX"` split on `"X"` is `["a", "b", ""]`.
    ///
    /// It compares bytes, because comparing characters would miss a tag that is followed by a combining mark.
    package func splitBytes(on separator: String) -> [String] {
        let text = Array(utf8)
        let mark = Array(separator.utf8)
        guard let first = mark.first, text.count >= mark.count else { return [self] }
        var parts: [String] = []
        var start = 0
        var index = 0
        while index + mark.count <= text.count {
            if text[index] == first, text[index..<(index + mark.count)].elementsEqual(mark) {
                parts.append(String(decoding: text[start..<index], as: UTF8.self))
                index += mark.count
                start = index
            } else {
                index += 1
            }
        }
        return parts + [String(decoding: text[start...], as: UTF8.self)]
    }

    /// The string with every occurrence of `text` replaced, found byte by byte.
    func replacingBytes(_ text: String, with other: String) -> String {
        splitBytes(on: text).joined(separator: other)
    }

    /// The string without white space at both ends.
    package var trimmed: String {
        let scalars = unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return String(scalars[first...last])
    }

    /// Whether the string holds only white space, control and format characters.
    package var isBlank: Bool {
        unicodeScalars.allSatisfy { scalar in
            scalar.properties.isWhitespace
                || [.control, .format].contains(scalar.properties.generalCategory)
        }
    }
}
