import ArgumentParser
import Dashboard
import Foundation
import Host
import RunStore
import Service

/// The dashboard beside a run.
struct DashboardOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Show the run on a page at this address while it goes on, such as 127.0.0.1:8765; port 0 is a free one.",
            valueName: "host:port"))
    var dashboard: String?

    func validate() throws { try dashboard.map(DashboardPlace.check) }

    /// Binds the port, so that one in use is refused before anything runs; nil without `--dashboard`.
    ///
    /// - Throws: `DashboardError`.
    func listen() throws -> DashboardPlace? {
        try dashboard.map { try DashboardPlace(Listener(binding: DashboardAddress($0))) }
    }
}

/// A bound port and the token of its readers.
struct DashboardPlace {
    let listener: Listener
    /// nil on loopback, unless the environment has one.
    let token: String?

    /// Checks the form of an address of the command line.
    ///
    /// - Throws: `ValidationError`.
    static func check(_ address: String) throws {
        do throws(DashboardError) {
            _ = try DashboardAddress(address)
        } catch {
            throw ValidationError("\(error)")
        }
    }

    /// Takes the token from the environment; makes one where others reach the port.
    init(_ listener: Listener) throws {
        self.listener = listener
        let given = ProcessInfo.processInfo.environment[DashboardProcess.tokenVariable].flatMap {
            $0.isEmpty ? nil : $0
        }
        token =
            given
            ?? (listener.address.isLoopback
                ? nil : (0..<2).map { _ in String(UInt64.random(in: .min ... .max), radix: 36) }.joined())
        try DashboardServer.check(listener, token: token)
    }

    /// What to open in a browser.
    var url: String { "\(listener.url)/" + (token.map { "?token=\($0)" } ?? "") }

    /// Serves the run from a process of its own until the result is let go; a failure costs the page only.
    func serve(_ run: RunDirectory, log: @escaping @Sendable (String) -> Void) -> DashboardProcess? {
        let advice = "`ponder dashboard --run \(run.root.path)` shows the run"
        do {
            let process = try DashboardProcess(of: run, on: listener, token: token) { ending in
                log("the dashboard ended (\(ending)); \(advice)")
            }
            log("dashboard: \(url)")
            return process
        } catch {
            log("the dashboard cannot be started: \(error); \(advice)")
            return nil
        }
    }
}
