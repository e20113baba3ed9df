import Reasoning
import Reinforcement
package import StrictConfiguration

extension RunConfiguration {
    /// Contradictions between settings of different sections.
    package func contradictions() -> [ConfigurationError.Fault] {
        var faults: [ConfigurationError.Fault] = []
        faults.require(
            !usesProgram || !verifier.command.isEmpty, "verifier.command",
            "problems.verifier: external needs a program, as [python3, verify.py]")
        faults.require(
            usesProgram || verifier.command.isEmpty, "verifier.command",
            "problems.verifier: \(problems.verifier) runs no program; set it to external or remove the command"
        )
        if let asked = evaluation.problems {
            let shown = problems.heldOut.map(String.init) ?? "auto: at most \(HeldOut.limit)"
            faults.require(
                asked <= problems.heldOut ?? HeldOut.limit, "evaluation.problems",
                "\(asked) is more than problems.heldOut (\(shown)); lower one or raise the other")
        }
        faults.require(
            !problems.curriculum.enabled || staleness == 0, "problems.curriculum.enabled",
            "a curriculum draws a step's problems from the outcomes of the step before; set staleness: 0")
        faults.require(
            rollout.onNewWeights == .finish || staleness > 0, "rollout.onNewWeights",
            "with staleness: 0 every token is sampled by the policy that learns, so a newer one never comes; "
                + "set staleness: 1 or more, or onNewWeights: finish")
        faults += promptFaults()
        return faults
    }

    private func promptFaults() -> [ConfigurationError.Fault] {
        do {
            _ = try promptWriter()
        } catch let error as SettingError {
            return [.init(path: error.setting, "'\(error.value)' cannot be used; \(error.remedy)")]
        } catch {
            return [.init(path: "prompt", "\(error)")]
        }
        return []
    }
}
