import Foundation
import Testing

/// A problems file that cannot be used ends `ponder train` with 2, one sentence, and no run.
@Suite struct ProblemFileCommandTests {
    private func train(_ settings: String, _ scratch: Scratch) async throws -> PonderProcess.Outcome {
        let file = try scratch.write("run.yaml", "problems: {source: jsonlines, \(settings)}\n")
        let outcome = try await PonderProcess.run(
            "train", file, "--run", scratch.path("run"), "--workers", "1")
        #expect(outcome.status == 2, "\(outcome.errors)")
        #expect(outcome.output.isEmpty)
        #expect(!FileManager.default.fileExists(atPath: scratch.path("run")))
        return outcome
    }

    @Test(arguments: [
        (#"{"question":"1+1=?","expected":"2"}"# + "\n{\"question\":\"x\"}\n", "rows:2: "),
        (#"{"question":"1+1=?","expected":"two","verifier":"number"}"#, "rows:1: "),
        ("", "rows: holds no problem"), ("PK\u{3}\u{4}", "rows: is a zip file"),
        (
            #"{"question":"1+1=?","expected":"2"}"#,
            "rows: every problem is held out, none is left to train on"
        ),
        (#"[{"question":"1+1=?","expected":"2"}]"#, "rows: is one JSON array"),
    ])
    func `a bad file is named with its line and the remedy`(text: String, expected: String) async throws {
        let scratch = try Scratch()
        let path = try scratch.write("rows", text)
        let outcome = try await train("path: \(path)", scratch)
        #expect(outcome.errors.contains(expected), "\(outcome.errors)")
    }

    @Test(arguments: [("", "is not a file"), ("/missing", "cannot be read")])
    func `a folder and a missing file are named`(tail: String, expected: String) async throws {
        let scratch = try Scratch()
        let outcome = try await train("path: \(scratch.url.path)\(tail)", scratch)
        #expect(outcome.errors.contains("\(scratch.url.path)\(tail): \(expected)"), "\(outcome.errors)")
    }

    @Test func `the embedded default cannot write what a template asks, and says which character`()
        async throws
    {
        let scratch = try Scratch()
        let rows = (0..<40).map { #"{"question":"Wie viel ist \#($0) × 2?","expected":\#($0 * 2)}"# }
        let path = try scratch.write("rows", rows.joined(separator: "\n"))
        let outcome = try await train("path: \(path), heldOut: 2}\nevaluation: {problems: 2", scratch)
        #expect(outcome.errors.contains("cannot read the prompt of problem"), "\(outcome.errors)")
    }
}
