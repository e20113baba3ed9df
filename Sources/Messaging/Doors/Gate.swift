import Logging
import Synchronization
import ZeroMQ

/// A coordinator's or relay's key and the list of who may come in, as the file says now.
///
/// Whoever asks makes the gate look at the file again when the last look is a fifth of a second old, so a change holds
/// for the next message and needs no watcher. A change counts when two looks have seen the same, because an editor may
/// have emptied the file only to write it. A file that cannot be read leaves the list as it was, and the log says so;
/// a file that is gone lets nobody in.
package final class Gate: Sendable {
    /// Between two looks at the file.
    static let interval = Duration.milliseconds(200)

    private enum Sight: Equatable {
        case list([UInt8])
        case missing
        case unusable(KeyError)
    }

    private struct State {
        var list: AllowList
        var seen: Sight
        /// What the last look saw, when that is something else.
        var candidate: Sight?
        var lookedAt: ContinuousClock.Instant
        /// Rises with every change.
        var edition = 0
    }

    let keys: CurveKeyPair
    let file: String
    /// What its own key is called.
    private let own: String
    private let state: Mutex<State>
    private let logger: Logger

    /// - Throws: `KeyError` when there is no list, or none that can be used.
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
        own = name
        self.logger = logger
        state = Mutex(State(list: list, seen: .list(bytes), lookedAt: .now))
    }

    /// What a key is called; nil when it may not come in.
    ///
    /// Its own key always may.
    func name(of key: CurvePublicKey) -> String? {
        if key == keys.publicKey { return own }
        return state.withLock { state in
            look(&state)
            return state.list.name(of: key)
        }
    }

    /// Rises with every change of the list.
    var edition: Int {
        state.withLock { state in
            look(&state)
            return state.edition
        }
    }

    private func look(_ state: inout State) {
        let now = ContinuousClock.now
        guard now - state.lookedAt >= Self.interval else { return }
        state.lookedAt = now
        let sight = read()
        guard sight != state.seen else {
            state.candidate = nil
            return
        }
        guard sight == state.candidate else {
            state.candidate = sight
            return
        }
        state.candidate = nil
        state.seen = sight
        switch sight {
        case .missing:
            state.list = AllowList()
            state.edition += 1
            logger.error("\(file) is gone: nobody may come in")
        case .unusable(let error):
            logger.error("\(error); until then the list from before holds")
        case .list(let bytes):
            do {
                let list = try AllowList(bytes, path: file)
                logger.notice("\(file) has changed: \(list.entries.count) keys may come in")
                state.list = list
                state.edition += 1
            } catch {
                logger.error("\(error); until then the list from before holds")
            }
        }
    }

    private func read() -> Sight {
        do {
            return try KeyFile.read(file, .shown).map { .list($0) } ?? .missing
        } catch {
            return .unusable(error)
        }
    }
}
