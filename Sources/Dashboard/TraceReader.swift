import Dispatch
import FlyingFox
import Foundation
import Reinforcement
import RunStore
import Synchronization

/// Reads traces of one run for all clients, one query at a time, each within a time limit.
///
/// It has a connection of its own, so that a long search does not hold up the curves.
final class TraceReader: Sendable {
    private let run: RunDirectory
    private let queue = DispatchQueue(label: "dashboard-traces")
    private let records = Mutex<RunDatabase?>(nil)
    private let waiting = Atomic<Int>(0)

    /// How long a query may take, and how many may wait.
    private static let limit = DispatchTimeInterval.seconds(3)
    private static let places = 16

    init(_ run: RunDirectory) { self.run = run }

    /// About the most bytes of an answer, so that many slow clients hold little memory.
    private static let room = 1 << 20

    /// A page of traces, and the place where the next one begins, as JSON; long traces make a short page.
    func page(_ filter: TraceFilter) async throws -> Data {
        try await read { records in
            let traces = try records.traces(filter)
            var lines: [String] = []
            var bytes = 0
            for trace in traces {
                let line = try trace.line()
                bytes += line.utf8.count
                guard lines.isEmpty || bytes <= Self.room else { break }
                lines.append(line)
            }
            let isWhole = lines.count == traces.count && traces.count < filter.limit
            let next = isWhole ? nil : TracePlace(of: traces[lines.count - 1], in: filter.order)
            return Self.json(["traces": lines], next: next)
        }
    }

    /// How the policy answered one held-out problem at each measurement: with a thought, and asked directly.
    ///
    /// Of long traces only the first and the last are given.
    ///
    /// - Parameter problem: its id; nil for one that was wrong at first and is right now.
    func comparison(of problem: String?) async throws -> Data {
        try await read { records in
            var filter = TraceFilter()
            filter.order = .oldest
            filter.purpose = .evaluation
            filter.limit = 200
            filter.problemID = try problem ?? records.changedProblem()
            if filter.problemID == nil {
                var any = filter
                (any.order, any.limit) = (.newest, 1)
                filter.problemID = try records.traces(any).first?.problemID
            }
            guard filter.problemID != nil else { return Self.json([:], next: nil) }
            let thought = try Self.lines(records.traces(filter))
            filter.purpose = .direct
            return Self.json(
                ["thought": thought, "direct": try Self.lines(records.traces(filter))], next: nil)
        }
    }

    private static func lines(_ traces: [StoredTrace]) throws -> [String] {
        let lines = try traces.map { try $0.line() }
        let bytes = lines.reduce(0) { $0 + $1.utf8.count }
        return bytes <= room || lines.count < 3 ? lines : [lines[0], lines[lines.count - 1]]
    }

    private static func json(_ lists: [String: [String]], next: TracePlace?) -> Data {
        let members = lists.sorted { $0.key < $1.key }.map { name, lines in
            "\"\(name)\":[\(lines.joined(separator: ","))]"
        }
        let end = next.map { "\"next\":\"\($0)\"" } ?? "\"next\":null"
        return Data("{\((members + [end]).joined(separator: ","))}".utf8)
    }

    private func read(_ body: @escaping @Sendable (RunDatabase) throws -> Data) async throws -> Data {
        defer { waiting.wrappingSubtract(1, ordering: .relaxed) }
        guard waiting.wrappingAdd(1, ordering: .relaxed).newValue <= Self.places else {
            throw Reply(.serviceUnavailable, "\(Self.places) other searches are waiting; try again")
        }
        return try await queue.value { [self] in
            guard let records = try open() else { return Data("{\"traces\":[],\"next\":null}".utf8) }
            let isLate = Atomic<Bool>(false)
            let watch = DispatchWorkItem {
                isLate.store(true, ordering: .relaxed)
                records.interrupt()
            }
            DispatchQueue.global().asyncAfter(deadline: .now() + Self.limit, execute: watch)
            defer { watch.cancel() }
            do {
                return try body(records)
            } catch {
                guard isLate.load(ordering: .relaxed) else { throw error }
                throw Reply(
                    .serviceUnavailable,
                    "the search took longer than 3 s and was ended; narrow the steps or the filter")
            }
        }
    }

    private func open() throws -> RunDatabase? {
        try records.withLock { records in
            if records == nil, FileManager.default.fileExists(atPath: run.database.path) {
                records = try RunDatabase.openReadOnly(run)
            }
            return records
        }
    }
}
