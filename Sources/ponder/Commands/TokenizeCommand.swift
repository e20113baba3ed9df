import ArgumentParser
import Foundation
import Tokenization
import Transformers

/// `ponder tokenize`: text to token ids and back.
struct TokenizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenize",
        abstract: "Turn text into a model's token ids, or ids into text.",
        discussion: """
            Reads JSON lines {"text": …} and writes {"ids": […]}; with --decode the other way round. Ids are those of Hugging \
            Face's tokenizers; nothing is added. A character that the vocabulary lacks is an error (exit code 2). \
            Only tokenizer.json is read, of the model that comes with Ponder when no folder is named.

            Examples:
              echo '{"text":"Q:17+25=?"}' | ponder tokenize --model my-model
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
        help: "With --decode: keep special tokens, such as the end token, in the text.")
    var special = true

    @Flag(help: "Accepted for uniformity: the output is JSON lines in any case.")
    var json = false

    func run() throws {
        let path = "\(try model ?? EmbeddedBase.folder())/tokenizer.json"
        guard let file = FileManager.default.contents(atPath: path) else {
            throw CommandFailure(.usage, "\(path): cannot be read; name a model folder with --model")
        }
        let tokenizer = try Tokenizer(contentsOf: Array(file))
        try JSONLineStream.run { stream in
            do {
                if decode {
                    while let line = try stream.next(Ids.self) {
                        try stream.write(
                            Text(text: tokenizer.decode(line.ids, skippingSpecialTokens: !special)))
                    }
                } else {
                    while let line = try stream.next(Text.self) {
                        try stream.write(Ids(ids: tokenizer.encode(line.text)))
                    }
                }
            } catch let error as TokenizerError {
                throw stream.failure("\(error)")
            }
        }
    }

    private struct Text: Codable { let text: String }
    private struct Ids: Codable { let ids: [Int32] }
}
