/// Spells characters that look alike or mean the same in one way, before any rule reads them.
///
///     MathCharacters.normalised("１２．５")   // 12.5, as are १२.५ and 𝟏𝟐.𝟓
///
/// Superscripts, subscripts and fractions such as `²` and `½` stay, because they mean more than their digits.
enum MathCharacters {
    static func normalised(_ text: String) -> [Unicode.Scalar] {
        if text.utf8.allSatisfy({ $0 < 128 }) { return Array(text.unicodeScalars) }
        var result: [Unicode.Scalar] = []
        result.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            guard let plain = plain(scalar) else { continue }
            result.append(plain)
        }
        return result
    }

    /// The usual character for this one; nil for a character that is not seen, such as a zero-width space.
    private static func plain(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
        let value = scalar.value
        switch value {
        // Letters, among them those of Chinese, Japanese and Korean.
        case 0...0x9F, 0xA1...0xAC, 0xAE...0x5FF, 0x3040...0x9FFF, 0xAC00...0xD7A3: return scalar
        case 0x600...0x1FFF:
            guard let zero = zeros.first(where: { value >= $0 && value < $0 + 10 }) else { return scalar }
            return Unicode.Scalar(0x30 + value - zero)
        case 0xAD, 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x2064, 0xFEFF: return nil
        case 0x2000...0x200A: return " "
        case 0xFF01...0xFF5E: return Unicode.Scalar(value - 0xFEE0)
        case 0x1D400...0x1D6A3: return mathematicalLatin(value)
        case 0x1D6A8...0x1D7C9: return mathematicalGreek(value)
        case 0x1D7CE...0x1D7FF: return Unicode.Scalar(0x30 + (value - 0x1D7CE) % 10)
        default: return replacements[scalar] ?? scalar
        }
    }

    /// The zeros of other scripts, each followed by its nine other digits.
    private static let zeros: [UInt32] = [
        0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xE50, 0xED0,
        0xF20,
        0x1040, 0x17E0, 0x1810,
    ]

    private static let replacements: [Unicode.Scalar: Unicode.Scalar] = [
        "\u{2212}": "-", "\u{2010}": "-", "\u{2011}": "-", "\u{FE63}": "-", "\u{3000}": " ", "\u{A0}": " ",
        "\u{202F}": " ", "\u{205F}": " ", "\u{3002}": ".", "\u{FF61}": ".", "\u{3001}": ",", "\u{2236}": ":",
        "\u{2044}": "/", "\u{2215}": "/", "\u{2018}": "'", "\u{2019}": "'", "\u{2032}": "'",
        "\u{201C}": "\"", "\u{201D}": "\"", "\u{2033}": "\"", "\u{212F}": "e", "\u{2147}": "e",
        "\u{2148}": "i", "\u{210E}": "h", "\u{2113}": "l", "\u{2223}": "|", "\u{2264}": "≤",
        "\u{2A7D}": "≤", "\u{2265}": "≥", "\u{2A7E}": "≥",
    ]

    /// Each alphabet of the mathematical letters holds A to Z and then a to z.
    private static func mathematicalLatin(_ value: UInt32) -> Unicode.Scalar? {
        let place = (value - 0x1D400) % 52
        return Unicode.Scalar(place < 26 ? 0x41 + place : 0x61 + place - 26)
    }

    /// Each alphabet of the mathematical Greek letters holds 58 characters: Α to Ω with one more, ∇, α to ω, and variants.
    private static func mathematicalGreek(_ value: UInt32) -> Unicode.Scalar? {
        let place = (value - 0x1D6A8) % 58
        switch place {
        case 0...24: return Unicode.Scalar(0x391 + place)
        case 26...50: return Unicode.Scalar(0x3B1 + place - 26)
        case 51: return "∂"
        case 52: return "ε"
        case 53: return "θ"
        case 54: return "κ"
        case 55: return "φ"
        case 56: return "ρ"
        case 57: return "π"
        default: return "∇"
        }
    }
}
