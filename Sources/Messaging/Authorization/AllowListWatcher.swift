import Logging
import Synchronization
import ZeroMQ

/// The key of a coordinator or relay, and the list of the keys that it accepts, kept up to date with its file.
///
/// A call reads the file again when the last read is 200 ms old or older, so a change holds for the next message. A new
/// content must be read twice in a row before it counts, because an editor may empty the file before it writes it. When
/// the file cannot be read, the old list stays and the log says so. When the file is missing, no other key is accepted.
package final class AllowListWatcher: Sendable {
    /// The shortest time between two reads of the file.
    static let interval = Duration.milliseconds(200)

    private enum FileContent: Equatable {
        case list([UInt8])
        case missing
        case unreadable(KeyError)
    }

    private struct State {
        var list: AllowList
        /// The content that counts.
        var current: FileContent
        /// What the last read found, when it differs from `current`.
        var candidate: FileContent?
        var lastRead: ContinuousClock.Instant
        var version = 0
    }

    /// The key pair of this server.
    let keys: CurveKeyPair
    let file: String
    /// The name of this server's key.
    private let ownName: String
    private let state: Mutex<State>
    private let logger: Logger

    /// - Throws: `KeyError` when the list is missing or malformed.
    init(
        keys: CurveKeyPair, list file: String, name: String = KeyFolder.coordinator, logger: Logger
    ) throws(KeyError) {
        guard let bytes = try KeyFile.read(file, .shown) else {
            throw KeyError(
                file, "is missing", remedy: "say who may take part with `ponder keys authorize NAME`")
        }
        let list = try AllowList(bytes, path: file)
        self.keys = keys
        self.file = file
        ownName = name
        self.logger = logger
        state = Mutex(State(list: list, current: .list(bytes), lastRead: .now))
    }

    /// The name of a key on the list, nil for a key that is not accepted.
    ///
    /// The server's own key is always accepted.
    func name(of key: CurvePublicKey) -> String? {
        if key == keys.publicKey { return ownName }
        return state.withLock { state in
            update(&state)
            return state.list.name(of: key)
        }
    }

    /// A number that rises with every change of the list.
    var version: Int {
        state.withLock { state in
            update(&state)
            return state.version
        }
    }

    private func update(_ state: inout State) {
        let now = ContinuousClock.now
        guard now - state.lastRead >= Self.interval else { return }
        state.lastRead = now
        let content = read()
        guard content != state.current, content == state.candidate else {
            state.candidate = content == state.current ? nil : content
            return
        }
        state.candidate = nil
        state.current = content
        do {
            switch content {
            case .missing:
                state.list = AllowList()
                logger.error("\(file) is missing: no other key is accepted until it is back")
            case .unreadable(let error):
                throw error
            case .list(let bytes):
                state.list = try AllowList(bytes, path: file)
                logger.notice("\(file) has changed: \(state.list.entries.count) keys are accepted")
            }
            state.version += 1
        } catch {
            logger.error("\(error); the previous list stays in force until then")
        }
    }

    private func read() -> FileContent {
        do {
            return try KeyFile.read(file, .shown).map { .list($0) } ?? .missing
        } catch {
            return .unreadable(error)
        }
    }
}
