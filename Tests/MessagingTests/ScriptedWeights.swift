import Reinforcement
import Synchronization
import WeightTransfer
import Wire
import ZeroMQ

@testable import Messaging

/// A weights server that answers as a test's script says, and keeps the requests.
final class ScriptedWeights: Sendable {
    /// From a request, and how many of the same came before it, to the frames to answer with; nil to say nothing.
    typealias Script = @Sendable (WeightRequest, Int) -> [Frame]?

    let endpoint: Endpoint
    private let loop: SocketLoop<Role>
    private let book: Book

    init(binding endpoint: Endpoint? = nil, _ script: @escaping Script) async throws {
        let endpoint = try endpoint ?? Place.tcp.endpoint()
        let book = Book()
        self.book = book
        loop = try await SocketLoop(name: "scripted-weights", capacity: 1) { _ in
            try Role(endpoint, script, book)
        }
        self.endpoint = loop.shared
    }

    var asked: [WeightRequest] { book.state.withLock { $0.asked } }

    /// Ends when this many requests have come; every client of these tests has a deadline that ends it otherwise.
    func waitFor(requests count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = book.state.withLock { state in
                if state.asked.count < count { state.waiter = (count, continuation) }
                return state.asked.count >= count
            }
            if isThere { continuation.resume() }
        }
    }

    func close() async { await loop.stop() }

    final class Book: Sendable {
        struct State {
            var asked: [WeightRequest] = []
            var waiter: (count: Int, continuation: CheckedContinuation<Void, Never>)?
        }

        let state = Mutex(State())

        /// Writes a request down and counts those before it that were the same.
        func note(_ request: WeightRequest) -> Int {
            let (before, waiter) = state.withLock { state in
                let before = state.asked.count { $0 == request }
                state.asked.append(request)
                let isAwaited = state.waiter.map { $0.count <= state.asked.count } ?? false
                return (before, isAwaited ? state.waiter.take() : nil)
            }
            waiter?.continuation.resume()
            return before
        }
    }

    final class Role: SocketRole {
        typealias Command = Never

        /// The bound endpoint.
        let shared: Endpoint
        private let router: Socket
        private let script: Script
        private let book: Book

        init(_ endpoint: Endpoint, _ script: @escaping Script, _ book: Book) throws {
            router = try SocketPlan.impatient.router(in: Context())
            shared = try router.bind(to: endpoint)
            self.script = script
            self.book = book
        }

        func prepare(_ poller: Poller) { poller.add(router, .readable) }
        var maximumWait: Duration { .seconds(1) }
        func ended(_ error: (any Error)?, unexecuted commands: [Never]) {}

        func turn() throws {
            while case .message(let parts) = try router.receive(limits: .init(parts: 3, bytes: 9999)) {
                let request = try WeightCoder.decodeRequest(parts.dropFirst().map(\.bytes))
                let before = book.note(request)
                guard let frames = script(request, before) else { continue }
                do {
                    try router.send([.bytes(parts[0].bytes)] + frames.map { .bytes($0) })
                } catch {
                    // The client has dialed again meanwhile.
                    guard error.code == .hostUnreachable else { throw error }
                }
            }
        }
    }
}
