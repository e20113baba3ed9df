import ArgumentParser
import Foundation
import ModelFiles
import StrictJSON
import Tokenization

/// `ponder tokenize`: text to token ids and back.
struct TokenizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenize",
        abstract: "Turn text into a model's token ids, or ids into text.",
        discussion: """
            Reads JSON lines {"text": …} and writes {"ids": […]}; with --decode the reverse. Ids are those of Hugging \
            Face's tokenizers; special tokens are added only with --special. A character that a character vocabulary lacks is an error \
            (exit code 2); from a text for a larger vocabulary, its bytes without a token are left out, as tokenizers leaves \
            them out, and standard error says so. Only tokenizer.json is read; without --model it is that of the embedded \
            model.

            Examples:
              echo '{"text":"Q:17+25=?"}' | ponder tokenize --model my-model
              echo '{"text":"17+25"}' | ponder tokenize --model my-model --special
              echo '{"ids":[54,31,22]}' | ponder tokenize --model my-model --decode
              ponder tokenize --model my-model --decode --no-special < ids.jsonl
            """
    )

    @Option(help: ArgumentHelp("A folder with a tokenizer.json.", valueName: "dir"))
    var model: String?

    @Flag(help: "Turn ids into text.")
    var decode = false

    @Flag(
        inversion: .prefixedNo,
        help: ArgumentHelp(
            "Add the special tokens that the model's template puts around every text; it does not without. With --decode: "
                + "keep special tokens, such as the end token, in the text; it does without."))
    var special: Bool?

    @Flag(help: "Accepted for uniformity: the output is JSON lines in any case.")
    var json = false

    func run() throws {
        let tokenizer = try Self.tokenizer(model)
        try JSONLineStream.run { stream in
            do {
                if decode {
                    let size = Self.vocabularySize(model) ?? tokenizer.vocabularySize
                    while let ids = try stream.next({ try $0.required("ids").ids() }) {
                        try stream.write(Text(text: text(ids, tokenizer, vocabularySize: size)))
                    }
                } else {
                    while let text = try stream.next({ try $0.required("text").string() }) {
                        try stream.write(Ids(ids: encode(text, tokenizer, stream)))
                    }
                }
            } catch let error as TokenizerError {
                throw stream.failure("\(error)")
            }
        }
    }

    /// The tokenizer of a folder, or the embedded one.
    static func tokenizer(_ folder: String?) throws -> Tokenizer {
        let folder = try folder.map { try HubCache.folder(of: $0) } ?? EmbeddedBase.folder()
        try FolderKind.requireFastTokenizer(folder)
        guard let file = FileManager.default.contents(atPath: "\(folder)/tokenizer.json") else {
            throw CommandFailure(
                .usage, "\(folder)/tokenizer.json: cannot be read; name a model folder with --model")
        }
        do {
            return try Tokenizer(contentsOf: Array(file), requiresEnd: false)
        } catch {
            throw CommandFailure(.usage, "\(folder)/\(error)")
        }
    }

    /// The number of the model's ids, which may be more than the tokenizer has; nil without a usable config.json.
    private static func vocabularySize(_ folder: String?) -> Int? {
        guard let folder, let json = FileManager.default.contents(atPath: "\(folder)/config.json") else {
            return nil
        }
        var object = try? ObjectReader(JSONField(parsing: json))
        return try? object?.optional("vocab_size")?.integer(in: 1...(1 << 24))
    }

    /// The text of ids; one of the model's ids that has no token has no text.
    private func text(_ ids: [Int32], _ tokenizer: Tokenizer, vocabularySize: Int) throws(TokenizerError)
        -> String
    {
        let known = ids.filter { Int($0) < tokenizer.vocabularySize || Int($0) >= vocabularySize }
        return try tokenizer.decode(known, skippingSpecialTokens: special == false)
    }

    private func encode(_ text: String, _ tokenizer: Tokenizer, _ stream: JSONLineStream) throws -> [Int32] {
        let addsSpecial = special == true
        guard !tokenizer.isCharacterVocabulary else {
            return try tokenizer.encode(text, addingSpecialTokens: addsSpecial)
        }
        let (ids, leftOut) = tokenizer.encodeLeavingOut(text, addingSpecialTokens: addsSpecial)
        if case .unknownCharacter(let character, let place)? = leftOut {
            let name = character.unicodeScalars.map { "U+" + String($0.value, radix: 16, uppercase: true) }
            StandardError.write(
                "line \(stream.line): the vocabulary has no token for \(name.joined(separator: " ")) at place \(place); "
                    + "left out, as tokenizers leaves it out")
        }
        return ids
    }

    private struct Text: Encodable { let text: String }
    private struct Ids: Encodable { let ids: [Int32] }
}
