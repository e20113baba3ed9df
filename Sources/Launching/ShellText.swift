/// Pieces of shell scripts, quoted so that the shell passes every character on unchanged.
enum ShellText {
    /// The word as one argument.
    ///
    ///     ShellText.quoted("it's")   // 'it'\''s'
    static func quoted(_ word: String) -> String {
        let plain = word.allSatisfy {
            $0.isASCII && ($0.isLetter || $0.isNumber || "-_./:=@,+%".contains($0))
        }
        if plain, !word.isEmpty { return word }
        return "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
            + "'"
    }

    static func quoted(_ words: [String]) -> String { words.map { quoted($0) }.joined(separator: " ") }

    /// A here-document that the shell passes on unchanged.
    static func document(_ text: String) -> String {
        var tag = "PONDER"
        let lines = Set(text.split(separator: "\n"))
        while lines.contains(Substring(tag)) { tag += "_" }
        return "<<'\(tag)'\n\(text.hasSuffix("\n") || text.isEmpty ? text : text + "\n")\(tag)\n"
    }

    /// A command that writes a text to a file unchanged.
    ///
    /// - Parameter path: already a word of the shell.
    static func writing(_ text: String, to path: String) -> String { "cat >\(path) " + document(text) }
}
