import ArgumentParser
import Foundation
import Messaging
import ZeroMQ

struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Keys with which a coordinator and its workers identify each other.",
        discussion: """
            Examples:
              ponder keys make coordinator worker --keys keys
              ponder keys authorize worker --keys keys
              ponder coordinator --bind tcp://0.0.0.0:5555 --run runs/today --keys keys
              ponder worker --connect tcp://head:5555 --keys keys
              ponder keys revoke worker --keys keys

            The coordinator's folder holds coordinator.key and the list `authorized`; a worker's holds worker.key, or
            NAME.key for `worker --name NAME`, and coordinator.pub. A secret key (.key) stays on its machine, mode 0600;
            a public one (.pub) may be seen by anyone. Revoking shuts out workers that are connected within a second.
            """,
        subcommands: [Make.self, List.self, Authorize.self, Revoke.self])

    struct Make: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes key pairs: NAME.key, secret, and NAME.pub.",
            discussion: """
                Examples:
                  ponder keys make coordinator worker --keys keys
                  ponder keys make node7 --keys keys --json

                Either all keys are made or none; an existing key is never replaced.
                """)

        @Argument(help: ArgumentHelp("Names of the keys.", valueName: "name")) var names: [String]
        @OptionGroup var keys: KeyOptions
        @Flag(help: "Print one JSON object.") var json = false

        func run() throws {
            let folder = try keys.required()
            let made = try folder.make(names)
            if json { return try JSON.print(Report(folder: folder.path, made: made.map(Listed.init))) }
            for entry in made {
                print("\(Listed(entry).line)  \(folder.secretFile(entry.name)) (secret), \(entry.name).pub")
            }
        }

        private struct Report: Encodable {
            let folder: String
            let made: [Listed]
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the keys of a folder, and who is authorized.",
            discussion: """
                Examples:
                  ponder keys list --keys keys
                  ponder keys list --keys keys --json

                The exit code is 1 when a key cannot be used.
                """)

        @OptionGroup var keys: KeyOptions
        @Flag(help: "Print one JSON object.") var json = false

        func run() throws {
            let folder = try keys.required()
            let holdings = try folder.holdings()
            let authorized = try folder.authorized()?.entries ?? []
            if json {
                try JSON.print(
                    Report(
                        folder: folder.path, keys: holdings.map(Held.init),
                        authorized: authorized.map(Listed.init)))
            } else {
                for holding in holdings {
                    let kind = holding.hasSecret ? "secret and public" : "public"
                    let name = holding.name + String(repeating: " ", count: max(0, 16 - holding.name.count))
                    print("\(name)  \(holding.key?.fingerprint ?? "-")  \(kind)")
                    if let problem = holding.problem { print("  PROBLEM: \(problem)") }
                }
                print(authorized.isEmpty ? "nobody is authorized" : "authorized:")
                for entry in authorized { print("  \(Listed(entry).line)") }
            }
            if holdings.contains(where: { $0.problem != nil }) { throw ExitCode(ExitStatus.failed.rawValue) }
        }

        private struct Held: Encodable {
            let name: String
            let fingerprint: String?
            let publicKey: String?
            let secret: Bool
            let problem: String?

            init(_ holding: KeyFolder.Holding) {
                name = holding.name
                fingerprint = holding.key?.fingerprint
                publicKey = holding.key?.z85
                secret = holding.hasSecret
                problem = holding.problem
            }
        }

        private struct Report: Encodable {
            let folder: String
            let keys: [Held]
            let authorized: [Listed]
        }
    }

    struct Authorize: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lets the owners of public keys take part.",
            discussion: """
                Examples:
                  ponder keys authorize worker --keys keys
                  ponder keys authorize from-node7/worker.pub --as node7 --keys keys

                A running coordinator accepts them immediately. A coordinator's own key needs no authorization.
                """)

        @Argument(
            help: ArgumentHelp("Names of keys in the folder, or paths of .pub files.", valueName: "key"))
        var sources: [String]

        @Option(
            name: .customLong("as"),
            help: ArgumentHelp(
                "The key's name on the list; the default is the name in its file.", valueName: "name"))
        var alias: String?

        @OptionGroup var keys: KeyOptions
        @Flag(help: "Print one JSON object.") var json = false

        func validate() throws {
            if alias != nil, sources.count != 1 { throw ValidationError("--as names one key.") }
        }

        func run() throws {
            let folder = try keys.required()
            let entries = try folder.authorize(sources, as: alias)
            if json {
                return try JSON.print(
                    Change(list: folder.authorizedFile, authorized: entries.map(Listed.init), revoked: nil))
            }
            for entry in entries { print("\(Listed(entry).line)  may take part") }
        }
    }

    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shuts out the owners of keys, connected ones included.",
            discussion: """
                Examples:
                  ponder keys revoke node7 --keys keys
                  ponder keys revoke 3f2a9c11d07e5b64 --keys keys

                Names and fingerprints are those that `ponder keys list` shows as authorized.
                """)

        @Argument(help: ArgumentHelp("Names or fingerprints on the list.", valueName: "key"))
        var words: [String]

        @OptionGroup var keys: KeyOptions
        @Flag(help: "Print one JSON object.") var json = false

        func run() throws {
            let folder = try keys.required()
            let entries = try folder.revoke(words)
            if json {
                return try JSON.print(
                    Change(list: folder.authorizedFile, authorized: nil, revoked: entries.map(Listed.init)))
            }
            for entry in entries { print("\(Listed(entry).line)  is shut out") }
        }
    }

    private struct Change: Encodable {
        let list: String
        let authorized: [Listed]?
        let revoked: [Listed]?
    }
}

/// A public key as the command prints it.
private struct Listed: Encodable {
    let name: String
    let fingerprint: String
    let publicKey: String

    init(_ entry: AllowList.Entry) {
        name = entry.name
        fingerprint = entry.key.fingerprint
        publicKey = entry.key.z85
    }

    var line: String {
        name + String(repeating: " ", count: max(0, 16 - name.count)) + "  " + fingerprint
    }
}
