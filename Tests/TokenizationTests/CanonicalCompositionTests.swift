import Foundation
import Testing

@testable import Tokenization

struct CanonicalCompositionTests {
    private func nfc(_ text: String) -> [Unicode.Scalar] {
        let utf8 = Array(text.utf8)
        return Array(
            String(decoding: CanonicalComposition.nfc(utf8[...]) ?? utf8, as: UTF8.self).unicodeScalars)
    }

    @Test func `marks are put in order and composed`() {
        #expect(nfc("cafe\u{301}") == Array("caf\u{E9}".unicodeScalars))
        #expect(nfc("a\u{307}\u{323}") == Array("\u{1EA1}\u{307}".unicodeScalars))
        #expect(nfc("\u{1112}\u{1161}\u{11AB}") == Array("\u{D55C}".unicodeScalars))
        #expect(
            nfc("\u{212B}\u{2126}\u{958}\u{344}")
                == Array("\u{C5}\u{3A9}\u{915}\u{93C}\u{308}\u{301}".unicodeScalars))
        #expect(nfc("plain") == Array("plain".unicodeScalars))
    }

    @Test func `marks that came after Unicode 9 stay where they are`() {
        // U+08D3 (Unicode 11) and U+0323 would change places; the pair U+11935 U+11930 (13) would compose.
        #expect(nfc("q\u{8D3}\u{323}") == Array("q\u{8D3}\u{323}".unicodeScalars))
        #expect(nfc("\u{11935}\u{11930}") == Array("\u{11935}\u{11930}".unicodeScalars))
        #expect(nfc("e\u{301}\u{8D3}e\u{301}") == Array("\u{E9}\u{8D3}\u{E9}".unicodeScalars))
    }

    @Test func `a text that is told to be in NFC at a glance is`() {
        // All that may come second in a composition are marks or Hangul; so of the rest no pair composes.
        let classes = CharacterClasses.shared
        for value in UInt32(0x80)..<0x3000 {
            guard let scalar = Unicode.Scalar(value), !classes.isUnknownToNormaliser(value) else { continue }
            let parts = Array(String(scalar).decomposedStringWithCanonicalMapping.unicodeScalars)
            for part in parts.dropFirst() where scalar.properties.generalCategory != .unassigned {
                #expect(classes.isUnstable(part.value), "\(part)")
            }
            if nfc(String(scalar)) != [scalar] { #expect(classes.isUnstable(value)) }
        }
    }
}
