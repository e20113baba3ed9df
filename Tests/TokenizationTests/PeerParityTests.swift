import Foundation
import TestSupport
import Testing

@testable import Tokenization

/// Our ids against `tokenizers` and `transformers`; skipped where the peers' Python is not installed.
@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: Peer.python.path)))
struct PeerParityTests {
    @Test func `the peers read our character vocabulary and byte pairs as we do`() async throws {
        var peer = try Peer()
        defer { peer.removeFiles() }
        let printable = String(String.UnicodeScalarView(CharacterVocabulary.printable))
        for (open, close) in [("<think>", "</think>"), ("<생각>", "</생각>")] {
            let vocabulary = try CharacterVocabulary(openTag: open, closeTag: close)
            try peer.add(
                tokenizerJSON: vocabulary.tokenizerJSON,
                configuration: vocabulary.tokenizerConfigurationJSON(maximumLength: 256), model: "qwen2",
                texts: [
                    "Q:17*3+58+12*5=?\nA:", "A:\(open)17*3=51,51+58=109\(close)109<end>", "\(open)\(close)",
                    "\n\n  \n a\n", " \(open) hmm  let me see \n\(close)\n\n 12<end><pad><pad>", "<think",
                    "it's we'LL don'T", printable,
                ])
        }
        let others = [
            (SplitPattern?.some(.qwen2), "Qwen2Tokenizer", "qwen2"), (.gpt2, "GPT2Tokenizer", "gpt2"),
            (.none, "PreTrainedTokenizerFast", "llama"),
        ]
        for (pattern, name, model) in others {
            try peer.add(
                tokenizerJSON: Merged.json(pattern: pattern), configuration: Merged.configuration(of: name),
                model: model,
                texts: Merged.texts + Merged.randomTexts + [String(repeating: "the theme ", count: 200)])
        }
        let (status, report) = try await peer.run()
        #expect(status == 0, "\(report)")
    }

    @Test func `the peers' script sees one wrong id`() async throws {
        var peer = try Peer()
        defer { peer.removeFiles() }
        let vocabulary = try CharacterVocabulary()
        try peer.add(
            tokenizerJSON: vocabulary.tokenizerJSON,
            configuration: vocabulary.tokenizerConfigurationJSON(maximumLength: 256), model: "qwen2",
            texts: ["1+1=?\n"], shift: 1)
        #expect(try await peer.run().status == 1)
    }
}

/// Model directories for the peers' script, one process for all of them: its start costs seconds.
struct Peer {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
        .standardized
    static let python = root.appending(path: ".deps/peers/bin/python")

    private struct Line: Encodable {
        let text: String
        let ids: [Int32]
        let decoded: String
        let plain: String
    }

    private let folder: URL
    private var directories: [URL] = []

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "ponder-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    func removeFiles() { try? FileManager.default.removeItem(at: folder) }

    mutating func add(
        tokenizerJSON: [UInt8], configuration: [UInt8], model: String, texts: [String], shift: Int32 = 0
    ) throws {
        let directory = folder.appending(path: "\(directories.count)")
        directories.append(directory)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try Data(tokenizerJSON).write(to: directory.appending(path: "tokenizer.json"))
        try Data(configuration).write(to: directory.appending(path: "tokenizer_config.json"))
        try Data(#"{"model_type": "\#(model)"}"#.utf8).write(to: directory.appending(path: "config.json"))
        let tokenizer = try Tokenizer(contentsOf: tokenizerJSON)
        var lines = Data()
        for text in texts {
            let ids = try tokenizer.encode(text).map { $0 + shift }
            lines += try JSONEncoder().encode(
                Line(
                    text: text, ids: ids, decoded: tokenizer.decode(ids),
                    plain: tokenizer.decode(ids, skippingSpecialTokens: true)))
            lines.append(UInt8(ascii: "\n"))
        }
        try lines.write(to: directory.appending(path: "texts.jsonl"))
    }

    /// Ends within two minutes, whatever the script does.
    func run() async throws -> (status: Int32, report: String) {
        let script = Self.root.appending(path: "Scripts/peers/tokenizer_parity.py").path
        let done = try await TestProgram.run(Self.python, [script] + directories.map(\.path))
        return (done.status, done.output + done.errors)
    }
}
