extension Tokenizer {
    /// The tokens of which a text of numbers is made, in ascending order: digits, minus signs and white space alone.
    ///
    /// Many vocabularies have numbers of several digits as one token, or with the blank before them. A token of
    /// white space alone belongs to them where the vocabulary has longer tokens: there a text that follows a
    /// prompt usually begins with one. In a character vocabulary it does not, and only digits and minus count.
    package var numberTokens: [Int32] {
        (0..<Int32(vocabularySize)).filter { id in
            guard let bytes = try? bytes(of: id, skippingSpecialTokens: false), !bytes.isEmpty else {
                return false
            }
            var hasNumber = false
            for byte in bytes {
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): hasNumber = true
                case UInt8(ascii: " "), 0x09...0x0D: break
                default: return false
                }
            }
            return hasNumber || !isCharacterVocabulary
        }
    }
}
