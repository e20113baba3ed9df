import FlyingFox
import FlyingSocks
import Foundation
import Synchronization

/// Serves the page of one or several runs over HTTP.
///
/// It has FlyingFox's sockets, requests and status codes, and its own loop of connections: FlyingFox's server limits
/// neither their number, nor their time, nor the size of a request.
package final class DashboardServer: Sendable {
    /// The largest number of clients at a time; each open page has one connection, and a few while it loads.
    static let clients = 128

    private let listener: Listener
    private let site: Site
    private let waits: SocketWaits
    private let patience: Connection.Patience
    private let open = Atomic<Int>(0)
    /// The number of clients now.
    var connections: Int { open.load(ordering: .relaxed) }
    private let isLeaving = Atomic<Bool>(false)

    /// Checks that only this machine reaches the listener, or that readers need a token that cannot be guessed.
    ///
    /// - Throws: `DashboardError`.
    package static func check(_ listener: Listener, token: String?) throws(DashboardError) {
        _ = try Access(listener, token: token)
    }

    /// - Throws: `DashboardError` as `check`; `SystemError`.
    package convenience init(_ listener: Listener, runs: [RunSource], token: String?, files: PageFiles) throws
    {
        try self.init(listener, runs: runs, token: token, files: files, patience: Connection.Patience())
    }

    init(
        _ listener: Listener, runs: [RunSource], token: String?, files: PageFiles,
        patience: Connection.Patience
    ) throws {
        self.listener = listener
        self.patience = patience
        site = Site(access: try Access(listener, token: token), files: files, feed: RunFeed(runs))
        waits = try SocketWaits()
    }

    /// Serves until `leave` or `stop`.
    ///
    /// - Throws: `SocketError` when the listener cannot be waited for.
    package func run() async throws {
        // Writing to a client that left is an error of that write; it must not end the process.
        signal(SIGPIPE, SIG_IGN)
        let socket = try AsyncSocket(
            socket: Socket(file: Socket.FileDescriptor(rawValue: listener.descriptor)), pool: waits)
        while true {
            do {
                let client = try await socket.accept()
                admit(client)
            } catch {
                guard !isLeaving.load(ordering: .relaxed) else { return listener.close() }
                // The process has no descriptors left, or the client was gone already.
                try? await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    /// Ends `run`: nobody is let in any more, and who is there stays.
    package func leave() {
        isLeaving.store(true, ordering: .relaxed)
        shutdown(listener.descriptor, Int32(SHUT_RDWR))
    }

    /// Ends `run` and every connection.
    package func stop() {
        isLeaving.store(true, ordering: .relaxed)
        site.feed.stop()
        waits.close()
    }

    private func admit(_ client: AsyncSocket) {
        guard open.wrappingAdd(1, ordering: .relaxed).newValue <= Self.clients else {
            open.wrappingSubtract(1, ordering: .relaxed)
            let reply = Reply(.serviceUnavailable, "\(Self.clients) clients are connected; close a page")
            // The socket is new, so the system takes these bytes at once.
            _ = try? client.socket.write(reply.head(isLast: true) + reply.body)
            try? client.close()
            return
        }
        Task {
            await Connection(socket: client, patience: patience, answer: { [site] in await site.answer($0) })
                .serve()
            open.wrappingSubtract(1, ordering: .relaxed)
        }
    }
}
