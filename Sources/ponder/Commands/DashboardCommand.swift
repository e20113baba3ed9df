import ArgumentParser
import Dashboard
import Foundation
import Host
import Rollouts
import RunStore

struct DashboardCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dashboard",
        abstract: "Shows runs on a page in a browser: curves, traces, workers.",
        discussion: """
            Examples:
              ponder dashboard --run last
              ponder dashboard --run runs/today --run runs/yesterday
              ponder dashboard --run runs/today --bind 127.0.0.1:0
              # from another machine, over ssh: open http://localhost:8765
              ssh -L 8765:localhost:8765 head ponder dashboard --run runs/today

            It only reads the folders and serves until it is interrupted; several runs share their plots. On an address that
            other machines reach, readers need a token: PONDER_DASHBOARD_TOKEN, or one that is made and printed with the
            address. HTTP is not encrypted; prefer ssh. `ponder train --dashboard 127.0.0.1:8765` shows a run from its start.
            """)

    @Option(
        name: .customLong("run"),
        help: ArgumentHelp(
            "A run's folder, live or finished; `last` is the newest. Give it several times to compare runs.",
            valueName: "dir"))
    var folders: [String]

    @Option(help: ArgumentHelp("Where to serve the page; port 0 is a free one.", valueName: "host:port"))
    var bind = "127.0.0.1:8765"

    @Option(help: ArgumentHelp("Descriptor of a socket that listens already.", visibility: .private))
    var listening: Int32?

    @Flag(
        name: .customLong("end-with-parent"),
        help: ArgumentHelp("End when standard input does.", visibility: .private))
    var endWithParent = false

    /// The most runs of one page.
    private static let most = 16

    func validate() throws {
        guard 1...Self.most ~= folders.count else {
            throw ValidationError("Give --run from 1 to \(Self.most) times.")
        }
        try DashboardPlace.check(bind)
    }

    func run() async throws {
        if endWithParent { Self.lowerPriority() }
        let runs = try folders.map(RunDirectory.existing(named:))
        guard let folder = SharedFolder.find("dashboard", having: "index.html") else {
            throw DashboardError(
                "the dashboard's page is in none of \(SharedFolder.places(of: "dashboard").joined(separator: ", ")); "
                    + "set PONDER_HOME to an installation made by Scripts/install")
        }
        let files = try PageFiles(folder: folder)
        let place = try DashboardPlace(
            listening.map { try Listener(listening: $0) } ?? Listener(binding: DashboardAddress(bind)))
        let server = try DashboardServer(
            place.listener, runs: runs.map(RunSource.init), token: place.token, files: files)
        if endWithParent {
            // Open pages get the run's last state before the end.
            ParentWatch.start(grace: 2, gone: { server.leave() }, orElse: { _exit(0) })
        } else {
            print(place.url)
            try StandardOutput.flush()
            if !files.hasCharts {
                StandardError.write(
                    "without libjs-dygraphs the page shows tables; `apt-get install libjs-dygraphs`")
            }
        }
        try await server.run()
        if endWithParent { try await Task.sleep(for: .seconds(5)) }
    }

    /// Lets the run beside it go first; Linux has a priority for each thread.
    private static func lowerPriority() {
        for thread in (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? [] {
            if let id = id_t(thread) { setpriority(Int32(PRIO_PROCESS.rawValue), id, 10) }
        }
    }
}
