import FlyingFox
import Foundation
import Reasoning
import RunStore
import Settings

/// What the dashboard answers to each path.
struct Site: Sendable {
    let access: Access
    let files: PageFiles
    let feed: RunFeed
    private let traces: [TraceReader]

    init(access: Access, files: PageFiles, feed: RunFeed) {
        self.access = access
        self.files = files
        self.feed = feed
        traces = feed.runs.map { TraceReader($0.run) }
    }

    func answer(_ request: HTTPRequest) async -> Reply {
        do {
            try access.check(request)
            if let file = files.reply(to: request.path) { return file }
            return try await records(request)
        } catch let refusal as Reply {
            return refusal
        } catch {
            return Reply(.serviceUnavailable, "\(error)")
        }
    }

    private func records(_ request: HTTPRequest) async throws -> Reply {
        let parts = request.path.split(separator: "/", omittingEmptySubsequences: true)
        let unknown = Reply(.notFound, "there is no \(request.path.prefix(100))")
        if parts == ["metrics"] { return try await metrics(request) }
        guard parts.first == "api" else { throw unknown }
        switch parts.dropFirst().first {
        case "runs" where parts.count == 2: return try list()
        case "updates" where parts.count == 2:
            // A browser that gets 204 does not ask again.
            return await feed.messages().map(Reply.events) ?? .nothing
        case "runs":
            let number = try known(Int(parts[2]))
            switch parts.dropFirst(3) {
            case []:
                return .json(
                    try await feed.runs[number].view(
                        after: try request.number("after") ?? 0, from: try request.number("revision") ?? 0))
            case ["traces"]: return .json(try await traces[number].page(TraceFilter(request)))
            case ["comparison"]:
                return .json(try await traces[number].comparison(of: request.value("problem")))
            default: throw unknown
            }
        default: throw unknown
        }
    }

    /// The number of a run of this page.
    private func known(_ number: Int?) throws(Reply) -> Int {
        guard let number, feed.runs.indices.contains(number) else {
            throw Reply(.notFound, "the runs of this page are 0 to \(feed.runs.count - 1)")
        }
        return number
    }

    /// What Prometheus reads: the figures of the first run, or of the one that `run` says.
    private func metrics(_ request: HTTPRequest) async throws -> Reply {
        let run = feed.runs[try known(try request.number("run") ?? 0)]
        return Reply(type: PrometheusText.contentType, Data(try await run.metrics().utf8))
    }

    private struct Entry: Encodable {
        let name: String
        let folder: String
        /// The tags around a thought.
        let open: String
        let close: String
    }

    private func list() throws -> Reply {
        let entries = try feed.runs.map { source in
            let tags = try source.run.configuration().thoughtTags()
            return Entry(
                name: source.run.root.lastPathComponent, folder: source.run.root.path, open: tags.open,
                close: tags.close)
        }
        return .json(try JSONEncoder().encode(entries))
    }
}
