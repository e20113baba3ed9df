import BuiltInVerifiers
import Reasoning
import Reinforcement
package import StrictConfiguration

extension RunConfiguration {
    /// Contradictions between settings of different sections.
    package func contradictions() -> [ConfigurationError.Fault] {
        var faults: [ConfigurationError.Fault] = []
        let isExternal = problems.verifierName == ExternalVerifier.name
        faults.require(
            !isExternal || !verifier.command.isEmpty, "verifier.command",
            "problems.verifier: external needs a program, as [python3, verify.py]")
        faults.require(
            isExternal || verifier.command.isEmpty || problems.readsLines, "verifier.command",
            "problems.verifier: \(problems.verifierName) runs no program; set it to external or remove the command"
        )
        faults += rewardFaults()
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

    private func rewardFaults() -> [ConfigurationError.Fault] {
        var faults: [ConfigurationError.Fault] = []
        faults.require(
            reward.weightOfAnswer != 0 || reward.weightOfForm != 0 || rewards.contains { $0.weight != 0 },
            "reward",
            "nothing is rewarded, so nothing can be learned: set reward.accuracy or reward.format above 0, "
                + "or give rewards a weight")
        for (index, reward) in rewards.enumerated() {
            let isTaken =
                ["accuracy", "format"].contains(reward.name)
                || rewards[..<index].contains { $0.name == reward.name }
            faults.require(
                !isTaken, "rewards", "the name '\(reward.name)' is taken; every reward needs its own")
            guard case .verifier(let name) = reward.judge else { continue }
            if name == ExternalVerifier.name {
                faults.append(
                    .init(
                        path: "rewards",
                        "'\(reward.name)' names its program itself: command: [python3, …] instead of verifier"
                    ))
            } else if !Verifiers.all.contains(where: { $0.name == name }) {
                let error = VerifierError.unknown(name: name, among: Verifiers.all.map(\.name))
                faults.append(.init(path: "rewards", "'\(reward.name)': \(error)"))
            }
        }
        return faults
    }

    private func promptFaults() -> [ConfigurationError.Fault] {
        do {
            var known = self
            // The chat template is read with the model, and checked then.
            if prompt.template == PromptTemplate.ofModel { known.prompt.template = PromptTemplate.automatic }
            _ = try known.promptWriter()
        } catch let error as SettingError {
            return [.init(path: error.setting, "'\(error.value)' cannot be used; \(error.remedy)")]
        } catch {
            return [.init(path: "prompt", "\(error)")]
        }
        return []
    }
}
