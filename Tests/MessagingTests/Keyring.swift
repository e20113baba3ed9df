import Foundation
import Logging
import Synchronization
import Testing

@testable import Messaging

/// A folder of keys of a test's own, with a coordinator's.
final class Keyring: Sendable {
    let folder: KeyFolder
    let allowList: AllowListWatcher

    init(authorized names: [String] = [], others: [String] = []) throws {
        let folder = KeyFolder(
            FileManager.default.temporaryDirectory.appending(path: "ponder-keys-\(UUID().uuidString)").path)
        self.folder = folder
        _ = try folder.make([KeyFolder.coordinator, "nobody"] + names + others)
        // A list must be there, even if nobody is on it.
        _ = try folder.authorize(names.isEmpty ? ["nobody"] : names)
        if names.isEmpty { _ = try folder.revoke(["nobody"]) }
        allowList = try folder.allowList()
    }

    deinit { try? FileManager.default.removeItem(atPath: folder.path) }

    func client(_ name: String) throws -> ClientKeys { try folder.client([name]) }

    func fingerprint(_ name: String) throws -> String? { try folder.publicKey(name)?.fingerprint }
}

/// Looks until something holds, a minute at most: beside other tests a pause may be long.
func eventually(_ what: Comment, until holds: () throws -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(60)
    while try !holds() {
        guard ContinuousClock.now < end else {
            Issue.record(what)
            return
        }
        try await Task.sleep(for: .milliseconds(10))
    }
}

/// Keeps what was logged.
final class LogBook: Sendable {
    private let lines = Mutex<[String]>([])

    var text: String { lines.withLock { $0.joined(separator: "\n") } }
    var count: Int { lines.withLock { $0.count } }

    var logger: Logger { Logger(label: "test") { _ in Handler(book: self) } }

    private struct Handler: LogHandler {
        let book: LogBook
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            book.lines.withLock { $0.append("\(event.message)") }
        }
    }
}
