/// What the page of a run shows, apart from its traces: the answer of `/api/runs/N`.
package struct RunView: Sendable, Encodable {
    /// Version of the format.
    package let schema = 1
    /// Number of this state of the records; a greater one is newer.
    package let revision: Int
    /// Whether a process holds the run, so that there is more to come.
    package let isLive: Bool
    package let status: RunStatus
    /// The rows of `series` are the steps after this one.
    package let after: Int
    package let series: RunSeries
    /// The newest events, oldest first.
    package let events: [EventRecord]

    /// Reads the run's folder; `records` is nil before the coordinator has made the tables.
    ///
    /// - Parameter after: the step after which the curves are read.
    /// - Throws: `RunDatabaseError`, `ConfigurationError`, `FileError`.
    package init(
        of run: RunDirectory, _ records: RunDatabase?, revision: Int, isLive: Bool, after: Int = 0
    ) throws {
        self.revision = revision
        self.isLive = isLive
        self.after = after
        status = try RunStatus(of: run)
        series = try records?.series(after: after) ?? RunSeries(names: [], rows: [], stride: 1)
        events = try records?.events(last: 50) ?? []
    }

    /// One line of JSON with sorted keys.
    package func line() throws -> String { try RecordCoding.text(self) }
}
