import ArgumentParser
import ExternalPrograms
import Foundation
import Host
import RunStore

struct PlotCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plot",
        abstract: "Draws the curves of one or several runs with gnuplot.",
        discussion: """
            Examples:
              ponder plot --run runs/today --output today.png
              ponder plot --run runs/a --run runs/b --output both.svg

            Held-out accuracy, training accuracy, responses in the form and length of a thought by step; the aha moment \
            is marked. Runs are only read and may go on meanwhile.
            """)

    @Option(
        name: .customLong("run"),
        help: ArgumentHelp("A run's folder; several are drawn together.", valueName: "dir"))
    var runs: [String]

    @Option(help: ArgumentHelp("The picture: a file that ends in .png or .svg.", valueName: "file"))
    var output: String

    private var format: RunPlot.Format? {
        RunPlot.Format(rawValue: URL(filePath: output).pathExtension.lowercased())
    }

    func validate() throws {
        guard format != nil else {
            throw ValidationError("--output \(output) must end in .png or .svg.")
        }
    }

    func run() throws {
        guard let format else { return }
        let plot = RunPlot(try runs.map { try RunPlot.Run(.existing(named: $0)) })
        try Files().replace(output, with: try Self.draw(plot.script(format)))
    }

    private static let sizeLimit = 64 << 20

    private static func draw(_ script: String) throws -> Data {
        let file = FileManager.default.temporaryDirectory.appending(
            path: "ponder-plot-\(UUID().uuidString.lowercased())")
        try Files().write(Data(script.utf8), to: file.path)
        defer { try? FileManager.default.removeItem(at: file) }
        do {
            // -d: without the user's own settings.
            return try ProgramOutput.read(
                ["gnuplot", "-d"], input: file.path, limit: sizeLimit, seconds: 120)
        } catch .notFound {
            throw CommandFailure(
                .failed, "gnuplot is not here; install it: apt-get install gnuplot-nox, or Scripts/bootstrap")
        } catch .failed(let ending, let said) {
            throw CommandFailure(.failed, "gnuplot ended with \(ending) and said: \(said)")
        } catch {
            throw CommandFailure(.failed, "gnuplot gave no picture: \(error)")
        }
    }
}
