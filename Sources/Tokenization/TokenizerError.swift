/// What is wrong with a tokenizer file, a text or an id, with the place and the remedy.
package enum TokenizerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file is not a `tokenizer.json`; `place` is a path of keys.
    case malformed(place: String, reason: String)
    /// The file asks for something that Ponder does not implement.
    case unsupported(place: String, value: String, remedy: String)
    /// Two tokens claim one id, or one token claims two ids.
    case ambiguous(token: String, id: Int32, other: String)
    /// No end token was named, and the file has none of the usual ones.
    case noEndToken(tried: [String])
    /// The vocabulary lacks a character; `place` counts Unicode scalars from 0, in the normalised text.
    case unknownCharacter(character: String, place: Int)
    case unknownID(id: Int32, vocabularySize: Int)
    /// A character vocabulary cannot be made of these characters or tokens.
    case unusableVocabulary(reason: String)

    package var description: String {
        switch self {
        case .malformed(let place, let reason):
            "tokenizer.json: \(clipped(place)): \(clipped(reason))"
        case .unsupported(let place, let value, let remedy):
            "tokenizer.json: \(clipped(place)) is \(clipped(value)), which Ponder does not implement; \(clipped(remedy))"
        case .ambiguous(let token, let id, let other):
            "tokenizer.json: '\(clipped(token))' and '\(clipped(other))' disagree about id \(id); "
                + "every token needs one id of its own"
        case .noEndToken(let tried):
            "tokenizer.json: no end token (looked for \(tried.joined(separator: ", "))); "
                + "name the token that ends a response"
        case .unknownCharacter(let character, let place):
            "the character '\(character)' (\(scalarNames(character))) at place \(place) of the text is not in the "
                + "vocabulary; leave it out or use a tokenizer that knows it"
        case .unknownID(let id, let size):
            "token id \(id) is not in the vocabulary of \(size) ids; these ids come from another tokenizer"
        case .unusableVocabulary(let reason):
            "character vocabulary: \(reason)"
        }
    }

    /// Shortens text from the file, so that every message stays readable.
    private func clipped(_ text: String) -> String {
        let scalars = text.unicodeScalars
        return scalars.count <= 400 ? text : String(String.UnicodeScalarView(scalars.prefix(400))) + "…"
    }

    private func scalarNames(_ character: String) -> String {
        character.unicodeScalars
            .map { "U+" + String(repeating: "0", count: max(0, 4 - hex($0).count)) + hex($0) }
            .joined(separator: " ")
    }

    private func hex(_ scalar: Unicode.Scalar) -> String { String(scalar.value, radix: 16, uppercase: true) }
}
