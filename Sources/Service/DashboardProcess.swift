package import Dashboard
import Foundation
package import RunStore

/// The dashboard of a run that this process does: a child of its own, at a low priority.
///
/// It only reads the run's folder, so neither its memory, its descriptors nor its end touch the run.
package final class DashboardProcess: Sendable {
    private let child: ChildProcess

    /// The variable with the token; a flag would show it to every user of the machine.
    package static let tokenVariable = "PONDER_DASHBOARD_TOKEN"

    /// Starts `ponder dashboard` on a port that this process has bound, and closes this process's copy.
    ///
    /// - Parameters:
    ///   - token: what readers must know; nil on loopback.
    ///   - ended: called with how the child ended, also after `stop`.
    /// - Throws: `SystemError`, `FileError`.
    package init(
        of run: RunDirectory, on listener: Listener, token: String?,
        ended: @escaping @Sendable (String) -> Void
    ) throws {
        defer { listener.close() }
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        child = try ChildProcess.start(
            [program, "dashboard", "--run", run.root.path, "--listening", "3", "--end-with-parent"],
            log: run.logs.appending(path: "dashboard.log").path, passing: [listener.descriptor],
            environment: token.map { [Self.tokenVariable: $0] } ?? [:])
        Task { [child] in ended(await child.ending().explained) }
    }

    /// Tells the child to end; it shows the run's last state to open pages before.
    package func stop() { child.release() }
}
