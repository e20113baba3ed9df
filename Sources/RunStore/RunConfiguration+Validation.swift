import Reasoning

extension RunConfiguration {
    /// Checks a configuration that code or flags have changed.
    ///
    /// - Throws: `ConfigurationError` with every value out of range and every contradiction between fields.
    package func validate(source: String = "configuration") throws {
        var copy = self
        let outside = Self.schema.compactMap { setting -> ConfigurationError.Fault? in
            let value = setting.read(self)
            if setting.write(&copy, value) { return nil }
            let message = "\(value.json) is not allowed; give \(setting.kind)"
            return ConfigurationError.Fault(line: nil, path: setting.path, message: message)
        }
        let faults = outside.isEmpty ? crossFaults() : outside
        guard faults.isEmpty else { throw ConfigurationError(source: source, faults: faults) }
    }

    /// Contradictions between fields that are each allowed.
    func crossFaults() -> [ConfigurationError.Fault] {
        var faults: [ConfigurationError.Fault] = []
        func fault(_ path: String, _ message: String) {
            faults.append(ConfigurationError.Fault(line: nil, path: path, message: message))
        }
        if problems.source == .jsonlines, problems.path == nil {
            fault("problems.path", "source jsonlines needs the path of its file")
        }
        if problems.source == .bills, problems.path != nil {
            fault(
                "problems.path",
                "source bills reads no file; set problems.source: jsonlines or leave path out")
        }
        if evaluation.problems > problems.heldOut {
            fault(
                "evaluation.problems",
                "\(evaluation.problems) is more than problems.heldOut (\(problems.heldOut)); lower one or raise the other"
            )
        }
        for (path, check) in [
            ("prompt.template", { _ = try promptTemplate() }), ("prompt.close", { _ = try thoughtTags() }),
            ("reward", { _ = try rewardRule() }), ("problems.bills", { _ = try billSizes() }),
        ] as [(String, () throws -> Void)] {
            do {
                try check()
            } catch let error as SettingError {
                fault(path, "'\(error.value)' cannot be used; \(error.remedy)")
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
