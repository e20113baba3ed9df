import Reasoning
import Reinforcement
package import StrictConfiguration

extension RunConfiguration {
    /// Contradictions between fields that are each allowed.
    package func contradictions() -> [ConfigurationError.Fault] {
        var faults: [ConfigurationError.Fault] = []
        func fault(_ path: String, _ message: String) {
            faults.append(ConfigurationError.Fault(line: nil, path: path, message: message))
        }
        faults += problemContradictions()
        if problems.source == .jsonlines, problems.path == nil {
            fault("problems.path", "source jsonlines needs the path of its file")
        }
        if problems.source != .jsonlines, problems.path != nil {
            fault(
                "problems.path",
                "source \(problems.source.rawValue) reads no file; set problems.source: jsonlines or leave path out"
            )
        }
        if usesProgram, verifier.command.isEmpty {
            fault("verifier.command", "problems.verifier: external needs a program, as [python3, verify.py]")
        }
        if !usesProgram, !verifier.command.isEmpty {
            fault(
                "verifier.command",
                "problems.verifier: \(problems.verifier) runs no program; set it to external or leave the command out"
            )
        }
        if evaluation.problems > problems.heldOut {
            fault(
                "evaluation.problems",
                "\(evaluation.problems) is more than problems.heldOut (\(problems.heldOut)); lower one or raise the other"
            )
        }
        for (path, changed) in [("rollout.topK", rollout.topK != 0), ("rollout.topP", rollout.topP != 1)]
        where changed {
            fault(
                path,
                "training samples from all tokens, since the learner cannot know which of them a worker left out; "
                    + "remove it (ask, eval and generate have --top-k and --top-p)")
        }
        for (path, check) in [
            ("prompt.close", { _ = try thoughtTags() }),
            ("prompt", { if (try? thoughtTags()) != nil { _ = try promptWriter() } }),
            ("reward", { _ = try rewardRule() }), ("problems.bills", { _ = try billSizes() }),
            ("problems", { _ = try problemMaker() }),
        ] as [(String, () throws -> Void)] {
            do {
                try check()
            } catch let error as SettingError {
                // The error names the field when several lie below the path.
                fault(
                    error.setting.hasPrefix(path + ".") ? error.setting : path,
                    "'\(error.value)' cannot be used; \(error.remedy)")
            } catch {
                fault(path, "\(error)")
            }
        }
        if rollout.onNewWeights == .continue, staleness == 0 {
            fault(
                "rollout.onNewWeights",
                "with staleness: 0 every token is of the policy that learns, so nothing is gone on with; "
                    + "set staleness: 1 or more, or onNewWeights: finish")
        }
        if deadlines.silence <= deadlines.ping {
            fault(
                "deadlines.silence",
                "\(deadlines.silence) must be longer than deadlines.ping (\(deadlines.ping)), or every worker counts as dead"
            )
        }
        return faults
    }
}

extension RunConfiguration {
    /// What the source of the problems cannot be combined with.
    private func problemContradictions() -> [ConfigurationError.Fault] {
        var faults: [ConfigurationError.Fault] = []
        func fault(_ path: String, _ message: String) {
            faults.append(ConfigurationError.Fault(line: nil, path: path, message: message))
        }
        let source = problems.source.rawValue
        if problems.source == .external, problems.command.isEmpty {
            fault("problems.command", "source external needs the program that writes the problems, as a list")
        }
        if problems.source != .external, !problems.command.isEmpty {
            fault(
                "problems.command",
                "source \(source) runs no program; set problems.source: external or leave it out")
        }
        let expected = (try? problemMaker()).map { type(of: $0).verifier }
        if let expected, !Self.verifiers(for: expected).contains(problems.verifier) {
            fault(
                "problems.verifier",
                "'\(problems.verifier)' cannot judge what source \(source) asks; set problems.verifier: \(expected)"
            )
        }
        if problems.format == .countdown, expected == nil,
            !["countdown", "external"].contains(problems.verifier)
        {
            fault(
                "problems.verifier",
                "'\(problems.verifier)' cannot judge rows of format countdown; set problems.verifier: countdown"
            )
        }
        if problems.format != .fields, problems.fields != ProblemFields() {
            fault(
                "problems.fields",
                "format \(problems.format.rawValue) has names of its own; leave the fields out")
        }
        if expected != nil {
            for (path, isChanged) in [
                ("problems.format", problems.format != .fields),
                ("problems.fields", problems.fields != ProblemFields()),
                ("problems.difficulty", problems.difficulty != Problems.anyDifficulty),
                ("problems.skipInvalid", problems.skipInvalid),
            ] where isChanged {
                fault(
                    path, "source \(source) reads no lines; leave it out, or set problems.source: jsonlines")
            }
            if problems.curriculum.enabled {
                fault(
                    "problems.curriculum.enabled",
                    "source \(source) makes problems without end, of which none comes back; a curriculum needs "
                        + "problems.source: jsonlines or external")
            }
        }
        if problems.curriculum.enabled, staleness > 0 {
            fault(
                "problems.curriculum.enabled",
                "a curriculum draws a step's problems from the outcomes of the one before; set staleness: 0")
        }
        return faults
    }

    /// The verifiers that can judge answers that were written for one of them.
    private static func verifiers(for expected: String) -> [String] {
        expected == "number" ? ["number", "math", "exact", "external"] : [expected, "external"]
    }
}
