/// Counts the tokens that the text of a `tokenizer.json` lists in its vocabulary.
///
/// A token that is listed twice is one in a dictionary: Foundation takes the first id and `tokenizers` the last, so
/// such a file would mean one thing here and another there.
enum VocabularyCount {
    /// The entries of `model.vocab` in well-formed JSON.
    static func entries(in json: [UInt8]) -> Int {
        let name = Array("vocab".utf8)
        var depth = 0
        /// The string that ended last, while nothing but a colon has come since.
        var lastString = 0..<0
        var isVocabulary = false
        var count = 0
        var index = 0
        while index < json.count {
            switch json[index] {
            case UInt8(ascii: "\""):
                let start = index + 1
                index = start
                while index < json.count, json[index] != UInt8(ascii: "\"") {
                    index += json[index] == UInt8(ascii: "\\") ? 2 : 1
                }
                // The first string of an entry is its key, and the values are numbers.
                if isVocabulary, depth == 3 { count += 1 }
                lastString = start..<min(index, json.count)
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                if depth == 3, json[index] == UInt8(ascii: "{"), json[lastString].elementsEqual(name) {
                    isVocabulary = true
                }
                lastString = 0..<0
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth < 3 { isVocabulary = false }
            case UInt8(ascii: ","): lastString = 0..<0
            default: break
            }
            index += 1
        }
        return count
    }
}
