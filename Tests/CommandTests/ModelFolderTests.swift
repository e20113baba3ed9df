import Foundation
import Testing

/// Model folders with a chat template or with more ids than tokens, and what a run writes of them.
@Suite struct ModelFolderTests {
    /// A copy of the tiny model, with more files.
    private func model(_ files: [String: String]) async throws -> (scratch: Scratch, path: String) {
        let scratch = try Scratch()
        let model = scratch.url.appending(path: "model")
        try FileManager.default.copyItem(atPath: try await TinyModel.folder(), toPath: model.path)
        for (name, text) in files { try Data(text.utf8).write(to: model.appending(path: name)) }
        return (scratch, model.path)
    }

    private let template = "{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}[bot]"
    private let instruction =
        "First think about the question between <think> and </think>, then give the answer alone."

    /// A folder with a `python3` that stands for one without jinja2, for `PATH`.
    private func pythonWithoutJinja(_ scratch: Scratch) throws -> String {
        let folder = scratch.url.appending(path: "bin")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let script = folder.appending(path: "python3")
        try Data("#!/bin/sh\necho '{\"jinja2\": false}'\n".utf8).write(to: script)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script.path)
        return folder.path
    }

    @Test func `without Python or jinja2 a chat template is refused with 2 and the remedy`() async throws {
        let (scratch, model) = try await model(["chat_template.jinja": template])
        let without = try pythonWithoutJinja(scratch)
        let configuration = try scratch.write("run.yaml", "policy: {model: \"\(model)\"}\n")
        for arguments in [
            ["ask", "--model", model, "1+1"], ["eval", "--model", model, "--count", "1"],
            ["train", configuration, "--run", scratch.path("run")],
            ["train", configuration, "--print-prompt"],
        ] {
            let noPython = try await PonderProcess.run(arguments, environment: ["PATH": "/nowhere"])
            #expect(noPython.status == 2, "\(noPython.errors)")
            #expect(noPython.errors.contains("there is no python3 in PATH; install both"))
            let noJinja = try await PonderProcess.run(arguments, environment: ["PATH": without])
            #expect(noJinja.status == 2, "\(noJinja.errors)")
            #expect(noJinja.errors.contains("install it (Debian: apt-get install python3-jinja2"))
        }
        #expect(!FileManager.default.fileExists(atPath: scratch.path("run")))
        let plain = try await PonderProcess.run(
            "ask", "--model", model, "--template", "plain", "--max-new", "2", "--json", "1+1",
            environment: ["PATH": "/nowhere"])
        #expect(plain.status == 0, "\(plain.errors)")
        let raw = try await PonderProcess.run(
            "generate", "--model", model, "--max-new", "2", input: #"{"prompt":"1+1"}"#,
            environment: ["PATH": "/nowhere"])
        #expect(raw.status == 0, "\(raw.errors)")
    }

    @Test(.enabled(if: hasJinja))
    func `a folder's chat template is how its questions are asked, and stands in the run's configuration`()
        async throws
    {
        let (scratch, model) = try await model(["chat_template.jinja": template])
        let asked = try await PonderProcess.run(
            "ask", "--model", model, "--max-new", "2", "--json", "1+1")
        let expected = "[system]\(instruction)[user]1+1=?[bot]"
        #expect(try asked.object()["prompt"] as? String == expected, "\(asked.errors)")

        let configuration = try scratch.write(
            "run.yaml",
            """
            steps: 0
            policy: {model: "\(model)"}
            problems: {source: sums, heldOut: 2}
            evaluation: {problems: 2}
            rollout: {maxNewTokens: 4}
            """)
        let shown = try await PonderProcess.run("train", configuration, "--print-prompt", "--json")
        let prompt = try #require(shown.object()["prompt"] as? String)
        #expect(prompt.hasPrefix("[system]\(instruction)[user]") && prompt.hasSuffix("[bot]"))
        let run = scratch.path("run")
        let done = try await PonderProcess.run("train", configuration, "--run", run, "--workers", "1")
        #expect(done.status == 0, "\(done.errors)")
        let saved = try String(contentsOfFile: "\(run)/config.yaml", encoding: .utf8)
        #expect(saved.contains("{question}[bot]"))
        // From here on no Python is needed, and the same configuration still fits the run.
        let again = try await PonderProcess.run(
            "train", configuration, "--run", run, "--workers", "1", environment: ["PATH": "/nowhere"])
        #expect(again.status == 0, "\(again.errors)")
        let answer = try await PonderProcess.run(
            "ask", "--run", run, "--max-new", "2", "--json", "1+1", environment: ["PATH": "/nowhere"])
        #expect(try answer.object()["prompt"] as? String == expected)
    }

    @Test(
        .enabled(if: hasJinja),
        arguments: [
            ("{{ messages[-1].content | upper }}", "leaves out or changes the question"),
            ("{{ messages[-1].content }}{{ messages[-1].content }}", "writes the question 2 times"),
            ("{{ ''.__class__.__mro__ }}", "SecurityError"),
        ])
    func `a chat template that does more is refused with the reason`(program: String, reason: String)
        async throws
    {
        let (scratch, model) = try await model(["chat_template.jinja": program])
        defer { withExtendedLifetime(scratch) {} }
        let outcome = try await PonderProcess.run("ask", "--model", model, "1+1")
        #expect(outcome.status == 2 && outcome.errors.contains(reason), "\(outcome.errors)")
    }

    private static let hasJinja: Bool = {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", "import jinja2"]
        process.standardError = FileHandle.nullDevice
        do { try process.run() } catch { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    @Test func `templates by name and by text are for ask, eval and generate`() async throws {
        let (scratch, model) = try await model([:])
        defer { withExtendedLifetime(scratch) {} }
        let asked = try await PonderProcess.run(
            "ask", "--model", model, "--template", "<{question}>", "--max-new", "2", "--json", "1+1")
        #expect(try asked.object()["prompt"] as? String == "<1+1=?>", "\(asked.errors)")
        let template = ["--model", model, "--template", "Q:{question}\nA:", "--max-new", "5"]
        let generated = try await PonderProcess.run(["generate"] + template, input: #"{"prompt":"1+1"}"#)
        let byHand = try await PonderProcess.run(
            "generate", "--model", model, "--max-new", "5", input: #"{"prompt":"Q:1+1\nA:"}"#)
        #expect(try generated.object()["ids"] as? [Int] == byHand.object()["ids"] as? [Int])
        for (name, words) in [
            ("chatml", "<|im_start|> is no token of this model"), ("r2", "did you mean r1?"),
            ("model", "has no chat template"),
        ] {
            let outcome = try await PonderProcess.run("ask", "--model", model, "--template", name, "1+1")
            #expect(outcome.status == 2 && outcome.errors.contains(words), "\(outcome.errors)")
        }
    }

    @Test func `ids of the model's padding have no text, and others are refused`() async throws {
        let (scratch, model) = try await model([:])
        let file = scratch.url.appending(path: "model/config.json")
        let text = try String(contentsOf: file, encoding: .utf8)
        try Data(text.replacing(#""vocab_size": 100"#, with: #""vocab_size": 103"#).utf8).write(to: file)
        let decoded = try await PonderProcess.run(
            "tokenize", "--decode", "--model", model, input: #"{"ids":[22,102,22]}"#)
        let alone = try await PonderProcess.run(
            "tokenize", "--decode", "--model", model, input: #"{"ids":[22,22]}"#)
        #expect(decoded.status == 0 && decoded.output == alone.output, "\(decoded.errors)")
        let other = try await PonderProcess.run(
            "tokenize", "--decode", "--model", model, input: #"{"ids":[103]}"#)
        #expect(other.status == 2 && other.errors.contains("103"))
    }

    @Test func `what a run has learned is exported without the optimizer`() async throws {
        let (scratch, model) = try await model([:])
        let configuration = try scratch.write(
            "run.yaml",
            """
            steps: 1
            policy: {model: "\(model)"}
            problems: {source: sums, heldOut: 2}
            evaluation: {problems: 2}
            rollout: {problems: 2, samples: 2, maxNewTokens: 4}
            """)
        let run = scratch.path("run")
        let done = try await PonderProcess.run("train", configuration, "--run", run, "--workers", "1")
        let hash = try #require(done.object()["policy_sha256"] as? String, "\(done.errors)")
        // The model that was pretrained here is kept in bf16, and so are its checkpoints.
        func size(_ path: String) throws -> Int {
            try #require(FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
        }
        let weights = try size("\(run)/policy/model.safetensors")
        #expect(try size("\(run)/policy/learner/masters.safetensors") > weights * 3 / 2)
        for (arguments, dtype, factor) in [([], "bf16", 1.0), (["--dtype", "fp32"], "fp32", 2.0)] {
            let output = scratch.path("out-\(dtype)")
            let exported = try await PonderProcess.run(
                ["export", "--run", run, "--output", output] + arguments)
            #expect(exported.status == 0, "\(exported.errors)")
            let object = try exported.object()
            #expect(object["dtype"] as? String == dtype && object["step"] as? Int == 1)
            #expect(object["policy_sha256"] as? String == hash)
            #expect(exported.errors.contains("MB in \(dtype)"))
            #expect(!FileManager.default.fileExists(atPath: "\(output)/learner"))
            let ratio = Double(try size("\(output)/model.safetensors")) / Double(weights)
            #expect(abs(ratio - factor) < 0.3)
            let used = try await PonderProcess.run("ask", "--model", output, "--max-new", "2", "1+1")
            #expect(used.status == 0, "\(used.errors)")
        }
        let first = try await PonderProcess.run(
            "export", "--run", run, "--step", "0", "--output", scratch.path("first"))
        #expect(try first.object()["step"] as? Int == 0, "\(first.errors)")
        let missing = try await PonderProcess.run(
            "export", "--run", run, "--step", "7", "--output", scratch.path("seven"))
        #expect(
            missing.status == 6 && missing.errors.contains("give one of the steps 1, 0"), "\(missing.errors)")
        let full = try await PonderProcess.run("export", "--run", run, "--output", run)
        #expect(full.status == 2 && full.errors.contains("nothing is overwritten"))
    }
}
