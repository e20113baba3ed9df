extension String {
    /// The words of the text in lines of at most `width` characters.
    ///
    /// A longer word has a line of its own.
    ///
    /// - Parameters:
    ///   - first: what the first line begins with.
    ///   - hanging: what every other line begins with.
    package func wrapped(to width: Int, first: String = "", hanging: String = "") -> [String] {
        split(whereSeparator: \.isWhitespace).map(String.init).wrapped(
            to: width, first: first, hanging: hanging)
    }
}

extension [String] {
    /// The pieces in lines of at most `width` characters; no piece is broken.
    package func wrapped(to width: Int, first: String = "", hanging: String = "") -> [String] {
        var lines: [String] = []
        var line = first
        var isEmpty = true
        for piece in self {
            if !isEmpty, line.count + 1 + piece.count > width {
                lines.append(line)
                (line, isEmpty) = (hanging, true)
            }
            line += isEmpty ? piece : " " + piece
            isEmpty = false
        }
        return lines + [line]
    }
}
