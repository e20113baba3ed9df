import Foundation
import Testing

/// Configurations on the command line, and problem files of other projects.
@Suite struct ConfigurationCommandTests {
    private let scratch: Scratch
    private let rows = (0..<40).map { #"{"prompt":"\#($0)+1=?","info":{"gold":\#($0 + 1)}}"# }.joined(
        separator: "\n")

    init() throws { scratch = try Scratch() }

    @Test func `files and --set are merged from left to right, and standard input is a file`() async throws {
        let first = try scratch.write("a.yaml", "steps: 5\nlearning: {rate: 1e-3, warmup: 3}\n")
        let outcome = try await PonderProcess.run(
            "train", first, "-", "--set", "seed=7", "--print-config", "--set", "rollout.samples=4",
            input: "learning: {rate: 2e-3}\n")
        #expect(outcome.status == 0, "\(outcome.errors)")
        for line in ["steps: 5", "seed: 7", "  rate: 0.002", "  warmup: 3", "  samples: 4"] {
            #expect(outcome.lines.contains(line), "\(line)")
        }
        let fromPipe = try await PonderProcess.run(
            "train", "/dev/stdin", "--print-config", input: "steps: 6\n")
        #expect(fromPipe.lines.contains("steps: 6"), "\(fromPipe.errors)")
    }

    @Test(arguments: [
        (
            ["--set", "learning.rat=1"],
            "--set learning.rat=1: learning.rat: unknown key; did you mean learning.rate?"
        ),
        (["--set", "steps"], "--set steps: give key=value"),
        (["--set", "beta=0.1"], "beta: unknown key; there is none, because the loss has no KL term"),
    ])
    func `a --set that cannot be used ends with 2`(arguments: [String], expected: String) async throws {
        for command in [
            ["train", "--print-config"], ["eval"],
            ["coordinator", "--bind", "ipc:///tmp/x", "--run", "/nowhere/r"],
        ] {
            let outcome = try await PonderProcess.run(command + arguments)
            #expect(outcome.status == 2 && outcome.errors.contains(expected), "\(outcome.errors)")
        }
    }

    @Test func `the problems of a configuration count from its folder, and a missing file says where it was`()
        async throws
    {
        _ = try scratch.write("p.jsonl", rows)
        let file = try scratch.write(
            "run.yaml",
            "problems: {source: jsonlines, path: p.jsonl, fields: {question: prompt, answer: info.gold}}\n")
        let shown = try await PonderProcess.run("train", "--print-prompt", file, "--json")
        let expected = try #require(try shown.object()["problem"] as? [String: Any])["expected"] as? String
        #expect(shown.status == 0 && Int(expected ?? "") != nil, "\(shown.errors)")
        let missing = try await PonderProcess.run(
            "train", "--print-prompt", file, "--set", "problems.path=no.jsonl")
        let place = FileManager.default.currentDirectoryPath + "/no.jsonl: cannot be read: No such file"
        #expect(missing.status == 2 && missing.errors.contains(place), "\(missing.errors)")
    }

    @Test func `eval reads other formats and field names, and a run's configuration`() async throws {
        let model = try await TinyModel.folder()
        let named = try scratch.write("p.jsonl", rows)
        let fields = try await PonderProcess.run(
            "eval", "--model", model, "--problems", named, "--fields", "question=prompt,answer=info.gold",
            "--count",
            "3", "--max-new", "4", "--json")
        #expect(try fields.object()["problems"] as? Int == 3, "\(fields.errors)")

        let gsm8k = try scratch.write("g.jsonl", #####"{"question":"1+1=?","answer":"#### 2"}"#####)
        let format = try await PonderProcess.run(
            "eval", "--model", model, "--problems", gsm8k, "--format", "gsm8k", "--max-new", "4", "--json")
        #expect(try format.object()["problems"] as? Int == 1, "\(format.errors)")

        let file = try scratch.write(
            "run.yaml",
            """
            policy: {model: \(model)}
            problems: {source: jsonlines, path: p.jsonl, fields: {question: prompt, answer: info.gold}}
            """)
        let held = try await PonderProcess.run(
            "eval", "--config", file, "--set", "rollout.maxNewTokens=4", "--json")
        #expect(try held.object()["problems"] as? Int == 4, "\(held.errors)")

        let wrong = try await PonderProcess.run(
            "eval", "--model", model, "--problems", gsm8k, "--format", "gsm")
        #expect(wrong.status == 2 && wrong.errors.contains("--format problems.format=gsm"), "\(wrong.errors)")
        let unknown = try await PonderProcess.run(
            "eval", "--model", model, "--problems", named, "--fields", "answr=info.gold")
        #expect(unknown.errors.contains("did you mean problems.fields.answer?"), "\(unknown.errors)")
    }

    @Test func `a blank line of responses is skipped, and several answers are accepted`() async throws {
        let outcome = try await PonderProcess.run(
            "score", "--verifier", "exact",
            input: #"{"answer":"four","expected":["4","four"]}"# + "\n\n  \n"
                + #"{"answer":"x","expected":"y"}"#)
        #expect(outcome.status == 0 && outcome.lines.count == 2, "\(outcome.errors)")
        #expect(outcome.lines.first?.contains(#""correct":true"#) == true)
    }
}
