import Reasoning

extension RunConfiguration {
    /// Contradictions between fields that are each allowed.
    package func contradictions() -> [ConfigurationError.Fault] {
        var faults: [ConfigurationError.Fault] = []
        func fault(_ path: String, _ message: String) {
            faults.append(ConfigurationError.Fault(line: nil, path: path, message: message))
        }
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
        for (path, check) in [
            ("prompt.close", { _ = try thoughtTags() }),
            ("prompt", { if (try? thoughtTags()) != nil { _ = try promptWriter() } }),
            ("reward", { _ = try rewardRule() }), ("problems.bills", { _ = try billSizes() }),
            ("problems.sums", { _ = try sums() }),
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
        if deadlines.silence <= deadlines.ping {
            fault(
                "deadlines.silence",
                "\(deadlines.silence) must be longer than deadlines.ping (\(deadlines.ping)), or every worker counts as dead"
            )
        }
        return faults
    }
}
