import Primitives
import Testing

@Suite struct WrappingTests {
    @Test func `a line is filled to the last column, and a long word has a line of its own`() {
        #expect("one two three".wrapped(to: 7) == ["one two", "three"])
        #expect("one two three".wrapped(to: 6) == ["one", "two", "three"])
        #expect(
            "a incomprehensible b".wrapped(to: 5, first: "- ", hanging: "  ") == [
                "- a", "  incomprehensible", "  b",
            ])
        #expect("".wrapped(to: 5, first: "# ") == ["# "])
    }
}
