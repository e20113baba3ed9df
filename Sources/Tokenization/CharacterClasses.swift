/// A class of characters that the splitting expressions distinguish.
struct CharacterClass: Equatable, Sendable {
    let rawValue: UInt8

    /// None of the other classes: `[^\s\p{L}\p{N}]`.
    static let other = CharacterClass(rawValue: 0)
    /// `\p{L}`.
    static let letter = CharacterClass(rawValue: 1)
    /// `\p{N}`.
    static let number = CharacterClass(rawValue: 2)
    /// `\s` without the two line ends.
    static let space = CharacterClass(rawValue: 3)
    /// `[\r\n]`.
    static let lineEnd = CharacterClass(rawValue: 4)

    var isSpace: Bool { rawValue >= 3 }
}

/// The class of every character, as in `tokenizers` (whose expressions run on Oniguruma).
///
/// Oniguruma knows Unicode 16, so later characters are neither letters nor numbers here, even if Swift's own
/// Unicode is newer. The table takes 200 kB and is made at first use.
struct CharacterClasses: Sendable {
    static let shared = CharacterClasses()

    /// A bound above the last letter of Unicode 16, U+323AF, and above its last number.
    private static let limit = 0x32400
    private static let newestMajor = 16
    /// The major Unicode version of the normaliser of `tokenizers`.
    private static let normaliserMajor = 9
    private static let classMask: UInt8 = 0x07
    /// A flag beside the class: the pre-tokenizer `Digits` treats the character as a digit.
    private static let numeric: UInt8 = 0x80
    /// A flag beside the class: the normaliser does not know the character.
    private static let unknownToNormaliser: UInt8 = 0x40
    /// A flag beside the class: NFC may change the character or what precedes it.
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

    /// Rust's `char::is_numeric`, which includes numbers of the newest Unicode.
    func isNumeric(_ scalar: UInt32) -> Bool {
        scalar < Self.limit && table[Int(scalar)] & Self.numeric != 0
    }

    /// Whether NFC may change the character or compose it with what precedes it; false past the table.
    func isUnstable(_ scalar: UInt32) -> Bool {
        scalar < Self.limit && table[Int(scalar)] & Self.unstable != 0
    }

    /// Whether the character was added after Unicode 9 or is unassigned.
    func isUnknownToNormaliser(_ scalar: UInt32) -> Bool {
        scalar < Self.limit && table[Int(scalar)] & Self.unknownToNormaliser != 0
    }

    /// `\w` of Rust's regular expressions; a `single_word` token next to such a character does not count.
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
        // Only marks and Hangul vowels and final consonants compose with the character before them.
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
    /// The scalar that begins at an index of valid UTF-8, and the index after it.
    @inline(__always)
    func scalar(at index: Int) -> (value: UInt32, next: Int) {
        let lead = UInt32(self[index])
        func following(_ offset: Int) -> UInt32 { UInt32(self[index + offset] & 0x3F) }
        if lead < 0x80 { return (lead, index + 1) }
        if lead < 0xE0 { return ((lead & 0x1F) << 6 | following(1), index + 2) }
        if lead < 0xF0 { return ((lead & 0x0F) << 12 | following(1) << 6 | following(2), index + 3) }
        return ((lead & 0x07) << 18 | following(1) << 12 | following(2) << 6 | following(3), index + 4)
    }

    /// The start of the scalar that ends before an index of valid UTF-8, which must not be the first.
    func start(before index: Int) -> Int {
        var start = index - 1
        while start > 0, self[start] & 0xC0 == 0x80 { start -= 1 }
        return start
    }
}
