import ArgumentParser
import Benchmarks
import Foundation
import Primitives
import Tokenization

/// `ponder benchmark tokenizer`: megabytes of text a second.
struct BenchmarkTokenizerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenizer",
        abstract: "Time turning a text into token ids and back, on one core.",
        discussion: """
            Encodes --text line by line, then decodes the ids line by line; --rounds times each, of which the median \
            counts. A megabyte is a million bytes of UTF-8. Without --model it takes the tokenizer that comes with Ponder, \
            which knows ASCII only.

            Examples:
              ponder benchmark tokenizer --model my-model --text book.txt
              ponder benchmark tokenizer --model my-model --text book.txt --json
            """
    )

    @Option(help: ArgumentHelp("A folder with a tokenizer.json.", valueName: "dir")) var model: String?
    @Option(help: ArgumentHelp("A text file in UTF-8.", valueName: "file")) var text: String
    @Option(help: "Rounds that are timed.") var rounds = 5
    @Flag(help: "Print one JSON object.") var json = false

    func validate() throws {
        guard (1...1000).contains(rounds) else { throw ValidationError("--rounds must be from 1 to 1000.") }
    }

    func run() throws {
        guard let data = FileManager.default.contents(atPath: text),
            let whole = String(validating: data, as: UTF8.self)
        else { throw CommandFailure(.usage, "\(text): cannot be read as UTF-8; give --text a text file") }
        guard !whole.isEmpty else {
            throw CommandFailure(.usage, "\(text): is empty; give --text a longer file")
        }
        let clock = ContinuousClock()
        let start = clock.now
        let tokenizer = try TokenizeCommand.tokenizer(model)
        let loaded = clock.now
        let pieces = whole.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let lines = pieces.dropLast().map { $0 + "\n" } + pieces.suffix(1)
        var ids: [[Int32]] = []
        let encoding = clock.medianSeconds(rounds) { ids = lines.map { tokenizer.encodeLeavingOut($0).ids } }
        let decoding = try clock.medianSeconds(rounds) { for line in ids { _ = try tokenizer.decode(line) } }
        let megabytes = Double(data.count) / 1e6
        let report = Report(
            bytes: data.count, tokens: ids.reduce(0) { $0 + $1.count }, rounds: rounds,
            loadS: (loaded - start).seconds, encodeMbPerS: megabytes / encoding,
            decodeMbPerS: megabytes / decoding)
        if json { try JSON.print(report) } else { report.show() }
    }

    private struct Report: Encodable {
        let bytes, tokens, rounds: Int
        let loadS, encodeMbPerS, decodeMbPerS: Double

        func show() {
            print("\(bytes) bytes, \(tokens) tokens, median of \(rounds) rounds on one core")
            print("load     \(loadS.shown(2)) s")
            print("encode   \(encodeMbPerS.shown()) MB/s")
            print("decode   \(decodeMbPerS.shown()) MB/s")
        }
    }
}

extension ContinuousClock {
    /// The median time of the rounds.
    fileprivate func medianSeconds(_ rounds: Int, _ body: () throws -> Void) rethrows -> Double {
        try (0..<rounds).map { _ in try measure(body).seconds }.median
    }
}
