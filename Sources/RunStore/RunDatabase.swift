import Foundation
import GRDB
import Host

/// The run's history in SQLite (`run.sqlite`): steps, groups, traces, workers and events.
///
/// One process writes, the holder of `RunLock`; any number of processes can read at the same time. Training
/// does not need the database, so a run reports every failure and continues. All methods throw
/// `RunDatabaseError`. Calls block: when a disk may be slow, make them off Swift's cooperative threads.
package final class RunDatabase: Sendable {
    package let path: String
    private let queue: DatabaseQueue

    private init(path: String, queue: DatabaseQueue) {
        self.path = path
        self.queue = queue
    }

    /// Opens the database for writing; creates or upgrades it.
    ///
    /// - Parameter search: whether it has the index of words, which is made of the traces that are there, or removed.
    package static func open(_ run: RunDirectory, search: Bool = true) throws -> RunDatabase {
        try open(run, on: nil, search: search)
    }

    static func open(_ run: RunDirectory, on kind: FileSystemKind?, search: Bool = true) throws
        -> RunDatabase
    {
        let path = run.database.path
        return try translating("open the run's records", path) {
            var configuration = Configuration()
            configuration.busyMode = .timeout(5)
            configuration.label = "run"
            configuration.prepareDatabase { $0.add(function: WordPattern.sqlFunction) }
            switch try kind ?? FileSystemKind(of: run.root.path) {
            case .local:
                configuration.journalMode = .wal
                configuration.prepareDatabase {
                    try $0.execute(sql: "PRAGMA synchronous = NORMAL")
                    // A reader that holds a transaction makes the log grow; afterwards it shrinks to this again.
                    _ = try Int.fetchOne($0, sql: "PRAGMA journal_size_limit = 4194304")
                }
            case .network:
                configuration.prepareDatabase {
                    _ = try String.fetchOne($0, sql: "PRAGMA journal_mode = TRUNCATE")
                    try $0.execute(sql: "PRAGMA synchronous = FULL")
                }
            }
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try refuseNewer(queue, path)
            try RunDatabaseSchema.migrator.migrate(queue)
            try queue.write { try TextIndex.set(search, $0) }
            try shrink(queue)
            return RunDatabase(path: path, queue: queue)
        }
    }

    /// Opens the database of a live or finished run read-only.
    package static func openReadOnly(_ run: RunDirectory) throws -> RunDatabase {
        let path = run.database.path
        return try translating("read the run's records", path) {
            guard FileManager.default.fileExists(atPath: path) else {
                throw RunDatabaseError(
                    kind: .cannotOpen, operation: "read the run's records", path: path,
                    message: "no such file")
            }
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(1)
            configuration.prepareDatabase { $0.add(function: WordPattern.sqlFunction) }
            do {
                return try reader(path, configuration)
            } catch let error as DatabaseError
                where error.resultCode == .SQLITE_CANTOPEN || error.resultCode == .SQLITE_READONLY
                || FileLocks.areMissing(path)
            {
                // SQLite must create the index of a killed run's log, which is impossible in a folder without
                // write permission. Without a log beside it, the file is complete and no process is writing
                // it. On a file system without locks no writer can be seen in any case.
                guard !FileManager.default.fileExists(atPath: path + "-wal") else { throw error }
                return try reader(URL(filePath: path).absoluteString + "?immutable=1", configuration, path)
            }
        }
    }

    private static func reader(_ name: String, _ configuration: Configuration, _ path: String? = nil) throws
        -> RunDatabase
    {
        let queue = try DatabaseQueue(path: name, configuration: configuration)
        try refuseNewer(queue, path ?? name)
        return RunDatabase(path: path ?? name, queue: queue)
    }

    private static func refuseNewer(_ queue: DatabaseQueue, _ path: String) throws {
        guard try queue.read({ try RunDatabaseSchema.migrator.hasBeenSuperseded($0) }) else { return }
        throw RunDatabaseError(
            kind: .newerFormat, operation: "read the run's records", path: path,
            message: "a newer Ponder wrote them")
    }

    /// Closes the database and, if possible, removes the log beside it.
    package func close() throws {
        try translating("close the run's records") {
            if !queue.configuration.readonly {
                // This fails while another process reads; the log then stays, and nothing is lost.
                _ = try? queue.writeWithoutTransaction {
                    try String.fetchOne($0, sql: "PRAGMA journal_mode = DELETE")
                }
            }
            try queue.close()
        }
    }

    /// Copies the whole database into a new file.
    func copy(to path: String) throws {
        try translating("copy the run's records to \(path)") {
            let target = try DatabaseQueue(path: path)
            try queue.backup(to: target)
            try target.close()
        }
    }

    /// Ends the query that another thread makes on this connection, with an error there.
    package func interrupt() { queue.interrupt() }

    func write<Value>(_ operation: String, _ body: (Database) throws -> Value) throws -> Value {
        try translating(operation) { try queue.write(body) }
    }

    func read<Value>(_ operation: String, _ body: (Database) throws -> Value) throws -> Value {
        try translating(operation) { try queue.read(body) }
    }

    private func translating<Value>(_ operation: String, _ body: () throws -> Value) throws -> Value {
        try Self.translating(operation, path, body)
    }

    private static func translating<Value>(
        _ operation: String, _ path: String, _ body: () throws -> Value
    ) throws -> Value {
        do {
            return try body()
        } catch let error as RunDatabaseError {
            throw error
        } catch {
            throw RunDatabaseError(error, operation: operation, path: path)
        }
    }
}
