import ArgumentParser
import Foundation
import Service

/// `ponder doctor`: checks this machine and what it is given.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check this machine, libtorch, a model, a run and a coordinator, and suggest remedies.",
        discussion: """
            Prints one line for each check, with the remedy where something is broken; the exit code is then 1. A step of the             embedded base with learning rate 0 shows whether sampler and learner agree, two cuts of it whether its gradient             does, and its weights go to a worker's memory and to a folder and back. `train` makes the cheap checks, of open             files, clock and disk, when it starts.

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
        let place = runFolder ?? "runs"
        var checks = Checkup.machine() + Checkup.essentials(of: URL(filePath: place)) + Checkup.libraries()
        checks += [Checkup.embeddedBase()] + Checkup.learning()
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
        let padding = String(repeating: " ", count: max(0, 15 - name.count))
        print("\(ok ? "ok     " : "PROBLEM")  \(name)\(padding)  \(detail)")
    }
}
