/// Text on a terminal: its width in columns, and untrusted text made harmless.
///
/// Responses, questions and names come from models, files and other machines.
extension String {
    /// The text with every character made visible that could move the cursor, change colours or reorder letters.
    ///
    /// - Parameter lines: whether line ends and tabs stay.
    func printable(lines: Bool = false) -> String {
        guard unicodeScalars.contains(where: { $0.isControl }) else { return self }
        return unicodeScalars.map { scalar -> String in
            switch scalar {
            case "\n" where !lines: "⏎"
            case "\t" where !lines: " "
            case "\n", "\t": String(scalar)
            case "\0"..."\u{1F}": UnicodeScalar(0x2400 + scalar.value).map(String.init) ?? "?"
            case "\u{7F}": "␡"
            case _ where scalar.isControl: "\\u{\(String(scalar.value, radix: 16))}"
            default: String(scalar)
            }
        }.joined()
    }

    /// Number of columns on a terminal; never too few.
    var columns: Int { unicodeScalars.reduce(0) { $0 + $1.columns } }

    /// The text in at most `width` columns; what is cut ends with an ellipsis.
    func fitted(_ width: Int) -> String {
        guard columns > width else { return self }
        var shown = String.UnicodeScalarView()
        var room = width - 1
        for scalar in unicodeScalars {
            room -= scalar.columns
            if room < 0 { break }
            shown.append(scalar)
        }
        return String(shown) + (width > 0 ? "…" : "")
    }

    /// The text in exactly `width` columns.
    func padded(_ width: Int, right: Bool = false) -> String {
        let text = fitted(width)
        let space = String(repeating: " ", count: max(0, width - text.columns))
        return right ? space + text : text + space
    }

    /// The text in lines of at most `width` columns, broken at spaces where there are any, at most `lines` of them.
    func folded(_ width: Int, lines limit: Int = .max) -> [String] {
        var lines: [String] = []
        var rest = Substring(self)
        while !rest.isEmpty, lines.count < limit {
            var end = rest.startIndex
            var space: String.Index?
            var room = width
            while end < rest.endIndex {
                room -= rest.unicodeScalars[end].columns
                if room < 0 { break }
                if rest.unicodeScalars[end] == " ", end > rest.startIndex { space = end }
                end = rest.unicodeScalars.index(after: end)
            }
            if end == rest.endIndex {
                lines.append(String(rest))
                return lines
            }
            if lines.count == limit - 1 { break }
            let cut = rest.unicodeScalars[end] == " " ? end : space ?? end
            // A character that is wider than the line.
            guard cut > rest.startIndex else { break }
            lines.append(String(rest.unicodeScalars[..<cut]))
            let next = rest.unicodeScalars[cut...].drop { $0 == " " }
            rest = rest[next.startIndex...]
        }
        if !rest.isEmpty, lines.count < limit { lines.append(String(rest).fitted(width)) }
        return lines
    }
}

extension Unicode.Scalar {
    /// Whether it is a control character, or one that changes the order of letters or begins a line.
    fileprivate var isControl: Bool {
        switch value {
        case 0..<0x20, 0x7F..<0xA0, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
        default: false
        }
    }

    /// Columns that a terminal gives to it.
    fileprivate var columns: Int {
        if value < 0x300 { return 1 }
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: return isWide ? 2 : 1
        }
    }

    /// East Asian wide and full-width characters (Unicode Standard Annex 11), and emoji.
    private var isWide: Bool {
        switch value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
            0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
            0x16FE0...0x18DFF, 0x1AFF0...0x1B2FF, 0x1F200...0x1F2FF, 0x20000...0x3FFFD:
            true
        default: properties.isEmojiPresentation
        }
    }
}
