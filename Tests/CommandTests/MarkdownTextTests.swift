import Testing

@testable import ponder

@Suite struct MarkdownTextTests {
    @Test func `paragraphs and lists are filled, code stays as it is, links are spelt out`() {
        let text = MarkdownText(
            """
            # A title

            Some words
            in **two** lines, see [metrics](metrics.md) and [a page](https://example.org).

            - one thing that is
              longer than a line
            2. two

            ```sh
            ponder   train
            ```
            """)
        #expect(
            text.rendered(width: 40, isStyled: false) == """
                A TITLE

                Some words in two lines, see metrics
                (`ponder help metrics`) and a page
                (https://example.org).

                - one thing that is longer than a line
                2. two

                  ponder   train
                """)
    }

    @Test func `a table is aligned, and each row is a paragraph where it is too wide`() {
        let table = MarkdownText(
            """
            | key | meaning | unit |
            | --- | --- | --- |
            | `a\\|b` | a longer meaning | s |
            | c | | |
            """)
        #expect(
            table.rendered(width: 60, isStyled: false) == """
                key    meaning           unit
                ---    -------           ----
                `a|b`  a longer meaning  s
                c
                """)
        #expect(
            table.rendered(width: 24, isStyled: false) == """
                `a|b`
                    meaning: a longer
                    meaning
                    unit: s
                c
                """)
    }
}
