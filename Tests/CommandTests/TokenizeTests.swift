import Foundation
import Testing
import Tokenization

@Suite struct TokenizeTests {
    /// A folder that holds a character vocabulary's tokenizer.json and nothing else.
    private func folder() throws -> Scratch {
        let scratch = try Scratch()
        _ = try scratch.write(
            "tokenizer.json", String(decoding: CharacterVocabulary().tokenizerJSON, as: UTF8.self))
        return scratch
    }

    @Test func `what is decoded is what was encoded`() async throws {
        let scratch = try folder()
        let texts = ["Q:17*3+58=?\nA:<think>17*3=51</think>109<end>", "", "<think></think>", "a\"b\\c"]
        let lines = try texts.map { String(decoding: try JSONEncoder().encode(["text": $0]), as: UTF8.self) }
        let ids = try await PonderProcess.run(
            "tokenize", "--model", scratch.url.path, input: lines.joined(separator: "\n"))
        #expect(ids.status == 0)
        let back = try await PonderProcess.run(
            "tokenize", "--model", scratch.url.path, "--decode", input: ids.output)
        #expect(try back.objects().map { $0["text"] as? String } == texts)
    }

    @Test func `special tokens can be left out of the text`() async throws {
        let scratch = try folder()
        let ids = #"{"ids":[2,3,1,0]}"#
        let kept = try await PonderProcess.run(
            "tokenize", "--model", scratch.url.path, "--decode", input: ids)
        #expect(try kept.object()["text"] as? String == "<think></think><end><pad>")
        let left = try await PonderProcess.run(
            "tokenize", "--model", scratch.url.path, "--decode", "--no-special", input: ids)
        #expect(try left.object()["text"] as? String == "<think></think>")
    }

    @Test func `a character outside the vocabulary is named with its line`() async throws {
        let scratch = try folder()
        let outcome = try await PonderProcess.run(
            "tokenize", "--model", scratch.url.path, input: "{\"text\":\"1\"}\n{\"text\":\"1×2\"}\n")
        #expect(outcome.status == 2)
        #expect(outcome.lines.count == 1)
        #expect(outcome.errors.contains("line 2") && outcome.errors.contains("'×' (U+00D7)"))
    }

    @Test func `an id outside the vocabulary is named with its line`() async throws {
        let scratch = try folder()
        let outcome = try await PonderProcess.run(
            "tokenize", "--model", scratch.url.path, "--decode", input: #"{"ids":[1000]}"#)
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("line 1") && outcome.errors.contains("1000"))
    }

    /// A folder whose vocabulary has one merge, and a template that puts `<pad>` before every text.
    private func mergedFolder() throws -> Scratch {
        let scratch = try Scratch()
        let template =
            #"{"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<pad>", "type_id": 0}}, "#
            + #"{"Sequence": {"id": "A", "type_id": 0}}], "pair": [], "#
            + #""special_tokens": {"<pad>": {"id": "<pad>", "ids": [0], "tokens": ["<pad>"]}}}"#
        let text = String(decoding: try CharacterVocabulary().tokenizerJSON, as: UTF8.self)
            .replacingOccurrences(of: #""~": 99"#, with: #""~": 99, "ab": 100"#)
            .replacingOccurrences(of: #""merges": []"#, with: #""merges": ["a b"]"#)
            .replacingOccurrences(of: #""post_processor": null"#, with: #""post_processor": \#(template)"#)
        _ = try scratch.write("tokenizer.json", text)
        return scratch
    }

    @Test func `special tokens are added on request`() async throws {
        let scratch = try mergedFolder()
        let plain = try await PonderProcess.run(
            "tokenize", "--model", scratch.url.path, input: #"{"text":"ab"}"#)
        #expect(plain.lines == [#"{"ids":[100]}"#])
        let special = try await PonderProcess.run(
            "tokenize", "--model", scratch.url.path, "--special", input: #"{"text":"ab"}"#)
        #expect(special.lines == [#"{"ids":[0,100]}"#])
    }

    @Test func `what a vocabulary with merges lacks is left out, and told`() async throws {
        let scratch = try mergedFolder()
        let outcome = try await PonderProcess.run(
            "tokenize", "--model", scratch.url.path, input: #"{"text":"ab×ab"}"#)
        #expect(outcome.status == 0)
        #expect(outcome.lines == [#"{"ids":[100,100]}"#])
        #expect(outcome.errors.contains("line 1: the vocabulary has no token for U+D7 at place 2"))
    }

    @Test func `a file that cannot be read ends with 2, file and place`() async throws {
        let scratch = try mergedFolder()
        let text = try String(contentsOf: scratch.url.appending(path: "tokenizer.json"), encoding: .utf8)
        _ = try scratch.write("tokenizer.json", text.replacingOccurrences(of: #""NFC""#, with: #""NFKC""#))
        let outcome = try await PonderProcess.run(
            "tokenize", "--model", scratch.url.path, input: #"{"text":"ab"}"#)
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("\(scratch.url.path)/tokenizer.json: normalizer.type is 'NFKC'"))
    }

    @Test func `the benchmark counts what it encodes`() async throws {
        let scratch = try mergedFolder()
        let text = try scratch.write("text.txt", "ab ab\nab\n")
        let outcome = try await PonderProcess.run(
            "benchmark", "tokenizer", "--model", scratch.url.path, "--text", text, "--rounds", "1", "--json")
        let report = try outcome.object()
        #expect(report["bytes"] as? Int == 9)
        #expect(report["tokens"] as? Int == 6)
        #expect(try #require(report["encode_mb_per_s"] as? Double) > 0)
        let missing = try await PonderProcess.run("benchmark", "tokenizer", "--text", "/nowhere.txt")
        #expect(missing.status == 2)
    }

    @Test func `without a folder the base in PONDER_HOME is used`() async throws {
        let scratch = try Scratch()
        let base = scratch.url.appending(path: "share/base")
        try FileManager.default.createDirectory(at: base, withIntermediateDirectories: true)
        let vocabulary = try CharacterVocabulary(characters: ["x", "y"])
        try Data(vocabulary.tokenizerJSON).write(to: base.appending(path: "tokenizer.json"))
        try Data("{}".utf8).write(to: base.appending(path: "config.json"))
        let outcome = try await PonderProcess.run(
            "tokenize", input: #"{"text":"yx"}"#, environment: ["PONDER_HOME": scratch.url.path])
        #expect(outcome.lines == [#"{"ids":[5,4]}"#])
    }

    @Test func `a folder without a tokenizer ends with 2`() async throws {
        let scratch = try Scratch()
        let outcome = try await PonderProcess.run("tokenize", "--model", scratch.url.path)
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("tokenizer.json: cannot be read"))
    }
}
