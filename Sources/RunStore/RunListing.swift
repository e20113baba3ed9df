package import Foundation
import Settings

/// A run as a list of runs shows it.
package struct RunListing: Sendable, Codable {
    /// Version of the format.
    package private(set) var schema = 1
    /// Path of the run's folder.
    package let folder: String
    /// Time of the run's first start; nil when `run.json` cannot be read.
    package var created: Date?
    /// The base model: `embedded`, or the path of a folder.
    package var model: String?
    /// The problem source.
    package var source: String?
    /// The run's phase, as in `RunStatus`.
    package var phase: String?
    /// Number of steps done; `steps` is the number in the whole run.
    package var step: Int?
    package var steps: Int?
    /// Share of held-out problems answered right by the first and the newest policy measured, 0 to 1.
    package var heldoutAccuracyBefore: Double?
    package var heldoutAccuracyNow: Double?
    /// Why the folder cannot be read as a run; nil when it can.
    package var problem: String?

    /// Reads a run's folder.
    ///
    /// A run that cannot be read says so in `problem`.
    package init(of run: RunDirectory) {
        folder = run.root.path
        do {
            let configuration = try run.configuration()
            model = configuration.policy.model
            source = configuration.problems.source.rawValue
            steps = configuration.steps
            created = try run.readIdentity().created
            let status = try RunStatus(of: run)
            phase = status.phase
            step = status.step
            let measured = status.heldoutAccuracy.sorted { $0.key < $1.key }
            heldoutAccuracyBefore = measured.first?.value
            heldoutAccuracyNow = measured.last?.value
        } catch {
            problem = "\(error)"
        }
    }

    /// One line of JSON with sorted keys.
    package func line() throws -> String { try RecordCoding.text(self) }
}

extension RunDirectory {
    /// The runs in a folder, oldest first; folders that are no runs are left out.
    ///
    /// - Throws: `RunDirectoryError` when the folder does not exist.
    package static func runs(in parent: URL) throws -> [RunDirectory] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: parent.path)
        } catch {
            throw RunDirectoryError(
                message:
                    "\(parent.path): no such folder; `ponder train` makes runs in the folder runs of the "
                    + "directory in which it is started")
        }
        return names.map { RunDirectory(root: parent.appending(path: $0)) }.filter(\.isRun).map {
            ($0, (try? $0.readIdentity().created) ?? .distantPast)
        }.sorted { ($0.1, $0.0.root.path) < ($1.1, $1.0.root.path) }.map(\.0)
    }

    /// The run in a folder that was started last.
    ///
    /// - Throws: `RunDirectoryError` when there is none.
    package static func newest(in parent: URL) throws -> RunDirectory {
        guard let last = try runs(in: parent).last else {
            throw RunDirectoryError(message: "\(parent.path) holds no run; give the folder of one")
        }
        return last
    }
}
