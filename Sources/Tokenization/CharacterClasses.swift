/// What the splitting expressions tell apart in a character.
struct CharacterClass: Equatable, Sendable {
    let rawValue: UInt8

    /// Neither of the others: `[^\s\p{L}\p{N}]`.
    static let other = CharacterClass(rawValue: 0)
    /// `\p{L}`.
    static let letter = CharacterClass(rawValue: 1)
    /// `\p{N}`.
    static let number = CharacterClass(rawValue: 2)
    /// `\s` but for the two line ends.
    static let space = CharacterClass(rawValue: 3)
    /// `[\r\n]`.
    static let lineEnd = CharacterClass(rawValue: 4)

    var isSpace: Bool { rawValue >= 3 }
}

/// The class of every character, the same as in `tokenizers` (whose expressions run on Oniguruma).
///
/// Oniguruma knows Unicode 16, so what came later is no letter and no number here either, whatever the Unicode of the
/// Swift at hand. A table of 200 kB, made at first use.
struct CharacterClasses: Sendable {
    static let shared = CharacterClasses()

    /// Past the last letter of Unicode 16, U+323AF, and its last number.
    private static let limit = 0x32400
    private static let newestMajor = 16
    /// The Unicode of the normaliser of `tokenizers`.
    private static let normaliserMajor = 9
    private static let classMask: UInt8 = 0x07
    /// Set beside the class: the pre-tokenizer `Digits` takes it for a digit.
    private static let numeric: UInt8 = 0x80
    /// Set beside the class: the normaliser does not know it.
    private static let unknownToNormaliser: UInt8 = 0x40
    /// Set beside the class: NFC may change it, or what is before it.
    private static let unstable: UInt8 = 0x20

    private let table: [UInt8]

    private init() {
        table = (0..<UInt32(Self.limit)).map { value in
            Unicode.Scalar(value).map { Self.splitting($0) | Self.normalising($0) } ?? 0
        }
    }

    func callAsFunction(_ scalar: UInt32) -> CharacterClass {
        scalar < Self.limit ? CharacterClass(rawValue: table[Int(scalar)] & Self.classMask) : .other
    }

    /// Rust's `char::is_numeric`: numbers of the newest Unicode, too.
    func isNumeric(_ scalar: UInt32) -> Bool {
        scalar < Self.limit && table[Int(scalar)] & Self.numeric != 0
    }

    /// Whether NFC may change the character or compose it with what is before it; no character past the table does.
    func isUnstable(_ scalar: UInt32) -> Bool {
        scalar < Self.limit && table[Int(scalar)] & Self.unstable != 0
    }

    /// Whether the character came after Unicode 9, or has not come yet.
    func isUnknownToNormaliser(_ scalar: UInt32) -> Bool {
        scalar < Self.limit && table[Int(scalar)] & Self.unknownToNormaliser != 0
    }

    /// `\w` of Rust's regular expressions, beside which a `single_word` token does not count.
    static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        let properties = scalar.properties
        guard let age = properties.age, age.major <= newestMajor else { return false }
        switch properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation: return true
        default: return properties.isAlphabetic || properties.isJoinControl
        }
    }

    private static func normalising(_ scalar: Unicode.Scalar) -> UInt8 {
        let properties = scalar.properties
        guard let age = properties.age, age.major <= normaliserMajor else { return unknownToNormaliser }
        // What composes with the character before it is a mark, or a vowel or final consonant of Hangul.
        switch properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: return unstable
        default:
            let isJamo = (0x1160...0x11FF).contains(scalar.value)
            return isJamo || properties.isFullCompositionExclusion ? unstable : 0
        }
    }

    private static func splitting(_ scalar: Unicode.Scalar) -> UInt8 {
        if scalar == "\r" || scalar == "\n" { return CharacterClass.lineEnd.rawValue }
        let properties = scalar.properties
        if properties.isWhitespace { return CharacterClass.space.rawValue }
        let isKnown = (properties.age?.major ?? .max) <= newestMajor
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
            return (isKnown ? CharacterClass.letter : .other).rawValue
        case .decimalNumber, .letterNumber, .otherNumber:
            return (isKnown ? CharacterClass.number : .other).rawValue | numeric
        default: return CharacterClass.other.rawValue
        }
    }
}

extension [UInt8] {
    /// The scalar that begins at a place of valid UTF-8, and the place after it.
    @inline(__always)
    func scalar(at index: Int) -> (value: UInt32, next: Int) {
        let lead = UInt32(self[index])
        func following(_ offset: Int) -> UInt32 { UInt32(self[index + offset] & 0x3F) }
        if lead < 0x80 { return (lead, index + 1) }
        if lead < 0xE0 { return ((lead & 0x1F) << 6 | following(1), index + 2) }
        if lead < 0xF0 { return ((lead & 0x0F) << 12 | following(1) << 6 | following(2), index + 3) }
        return ((lead & 0x07) << 18 | following(1) << 12 | following(2) << 6 | following(3), index + 4)
    }

    /// Where the scalar begins that ends before a place of valid UTF-8; the place must not be the first.
    func start(before index: Int) -> Int {
        var start = index - 1
        while start > 0, self[start] & 0xC0 == 0x80 { start -= 1 }
        return start
    }
}
