import Testing

@testable import ponder

/// Text on a terminal.
@Suite struct DisplayTextTests {
    @Test(arguments: [
        ("abc", 3), ("漢字", 4), ("한국어", 6), ("e\u{301}", 1), ("👍", 2), ("مرحبا", 5), ("", 0), ("ｗｉｄｅ", 8),
    ])
    func `a text has the columns that a terminal gives to it`(text: String, columns: Int) {
        #expect(text.columns == columns)
    }

    @Test func `a text is cut to its columns, and never in the middle of a wide letter`() {
        #expect("abcdef".fitted(6) == "abcdef" && "abcdef".fitted(4) == "abc…")
        #expect("漢字漢字".fitted(6) == "漢字…" && "漢字漢字".fitted(7).columns <= 7)
        #expect("ab".padded(4) == "ab  " && "ab".padded(4, right: true) == "  ab")
        #expect("漢".padded(4) == "漢  ")
    }

    @Test func `a text is folded at spaces, and a longer word anywhere`() {
        #expect("one two three".folded(8) == ["one two", "three"])
        #expect("abcdefghij".folded(4) == ["abcd", "efgh", "ij"])
        #expect("one two three four".folded(8, lines: 2) == ["one two", "three f…"])
        #expect("".folded(8).isEmpty && "漢".folded(1).count <= 1)
    }

    @Test func `control characters and those that turn letters around are shown, not sent`() {
        #expect("a\u{1B}[2Jb\u{7F}\u{9B}".printable() == "a␛[2Jb␡\\u{9b}")
        #expect("\u{202E}abc\u{2066}".printable() == "\\u{202e}abc\\u{2066}")
        #expect("a\nb\tc".printable() == "a⏎b c" && "a\nb\tc\r".printable(lines: true) == "a\nb\tc␍")
        #expect("שלום 漢 👨‍👩‍👧".printable() == "שלום 漢 👨‍👩‍👧")
    }

    @Test func `a frame goes over the one before in one piece, and never beyond the screen`() {
        let frame = LiveScreen.frame(
            ["one", String(repeating: "x", count: 50), "three"], columns: 10, rows: 2)
        #expect(frame == "\u{1B}[Hone\u{1B}[K\r\nxxxxxxxxx…\u{1B}[K\u{1B}[J")
        for size in 1...40 {
            let lines = (0..<size).map { String(repeating: "漢", count: $0) }
            let frame = LiveScreen.frame(lines, columns: 41 - size, rows: size)
            #expect(frame.split(separator: "\r\n").count <= size)
        }
    }
}
