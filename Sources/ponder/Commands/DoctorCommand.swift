import ArgumentParser
import Foundation

/// `ponder doctor`: checks this machine and what it is given.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check this machine, libtorch, a model, a run and a coordinator, and say the remedy.",
        discussion: """
            One line for each check; exit code 1 when something is broken.

            Examples:
              ponder doctor
              ponder doctor --model my-model --json
              ponder doctor --run runs/2026-11-24-bills
              ponder doctor --connect tcp://127.0.0.1:5555
              ponder doctor --connect tcp://head:5555 --keys keys
            """
    )

    @Option(help: ArgumentHelp("Also check a Hugging Face model folder.", valueName: "dir"))
    var model: String?

    @Option(name: .customLong("run"), help: ArgumentHelp("Also check a run folder.", valueName: "dir"))
    var runFolder: String?

    @Option(help: ArgumentHelp("Also check that a coordinator answers there.", valueName: "endpoint"))
    var connect: String?

    @OptionGroup var keys: KeyOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        var checks = Checkup.machine() + Checkup.libraries() + [Checkup.embeddedBase()]
        if let model { checks += Checkup.model(model, name: "model") }
        if let runFolder { checks += Checkup.run(runFolder) }
        if let connect { checks.append(try await Checkup.coordinator(connect, keys: keys.asking())) }
        let isSound = checks.allSatisfy(\.ok)
        if json {
            try JSON.print(Report(ok: isSound, checks: checks))
        } else {
            for check in checks { check.show() }
        }
        guard isSound else { throw ExitCode(ExitStatus.failed.rawValue) }
    }

    private struct Report: Encodable {
        let ok: Bool
        let checks: [Check]
    }
}

/// What was looked at and what was found.
struct Check: Encodable {
    let name: String
    let ok: Bool
    let detail: String

    init(_ name: String, ok: Bool = true, _ detail: String) {
        self.name = name
        self.ok = ok
        self.detail = detail
    }

    /// The check of something that throws when it is broken.
    init(_ name: String, _ body: () throws -> String) {
        do {
            self.init(name, try body())
        } catch {
            self.init(name, ok: false, "\(error)")
        }
    }

    /// The check of something that is waited for.
    init(_ name: String, _ body: () async throws -> String) async {
        do {
            self.init(name, try await body())
        } catch {
            self.init(name, ok: false, "\(error)")
        }
    }

    func show() {
        let padding = String(repeating: " ", count: max(0, 14 - name.count))
        print("\(ok ? "ok     " : "PROBLEM")  \(name)\(padding)  \(detail)")
    }
}
