import BuiltInVerifiers
import Foundation
import Reasoning
import Reinforcement
import Settings
import StrictConfiguration
import StrictJSON
import Testing

@Suite struct RunConfigurationTests {
    /// The faults that reading `yaml` reports, as people see them.
    private func complaint(_ yaml: String) -> String {
        do {
            _ = try RunConfiguration(yaml: yaml, source: "run.yaml")
            return "accepted"
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: ["", "# nothing\n", "learning:\n  # rate: 1\n"])
    func `a file that says nothing is the embedded default`(yaml: String) throws {
        #expect(try RunConfiguration(yaml: yaml) == RunConfiguration())
    }

    @Test func `settings that no worker reads change nothing of what workers are given`() throws {
        var changed = RunConfiguration()
        changed.steps = 7
        changed.learning.rate = 1e-6
        changed.evaluation.every = 3
        changed.evaluation.problems = 8
        changed.checkpoint.every = 1
        changed.audit.rate = 1
        changed.records.traces = 0
        changed.deadlines.ping = 0.5
        #expect(changed.forWorkers == RunConfiguration().forWorkers)
        #expect(try RunConfiguration(json: changed.forWorkers.canonicalJSON) == changed.forWorkers)
        changed.rollout.temperature = 1
        #expect(changed.forWorkers != RunConfiguration().forWorkers)
    }

    @Test func `a file names only what it changes`() throws {
        let read = try RunConfiguration(
            yaml: "learning: {rate: 2e-5, advantage: group}\nproblems:\n  bills: {terms: [3, 5]}\nseed: 7\n")
        var expected = RunConfiguration()
        expected.learning.rate = 2e-5
        expected.learning.advantage = .group
        expected.problems.generated.bills.terms = 3...5
        expected.seed = 7
        #expect(read == expected)
    }

    @Test func `the printed configuration reads back and explains every field`() throws {
        var changed = RunConfiguration()
        changed.problems.source = .jsonlines
        changed.problems.path = "# a \"path\"\\with\tall: of it\u{85}\u{2028}가"
        changed.prompt.open = "<생각>"
        changed.prompt.close = "</생각>"
        changed.learning.betas = [0.5, 1e-7]
        changed.prompt.direct = true
        changed.prompt.prefill = " <생각>"
        changed.prompt.examples = [
            PromptExample(question: "4 + 5 = ?", thought: " \"4\"\n", answer: "9: {a}"),
            PromptExample(question: "1", thought: "null", answer: "- 5"),
        ]
        changed.prompt.stop = ["\n", ": ", "null", "5"]
        changed.problems.verifier = "external"
        changed.verifier.command = ["python3", "a: \"b\" # c", "7", "null"]
        changed.verifier.math.read = .boxed
        changed.reward.undecided = .exclude
        changed.rewards = [
            RewardSettings(name: "brief_1", weight: -0.5, judge: .command(["python3", "a b.py"])),
            RewardSettings(name: "null", weight: 1, judge: .verifier("exact")),
        ]
        changed.prompt.answerOpen = "<답>"
        changed.prompt.answerClose = "</답>"
        for configuration in [RunConfiguration(), changed] {
            #expect(try RunConfiguration(yaml: configuration.yaml) == configuration)
            #expect(
                try RunConfiguration(yaml: String(decoding: configuration.canonicalJSON, as: UTF8.self))
                    == configuration)
            #expect(try RunConfiguration(json: configuration.canonicalJSON) == configuration)
        }
        // A comment may go over several lines.
        func words(_ text: String) -> String {
            text.split { $0 == "#" || $0.isWhitespace }.joined(separator: " ")
        }
        for setting in RunConfiguration().settings().map(\.setting) {
            #expect(words(changed.yaml).contains(words("\(setting.about) (\(setting.allowed))")))
        }
        let comments = changed.yaml.split(separator: "\n").filter { $0.drop { $0 == " " }.hasPrefix("#") }
        #expect(comments.allSatisfy { $0.count <= 78 })
    }

    @Test func `the canonical JSON is valid JSON with every setting in its section`() throws {
        let configuration = RunConfiguration()
        let whole = ConfigurationTree(try JSONValue(parsing: configuration.canonicalJSON))
        for located in configuration.settings() {
            let found = located.path.split(separator: ".").reduce(whole as ConfigurationTree?) { tree, key in
                guard case .mapping(let entries) = tree else { return nil }
                return entries.first { $0.key == key }?.value
            }
            let read = try #require(found)
            #expect(located.setting.reading(read) != nil, "\(located.path)")
        }
    }

    @Test func `the canonical JSON changes with a setting`() {
        var other = RunConfiguration()
        #expect(other.canonicalJSON == RunConfiguration().canonicalJSON)
        other.deadlines.grace += 1
        #expect(other.canonicalJSON != RunConfiguration().canonicalJSON)
    }

    @Test func `a run that was saved before the begin token had a key goes on without one`() throws {
        #expect(RunConfiguration().prompt.beginToken)
        #expect(try !RunConfiguration(yaml: "prompt: {template: plain}", isSaved: true).prompt.beginToken)
        let json = Data(RunConfiguration().canonicalJSON)
        #expect(try RunConfiguration(json: json, isSaved: true).prompt.beginToken)
        #expect(try RunConfiguration(yaml: "prompt: {template: plain}").prompt.beginToken)
    }

    @Test func `a key in a saved configuration that is not a setting is understood when it changes nothing`()
        throws
    {
        let old = """
            rollout: {topK: 0, topP: 1.0, batching: fixed, samples: 4}
            audit: {halfTolerance: 0.25}
            """
        let read = try RunConfiguration(yaml: old, isSaved: true)
        #expect(read.rollout.samples == 4 && read.audit.bf16Tolerance == 0.25)
        let json = Data(
            #"{"rollout":{"topP":1,"batching":"continuous"},"audit":{"halfTolerance":0.25}}"#.utf8)
        #expect(try RunConfiguration(json: json, isSaved: true).audit.bf16Tolerance == 0.25)
        #expect { try RunConfiguration(yaml: "rollout: {topK: 5}", isSaved: true) } throws: {
            "\($0)".contains("training samples from all tokens")
        }
        #expect { try RunConfiguration(yaml: "audit: {halfTolerance: x}", isSaved: true) } throws: {
            "\($0)".contains("audit.bf16Tolerance: x is not allowed")
        }
    }

    @Test func `the printed keys and their order`() {
        let sections = RunConfiguration().settings().map {
            $0.path.split(separator: ".").dropLast().joined(separator: ".")
        }
        let order = sections.reduce(into: [String]()) { if $0.last != $1 { $0.append($1) } }
        #expect(
            order == [
                "", "policy", "problems", "problems.fields", "problems", "problems.curriculum", "problems",
                "problems.bills", "problems.sums", "problems.countdown", "problems.chain", "problems.sort",
                "verifier", "prompt", "reward", "rollout", "threads", "learning", "evaluation", "checkpoint",
                "audit", "records", "hooks", "deadlines",
            ])
    }

    @Test(arguments: [
        ("learning:\n  rat: 1\n", "run.yaml:2: learning.rat: unknown key; did you mean learning.rate?"),
        ("rate: 1\n", "run.yaml:1: rate: unknown key; did you mean learning.rate or audit.rate?"),
        (
            "learning.rate: 1\n",
            "run.yaml:1: learning.rate: is written as nested keys, learning: and below it rate:"
        ),
        ("lerning:\n  rate: 1\n", "run.yaml:1: lerning: unknown key; did you mean learning?"),
        ("rollout: {samples: {more: 1}}\n", "a mapping is not allowed; give an integer from 2 to 1024"),
        ("wholly_different_thing: 1\n", "unknown key; `ponder train --print-config` shows every key"),
    ])
    func `an unknown key is named with the nearest known one`(yaml: String, expected: String) {
        #expect(complaint(yaml).contains(expected), "\(complaint(yaml))")
    }

    @Test(arguments: [
        ("steps: many", "steps: many is not allowed; give an integer from 0 to 1000000"),
        ("steps: 1.5", "steps: 1.5 is not allowed"),
        ("steps: '5'", "steps: \"5\" is not allowed"),
        ("steps: -1", "steps: -1 is not allowed"),
        ("steps: 99999999999999999999", "steps: 99999999999999999999 is not allowed"),
        ("seed: 9007199254740992", "seed: 9007199254740992 is not allowed"),
        ("learning: {rate: nan}", "learning.rate: nan is not allowed; give a number from 0.0 to 1.0"),
        ("learning: {rate: .inf}", "learning.rate: .inf is not allowed"),
        ("learning: {betas: [0.9]}", "learning.betas: [0.9] is not allowed; give 2 numbers"),
        ("learning: {betas: [0.9, 1]}", "learning.betas"),
        ("learning: 5", "learning: 5 is not allowed; it is a section with keys such as rate"),
        ("learning: {advantage: meen}", "one of mean, group, leaveOneOut"),
        ("prompt: {direct: yes}", "prompt.direct: yes is not allowed; give true or false"),
        ("problems: {bills: {terms: [4, 2]}}", "problems.bills.terms: [4, 2] is not allowed"),
        ("rollout: {samples: 1}", "rollout.samples: 1 is not allowed"),
        ("policy: {model: }", "policy.model:  is not allowed; give text that is not empty"),
        ("problems: {verifier: external}", "needs a program, as [python3, verify.py]"),
        ("verifier: {command: [python3]}", "problems.verifier: number runs no program"),
        (
            "verifier: {command: python3}",
            "verifier.command: python3 is not allowed; give a list of at most 256 texts"
        ),
        ("verifier: {command: [[a]]}", "verifier.command"), ("verifier: {command: ['']}", "verifier.command"),
        ("verifier: {timeout: 0}", "verifier.timeout: 0 is not allowed"),
        ("problems: {source: jsonlines}", "source jsonlines needs the path of its file"),
        ("problems: {path: a.jsonl}", "source bills reads no file"),
        ("evaluation: {problems: 513}", "513 is more than problems.heldOut (auto: at most 512)"),
        ("problems: {heldOut: 0}", "problems.heldOut: 0 is not allowed; give auto, or an integer from 1"),
        ("problems: {heldOutPath: a.jsonl}", "problems.heldOutPath: source bills reads no file"),
        ("{problems: {heldOut: 9}, evaluation: {problems: 10}}", "10 is more than problems.heldOut (9)"),
        ("prompt: {template: 'Ask:'}", "prompt.template: 'Ask:' cannot be used; {question} must be"),
        ("problems: {source: external}", "source external needs the program that writes the problems"),
        ("problems: {command: [x]}", "source bills runs no program"),
        ("problems: {source: countdown, verifier: number}", "set problems.verifier: countdown"),
        ("problems: {source: sort, verifier: number}", "set problems.verifier: exact"),
        ("problems: {source: sums, verifier: countdown}", "set problems.verifier: number"),
        (
            "problems: {source: chain, chain: {limit: 10}}",
            "problems.chain.limit: 10 is not allowed; give at least twice"
        ),
        (
            "problems: {source: jsonlines, path: a, format: countdown, verifier: math}",
            "rows of format countdown; set problems.verifier: countdown"
        ),
        (
            "problems: {source: jsonlines, path: a, format: gsm8k, fields: {id: x}}",
            "problems.fields: format gsm8k has its own names"
        ),
        ("problems: {skipInvalid: true}", "problems.skipInvalid: source bills reads no lines"),
        ("problems: {difficulty: [1, 2]}", "problems.difficulty: source bills reads no lines"),
        ("problems: {curriculum: {enabled: true}}", "source bills makes new problems without end"),
        (
            "{staleness: 1, problems: {source: jsonlines, path: a, curriculum: {enabled: true}}}",
            "set staleness: 0"
        ),
        ("rollout: {onNewWeights: continue}", "set staleness: 1 or more, or onNewWeights: finish"),
        ("prompt: {template: r2}", "did you mean r1?"),
        ("prompt: {prefill: Sure}", "prompt.prefill: 'Sure' cannot be used"),
        ("prompt: {stop: x}", "prompt.stop: x is not allowed; give a list of at most 64 texts"),
        ("prompt: {stop: ['']}", "prompt.stop: [\"\"] is not allowed"),
        ("prompt: {stop: [null]}", "prompt.stop: [null] is not allowed"),
        (
            "prompt: {examples: [{question: a, answer: b}]}",
            "give a list of at most 64 mappings {question: …, thought: …, answer: …}"
        ),
        (
            "prompt: {examples: [{question: a, thought: b, answr: c}]}",
            "prompt.examples: [a mapping] is not allowed"
        ),
        ("problems: {source: sums, sums: {terms: [1, 2]}}", "problems.sums.terms: [1, 2] is not allowed"),
        ("problems: {source: sums, path: a.jsonl}", "source sums reads no file"),
        ("prompt: {open: ' '}", "prompt.open: ' ' cannot be used; a tag must not be empty"),
        ("prompt: {open: '<t>', close: '<t>'}", "it must not contain, nor be part of"),
        ("rollout: {topP: 1}", "rollout.topP: is not a setting: training samples from all tokens"),
        ("rollout: {topK: 20}", "ask, eval and generate have --top-k and --top-p"),
        (
            "rollout: {batching: fixed}",
            "run.yaml:1: rollout.batching: is not a setting: batching is always continuous"
        ),
        ("audit: {halfTolerance: 0.5}", "audit.halfTolerance: is now audit.bf16Tolerance"),
        ("deadlines: {silence: 1}", "must be longer than deadlines.ping"),
        ("a: 1\na: 2", "the key a is there twice"),
        ("a: [1", "not YAML"),
        ("a: 1\n---\nb: 2", "not YAML"),
        ("- 1", "[1] is not allowed"),
        ("? [1]\n: 2", "a key must be a word"),
        (String(repeating: "[", count: 3000), "not YAML"),
        (String(repeating: "x", count: 2_000_000), "larger than 1 MiB"),
    ])
    func `a value that is not allowed is named with what is`(yaml: String, expected: String) {
        #expect(complaint(yaml).contains(expected), "\(complaint(yaml))")
    }

    @Test func `every fault of a file is reported at once`() {
        let all = complaint("steps: x\nlearning:\n  rate: y\nnope: 1\n")
        #expect(all.split(separator: "\n").count == 3)
    }

    @Test func `nested aliases cost nothing`() {
        var yaml = "a: &a0 [1, 1]\n"
        for level in 1...30 {
            let name = "*a\(level - 1)"
            yaml += "k\(level): &a\(level) [\(Array(repeating: name, count: 9).joined(separator: ", "))]\n"
        }
        #expect(complaint(yaml).contains("nested too deeply"))
    }

    @Test func `every field refuses a value of the wrong shape`() {
        for located in RunConfiguration().settings() {
            let keys = located.path.split(separator: ".").map(String.init)
            let wrong = located.setting.allowed.hasPrefix("text") ? "[]" : "wrong"
            let yaml = keys.map { "{\($0): " }.joined() + wrong + String(repeating: "}", count: keys.count)
            #expect(complaint(yaml).contains("\(located.path): \(wrong) is not allowed"))
        }
    }

    @Test func `a missing file and one that is not text are said to be so`() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).yaml").path
        #expect(throws: ConfigurationError.self) { try RunConfiguration(yamlFile: path) }
        try Data([0xFF, 0xFE, 0x80]).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(throws: ConfigurationError.self) { try RunConfiguration(yamlFile: path) }
    }

    @Test func `what code sets is checked like what a file says`() {
        var configuration = RunConfiguration()
        configuration.steps = -3
        configuration.seed = .max
        #expect {
            try configuration.validate()
        } throws: {
            "\($0)".contains("steps: -3 is not allowed") && "\($0)".contains("seed")
        }
    }
}

@Suite struct ConfigurationDifferenceTests {
    @Test func `steps may change at resume`() throws {
        var longer = RunConfiguration()
        longer.steps = 200
        let differences = try longer.checkResume(of: RunConfiguration(), allowChanges: false)
        #expect(differences.map(\.description) == ["steps: \(RunConfiguration().steps) → 200"])
    }

    @Test func `another learning rate is refused and named unless changes are allowed`() throws {
        var other = RunConfiguration()
        other.learning.rate = 1e-3
        #expect {
            try other.checkResume(of: RunConfiguration(), allowChanges: false)
        } throws: {
            "\($0)".contains("learning.rate: \(RunConfiguration().learning.rate) → 0.001")
                && "\($0)".contains("--allow-changes")
        }
        #expect(try other.checkResume(of: RunConfiguration(), allowChanges: true).count == 1)
    }

    @Test(arguments: [false, true])
    func `the seed never changes`(allowed: Bool) {
        var other = RunConfiguration()
        other.seed = 1
        #expect {
            try other.checkResume(of: RunConfiguration(), allowChanges: allowed)
        } throws: {
            "\($0)".contains("seed never changes")
        }
    }
}

@Suite struct ConfigurationPartsTests {
    @Test func `the defaults are those of the parts`() throws {
        let configuration = RunConfiguration()
        #expect(try configuration.promptWriter().template == .standard)
        #expect(try configuration.thoughtTags() == .think)
        #expect(configuration.curriculum == nil)
    }

    @Test func `every generated source is a choice of problems.source, and makes its problems`() throws {
        for name in GeneratedSources.names {
            let verifier = try #require(GeneratedSources()[name].map { type(of: $0).verifier })
            let configuration = try RunConfiguration(
                yaml: "problems: {source: \(name), verifier: \(verifier)}")
            #expect(configuration.problems.maker.map { type(of: $0).name } == name)
        }
        #expect(try RunConfiguration(yaml: "problems: {source: jsonlines, path: a}").problems.maker == nil)
    }

    @Test func `the example configurations of the repository can be read`() throws {
        let runs = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Deploy/runs")
        let names = try FileManager.default.contentsOfDirectory(atPath: runs.path).filter {
            $0.hasSuffix(".yaml")
        }
        #expect(names.count > 5)
        for name in names {
            let path = runs.appending(path: name).path
            if name == "base.yaml" {
                _ = try PretrainingConfiguration(yamlFile: path)
            } else {
                _ = try RunConfiguration(yamlFile: path)
            }
        }
    }
}
