import ArgumentParser
import Foundation
import Service

/// `ponder doctor`: checks this machine and what it is given.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check this machine, libtorch, a model, a run and a coordinator, and suggest remedies.",
        discussion: """
            Prints one line for each check; the exit code is 1 when something is broken.

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

extension Check {
    fileprivate func show() {
        let padding = String(repeating: " ", count: max(0, 14 - name.count))
        print("\(ok ? "ok     " : "PROBLEM")  \(name)\(padding)  \(detail)")
    }
}
