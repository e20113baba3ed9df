import Foundation
import Reasoning
import StrictConfiguration
import Testing

@testable import Settings

/// Several files, `--set`, and paths.
@Suite struct ConfigurationLayerTests {
    private func read(_ assignments: String...) throws -> RunConfiguration {
        try RunConfiguration(assignments.map { try ConfigurationLayer(assignment: $0) })
    }

    private func complaint(_ assignments: String...) -> String {
        do {
            _ = try RunConfiguration(assignments.map { try ConfigurationLayer(assignment: $0) })
            return "accepted"
        } catch {
            return "\(error)"
        }
    }

    @Test func `a value is read as YAML, and as text where only text is allowed`() throws {
        let read = try read(
            "steps=7", "learning={rate: 1e-4, betas: [0.9, 0.95]}", "problems.heldOut=20",
            "problems.heldOut=auto",
            "prompt.template=Q: {question} = ", "prompt.stop=[\"\\n\"]", "prompt.prefill=null",
            "reward.mode=accuracyOnly", "policy.model=/a b/#1")
        #expect(read.steps == 7 && read.learning.rate == 1e-4 && read.learning.betas == [0.9, 0.95])
        #expect(read.problems.heldOut == nil && read.prompt.template == "Q: {question} = ")
        #expect(read.prompt.stop == ["\n"] && read.prompt.prefill == nil)
        #expect(read.reward.mode == .accuracyOnly && read.policy.model == "/a b/#1")
    }

    @Test(arguments: [
        ("steps", "--set steps: give key=value, such as --set learning.rate=1e-4"),
        ("=1", "--set =1: give key=value"),
        ("steps=many", "--set steps=many: steps: many is not allowed; give an integer"),
        ("learning.rat=1", "learning.rat: unknown key; did you mean learning.rate?"),
        ("steps=[1", "steps: not YAML"), ("steps=", "steps:  is not allowed"),
        ("num_generations=4", "num_generations: unknown key; here it is rollout.samples"),
        ("=", "give key=value"), ("learning..rate=1", "a key is empty"),
    ])
    func `an assignment that cannot be used is named`(assignment: String, expected: String) {
        #expect(complaint(assignment).contains(expected), "\(complaint(assignment))")
    }

    @Test func `the faults of all layers are told, each with its source`() throws {
        let scratch = try Folder()
        let first = try scratch.write("a.yaml", "steps: x\n"),
            second = try scratch.write("b.yaml", "\nrat: 1\n")
        #expect {
            try RunConfiguration([
                ConfigurationLayer(yamlFile: first), ConfigurationLayer(yamlFile: second),
                ConfigurationLayer(assignment: "seed=-1"),
            ])
        } throws: {
            let lines = "\($0)".split(separator: "\n")
            return lines.count == 3 && lines[0].hasPrefix("\(first):1: steps: ")
                && lines[1].hasPrefix("\(second):2: rat: ") && lines[2].hasPrefix("--set seed=-1: seed: ")
        }
    }

    @Test func `a later file replaces single settings of an earlier one`() throws {
        let scratch = try Folder()
        let layers = try [
            ("a.yaml", "learning: {rate: 1e-3, warmup: 5}\nsteps: 3"), ("b.yaml", "learning: {rate: 1e-5}"),
        ].map { try ConfigurationLayer(yamlFile: scratch.write($0.0, $0.1)) }
        let read = try RunConfiguration(layers + [ConfigurationLayer(assignment: "steps=9")])
        #expect(read.learning.rate == 1e-5 && read.learning.warmup == 5 && read.steps == 9)
    }

    @Test func `a contradiction between layers is found when all are read`() throws {
        let both = try read("problems.source=jsonlines", "problems.path=/p.jsonl")
        #expect(both.problems.path == "/p.jsonl")
        #expect(
            complaint("problems.source=jsonlines").contains(
                "--set problems.source=jsonlines: problems.path: source jsonlines needs"))
    }

    @Test func `relative paths count from the folder of their file`() throws {
        let scratch = try Folder()
        for name in ["model/config.json", "bin/verify", "sub/gen.py"] { _ = try scratch.write(name, "") }
        let file = try scratch.write(
            "sub/run.yaml",
            """
            policy: {model: ../model}
            problems: {source: external, command: [python3, gen.py, other.py, --from=gen.py, gen], heldOutPath: t/x.jsonl, verifier: external}
            verifier: {command: [../bin/verify, -x]}
            rewards: [{name: brief, weight: 1, command: [python3, "gen.py:brief"]}]
            """)
        let root = scratch.path
        let read = try RunConfiguration([ConfigurationLayer(yamlFile: file)])
        #expect(read.policy.model == "\(root)/model")
        #expect(read.problems.heldOutPath == "\(root)/sub/t/x.jsonl")
        #expect(
            read.problems.command == ["python3", "\(root)/sub/gen.py", "other.py", "--from=gen.py", "gen"])
        #expect(read.verifier.command == ["\(root)/bin/verify", "-x"])
        #expect(read.rewards.map(\.command) == [["python3", "\(root)/sub/gen.py:brief"]])
        var again = read
        again.makePathsAbsolute(from: "/elsewhere")
        #expect(again == read)
    }

    @Test func `paths of an assignment count from the working directory`() throws {
        let working = FileManager.default.currentDirectoryPath
        let read = try read("problems.source=jsonlines", "problems.path=p.jsonl", "policy.model=./m")
        #expect(read.problems.path == "\(working)/p.jsonl" && read.policy.model == "\(working)/m")
    }

    @Test(arguments: [
        ("embedded", "embedded"), ("Qwen/Qwen3-0.6B", "Qwen/Qwen3-0.6B"), ("model", "/f/model"),
        ("./org/name", "/f/org/name"), ("/abs/model", "/abs/model"), ("a/b/c", "/f/a/b/c"),
    ])
    func `a model's name of two words that is no folder stays for the model hub`(
        name: String, expected: String
    ) {
        var configuration = RunConfiguration()
        configuration.policy.model = name
        configuration.makePathsAbsolute(from: "/f")
        #expect(configuration.policy.model == expected)
    }

    @Test func `what Ponder may choose is kept by a run that has chosen`() {
        var saved = RunConfiguration(), wanted = RunConfiguration()
        saved.problems.heldOut = 512
        saved.evaluation.problems = 64
        wanted.keepChoices(of: saved)
        #expect(wanted == saved)
        wanted.problems.heldOut = 100
        wanted.keepChoices(of: saved)
        #expect(wanted.problems.heldOut == 100)
    }

    @Test func `a folder, and a file that is not there, are named with the remedy`() throws {
        let scratch = try Folder()
        for (path, expected) in [
            (scratch.path, "\(scratch.path): cannot be read: Is a directory; name a file"),
            (scratch.path + "/no.yaml", "no.yaml: no such file; name a YAML file"),
            (try scratch.write("big", String(repeating: "#\n", count: 600_000)), "larger than 1 MiB"),
        ] {
            #expect { try ConfigurationLayer(yamlFile: path) } throws: { "\($0)".contains(expected) }
        }
    }
}

/// What other programs call a setting.
@Suite struct FamiliarNameTests {
    private func complaint(_ yaml: String) -> String {
        do {
            _ = try RunConfiguration(yaml: yaml, source: "run.yaml")
            return "accepted"
        } catch {
            return "\(error)"
        }
    }

    @Test func `every answer names settings that exist`() {
        let known = Set(RunConfiguration().settings().map(\.path))
        #expect(RunConfiguration.familiarNames.count > 100)
        for (name, answer) in RunConfiguration.familiarNames {
            switch answer {
            case .key(let paths, _): #expect(known.isSuperset(of: paths), "\(name)")
            case .none(let reason): #expect(!reason.isEmpty)
            }
            #expect(!known.contains(name), "\(name) is a setting, so its answer is never given")
        }
    }

    @Test(arguments: [
        ("num_generations: 8", "here it is rollout.samples"), ("groupSize: 8", "here it is rollout.samples"),
        ("beta: 0.04", "there is none, because the loss has no KL term"),
        ("kl_coef: 0.1", "there is none, because the loss has no KL term"),
        ("max_completion_length: 512", "here it is rollout.maxNewTokens"),
        ("lora_r: 16", "there is none, because all weights are trained"),
        ("learningRate: 1e-5", "here it is learning.rate"), ("batchSize: 8", "here it is rollout.problems"),
        ("temperature: 1", "here it is rollout.temperature"),
        ("max_new_tokens: 5", "here it is rollout.maxNewTokens"),
        (
            "rollout: {max_new_tokens: 5}",
            "rollout.max_new_tokens: unknown key; here it is rollout.maxNewTokens"
        ),
        ("learning: {weight_decay: 0.1}", "here it is learning.weightDecay"),
        ("problems: {held_out: 5}", "here it is problems.heldOut"),
        ("top_p: 0.9", "ask, eval and generate have --top-p"),
        ("epsilon: 0.2", "here it is learning.clipLow and learning.clipHigh"),
        ("per_device_train_batch_size: 8", "here it is rollout.problems"),
        ("save_steps: 10", "here it is checkpoint.every"),
        ("model_name_or_path: x", "here it is policy.model"),
        ("val_files: x", "here it is problems.heldOutPath"),
        (
            "actor_rollout_ref:\n  rollout:\n    n: 8\n",
            "run.yaml:3: actor_rollout_ref.rollout.n: unknown key; here it is rollout.samples"
        ),
        ("grpo: {beta: 0.1, foo: 1}", "grpo.beta: unknown key; there is none"),
        ("learning: {temperature: 1}", "did you mean rollout.temperature?"),
    ])
    func `a familiar name is answered`(yaml: String, expected: String) {
        #expect(complaint(yaml).contains(expected), "\(complaint(yaml))")
        #expect(!complaint(yaml).contains("learning.betas"))
    }
}

/// A folder of its own, gone with the value.
private final class Folder {
    private let url = FileManager.default.temporaryDirectory.appending(
        path: "ponder-layers-\(UUID().uuidString)")
    var path: String { url.path }

    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(at: url) }

    func write(_ name: String, _ text: String) throws -> String {
        let file = url.appending(path: name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
        return file.path
    }
}
