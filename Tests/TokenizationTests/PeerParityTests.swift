import Foundation
import Testing

@testable import Tokenization

/// Our ids against `tokenizers` and `transformers`; skipped where the peers' Python is not installed.
@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: Peer.python.path)))
struct PeerParityTests {
    @Test(arguments: [("<think>", "</think>"), ("<생각>", "</생각>")])
    func `transformers reads our character vocabulary as we do`(open: String, close: String) throws {
        let vocabulary = try CharacterVocabulary(openTag: open, closeTag: close)
        let printable = String(String.UnicodeScalarView(CharacterVocabulary.printable))
        try Peer.compare(
            tokenizerJSON: vocabulary.tokenizerJSON,
            configuration: vocabulary.tokenizerConfigurationJSON(maximumLength: 256),
            texts: [
                "Q:17*3+58+12*5=?\nA:", "A:\(open)17*3=51,51+58=109\(close)109<end>", "\(open)\(close)",
                "\n\n  \n a\n",
                printable, " \(open) hmm  let me see \n\(close)\n\n 12<end><pad><pad>", "<think",
                "it's we'LL don'T",
            ])
    }

    @Test func `transformers reads merges as we do`() throws {
        try Peer.compare(
            tokenizerJSON: Merged.json(), configuration: Merged.configuration,
            texts: Merged.texts + [String(repeating: "the theme ", count: 200)])
    }
}

/// Runs the peers' script over a model directory.
enum Peer {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
        .standardized
    static let python = root.appending(path: ".deps/peers/bin/python")

    private struct Line: Encodable {
        let text: String
        let ids: [Int32]
        let decoded: String
        let plain: String
    }

    static func compare(tokenizerJSON: [UInt8], configuration: [UInt8], texts: [String]) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "ponder-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(tokenizerJSON).write(to: folder.appending(path: "tokenizer.json"))
        try Data(configuration).write(to: folder.appending(path: "tokenizer_config.json"))
        try Data(#"{"model_type": "qwen2", "architectures": ["Qwen2ForCausalLM"]}"#.utf8)
            .write(to: folder.appending(path: "config.json"))
        let tokenizer = try Tokenizer(contentsOf: tokenizerJSON)
        var lines = Data()
        for text in texts {
            let ids = try tokenizer.encode(text)
            lines += try JSONEncoder().encode(
                Line(
                    text: text, ids: ids, decoded: tokenizer.decode(ids),
                    plain: tokenizer.decode(ids, skippingSpecialTokens: true)))
            lines.append(UInt8(ascii: "\n"))
        }
        let input = folder.appending(path: "texts.jsonl")
        try lines.write(to: input)

        let process = Process()
        process.executableURL = python
        process.arguments = [root.appending(path: "Scripts/peers/tokenizer_parity.py").path, folder.path]
        process.standardInput = try FileHandle(forReadingFrom: input)
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let report = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(report)")
    }
}
