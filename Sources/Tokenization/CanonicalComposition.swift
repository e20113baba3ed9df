import Foundation

/// NFC as `tokenizers` computes it, whose normaliser knows Unicode 9.
///
/// Marks from later versions are not reordered and compose with nothing: the text between them is normalised.
enum CanonicalComposition {
    /// The text (UTF-8) in NFC; nil when its characters show that it already is.
    static func nfc(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        // A text of characters below U+0300 is its own NFC.
        guard let first = text.firstIndex(where: { $0 >= 0xCC }) else { return nil }
        let bytes = Array(text)
        let classes = CharacterClasses.shared
        var result: [UInt8] = []
        var place = first - text.startIndex
        var start = 0
        var isUnstable = false
        var isChanged = false

        func finish(_ end: Int) {
            if isUnstable {
                isChanged = true
                result +=
                    String(decoding: bytes[start..<end], as: UTF8.self).precomposedStringWithCanonicalMapping
                    .utf8
            } else {
                result += bytes[start..<end]
            }
            start = end
            isUnstable = false
        }

        while place < bytes.count {
            let (scalar, next) = bytes.scalar(at: place)
            if classes.isUnstable(scalar) { isUnstable = true }
            if classes.isUnknownToNormaliser(scalar) {
                finish(place)
                result += bytes[place..<next]
                start = next
            }
            place = next
        }
        finish(bytes.count)
        return isChanged ? result : nil
    }
}
