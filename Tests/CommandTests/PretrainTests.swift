import Foundation
import Learning
import Reasoning
import RunStore
import Settings
import StrictConfiguration
import Testing

@Suite struct PretrainTests {
    private static let root = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    @Test func `the file in the repository says what the defaults are`() async throws {
        let file = Self.root.appending(path: "Deploy/runs/base.yaml")
        // After a change of the defaults: ponder pretrain --print-config > Deploy/runs/base.yaml
        #expect(try PretrainingConfiguration(yamlFile: file.path) == PretrainingConfiguration())
        let printed = try await PonderProcess.run("pretrain", "--print-config")
        #expect(printed.output == (try String(contentsOf: file, encoding: .utf8)))
    }

    @Test func `a printed configuration is what was read, and reads back`() async throws {
        let scratch = try Scratch()
        let file = try scratch.write("own.yaml", "rate: 0.001\nbooks: {worked: 12}\nbills: {terms: [2, 3]}\n")
        let printed = try await PonderProcess.run(
            "pretrain", file, "--steps", "7", "--seed", "3", "--print-config")
        let read = try PretrainingConfiguration(yaml: printed.output)
        #expect(read.steps == 7 && read.seed == 3 && read.rate == 0.001)
        #expect(read.books.worked == 12 && read.bills.terms == 2...3)
        #expect(read.yaml == printed.output)
    }

    @Test(arguments: [
        ("step: 5", "own.yaml:1: step: unknown key; did you mean steps?"),
        ("model: {hiden: 5}", "did you mean model.hidden?"),
        ("\nrate: fast", "own.yaml:2: rate: fast is not allowed"),
        ("books: {fact: -1}", "books.fact: -1 is not allowed"), ("bills: {terms: [4, 2]}", "bills.terms"),
        ("model: {hidden: 130}", "must be an even multiple of model.heads"),
        (
            "books: {fact: 0, blurt: 0, ramble: 0, untagged: 0, worked: 0, broken: 0}",
            "books: at least one share must be above 0"
        ),
    ])
    func `a configuration that cannot be used ends with 2 and the place`(_ text: String, _ message: String)
        async throws
    {
        let scratch = try Scratch()
        let file = try scratch.write("own.yaml", text)
        let outcome = try await PonderProcess.run("pretrain", file, "--output", scratch.path("model"))
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains(message))
        #expect(!FileManager.default.fileExists(atPath: scratch.path("model")))
    }

    @Test func `a value of a flag is checked like a file's`() async throws {
        let outcome = try await PonderProcess.run("pretrain", "--steps", "0", "--output", "/nowhere/model")
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("steps: 0 is not allowed"))
    }

    @Test func `a folder that holds something is left alone`() async throws {
        let scratch = try Scratch()
        let file = try scratch.write("precious", "text")
        let outcome = try await PonderProcess.run("pretrain", "--output", scratch.url.path)
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("precious"))
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "text")
    }

    @Test func `a base that cannot work is written, measured and not accepted`() async throws {
        let outcome = try await TinyModel.pretraining()
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("is not accepted: "))
        let measure = try outcome.object()
        for key in ["form", "right", "direct", "worked"] { #expect(measure[key] is Double) }
        let names = try FileManager.default.contentsOfDirectory(atPath: try await TinyModel.folder()).sorted()
        #expect(names == ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"])
    }
}
