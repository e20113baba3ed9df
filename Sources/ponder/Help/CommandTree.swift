import ArgumentParser
import Primitives

/// The commands by their names.
enum CommandTree {
    typealias Command = any ParsableCommand.Type

    /// Every command that is shown, with the names that lead to it, in the order of the help.
    static func all(below command: Command = Ponder.self, path: [String] = []) -> [(
        path: [String], command: Command
    )] {
        [(path, command)]
            + command.configuration.subcommands.filter { $0.configuration.shouldDisplay }.flatMap {
                all(below: $0, path: path + [$0._commandName])
            }
    }

    /// The command that the names lead to.
    static func find(_ path: [String]) -> Command? {
        var command: Command = Ponder.self
        for name in path {
            guard let next = child(of: command, named: name) else { return nil }
            command = next
        }
        return command
    }

    /// Refuses a name that is no command and says which one was probably meant; ArgumentParser only calls it unexpected.
    static func check(_ arguments: some Sequence<String>) throws {
        var command: Command = Ponder.self
        var path = ["ponder"]
        for argument in arguments {
            guard !command.configuration.subcommands.isEmpty, !argument.hasPrefix("-") else { return }
            guard let next = child(of: command, named: argument) else {
                let names = command.configuration.subcommands.map { $0._commandName }
                let list = path.joined(separator: " ")
                throw ValidationError(
                    "There is no command '\(list) \(argument)'. "
                        + (guess(argument, among: names).map { "Did you mean '\(list) \($0)'?" }
                            ?? "'\(list) --help' lists the commands."))
            }
            command = next
            path.append(argument)
        }
    }

    private static func child(of command: Command, named name: String) -> Command? {
        command.configuration.subcommands.first {
            $0._commandName == name || $0.configuration.aliases.contains(name)
        }
    }

    /// The command that somebody means who writes `name`.
    static func guess(_ name: String, among names: [String]) -> String? {
        let familiar = Self.familiar[name.lowercased(), default: []]
        return familiar.first(where: names.contains) ?? NearestName.first(name, among: names)
    }

    /// What other programs call these commands; the first one that exists is meant.
    private static let familiar: [String: [String]] = [
        "ls": ["runs", "list", "status"], "list": ["runs", "status"], "ps": ["status"], "top": ["status"],
        "run": ["train"], "start": ["train"], "fit": ["train"], "grpo": ["train"], "rl": ["train"],
        "resume": ["train"], "learn": ["train"], "config": ["train"],
        "chat": ["ask"], "infer": ["ask"], "inference": ["ask"], "prompt": ["ask"],
        "evaluate": ["eval"], "test": ["eval"], "bench": ["benchmark"],
        "complete": ["generate"], "sample": ["generate"], "rollout": ["generate"],
        "grade": ["score"], "verify": ["score"], "judge": ["score"], "reward": ["score"],
        "serve": ["coordinator"], "server": ["coordinator"], "master": ["coordinator"],
        "head": ["coordinator"],
        "node": ["worker"], "client": ["worker"], "agent": ["worker"], "proxy": ["relay"],
        "sft": ["pretrain"], "check": ["doctor"], "diagnose": ["doctor"], "info": ["doctor"],
        "env": ["doctor"],
        "submit": ["launch"], "cluster": ["launch"], "sbatch": ["slurm"], "k8s": ["kubernetes"],
        "save": ["export"], "merge": ["export"], "convert": ["export"], "diff": ["compare"],
        "man": ["help"], "docs": ["help"], "topics": ["help"],
        "create": ["make"], "new": ["make"], "add": ["authorize"], "allow": ["authorize"],
        "remove": ["revoke"], "rm": ["revoke"], "delete": ["revoke"], "kill": ["stop"], "cancel": ["stop"],
    ]
}
