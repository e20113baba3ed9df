package import Scheduling
import Synchronization
package import Wire

/// A control port within one process: the peer of the network transports, through the same coder.
///
/// Every message is encoded by its sender and decoded by its receiver, so a value that the wire cannot carry fails
/// here, too. Queues are unbounded; nothing is lost but what is sent to a peer that is gone.
package final class InProcessNetwork: Sendable {
    package let coordinator: InProcessCoordinatorTransport
    private let book: Book

    package init() {
        book = Book()
        coordinator = InProcessCoordinatorTransport(book: book)
        book.attach(coordinator)
    }

    /// Makes an end for another worker.
    package func makeWorker() -> InProcessWorkerTransport { InProcessWorkerTransport(book: book) }

    /// Connected workers by peer id.
    final class Book: Sendable {
        private struct State {
            var nextPeer: UInt32 = 1
            var workers: [PeerID: InProcessWorkerTransport] = [:]
            var coordinator: InProcessCoordinatorTransport?
        }

        private let state = Mutex(State())

        func attach(_ coordinator: InProcessCoordinatorTransport) {
            state.withLock { $0.coordinator = coordinator }
        }

        func detachCoordinator() -> [InProcessWorkerTransport] {
            state.withLock { state in
                defer { state.workers = [:] }
                state.coordinator = nil
                return Array(state.workers.values)
            }
        }

        /// A new id each time, as a socket's reconnect gets one.
        func join(_ worker: InProcessWorkerTransport) -> PeerID {
            state.withLock { state in
                let number = state.nextPeer
                state.nextPeer += 1
                let bytes = withUnsafeBytes(of: number.bigEndian) { [0] + [UInt8]($0) }
                let peer = PeerID(bytes: bytes, address: "in-process-\(number)")
                state.workers[peer] = worker
                return peer
            }
        }

        func leave(_ peer: PeerID) {
            let coordinator = state.withLock { state in
                state.workers.removeValue(forKey: peer) == nil ? nil : state.coordinator
            }
            coordinator?.yield(.disconnected(peer))
        }

        func worker(_ peer: PeerID) -> InProcessWorkerTransport? { state.withLock { $0.workers[peer] } }

        func deliver(_ frames: [Frame], from peer: PeerID) {
            let coordinator = state.withLock { $0.workers[peer] == nil ? nil : $0.coordinator }
            coordinator?.receive(frames, from: peer)
        }
    }
}

/// The coordinator's end of an `InProcessNetwork`.
package final class InProcessCoordinatorTransport: CoordinatorTransport {
    package let events: AsyncStream<CoordinatorTransportEvent>
    private let continuation: AsyncStream<CoordinatorTransportEvent>.Continuation
    private let book: InProcessNetwork.Book

    init(book: InProcessNetwork.Book) {
        self.book = book
        (events, continuation) = AsyncStream.makeStream()
    }

    package func send(_ message: Envelope<CoordinatorMessage>, to peer: PeerID) throws {
        let frames = try MessageCoder.encode(message)
        book.worker(peer)?.receive(frames)
    }

    /// Sends raw frames, to test how a worker handles them.
    package func sendRaw(_ frames: [Frame], to peer: PeerID) { book.worker(peer)?.receive(frames) }

    package func close() async {
        for worker in book.detachCoordinator() { worker.yield(.disconnected) }
        continuation.finish()
    }

    func receive(_ frames: [Frame], from peer: PeerID) {
        do {
            yield(.message(peer, try MessageCoder.decodeWorkerMessage(frames)))
        } catch let error as WireError {
            yield(.malformed(peer, error))
        } catch {
            preconditionFailure("decoding throws WireError only, not \(error)")
        }
    }

    func yield(_ event: CoordinatorTransportEvent) { continuation.yield(event) }
}

/// A worker's end of an `InProcessNetwork`.
package final class InProcessWorkerTransport: WorkerTransport {
    package let events: AsyncStream<WorkerTransportEvent>
    package let address = "the coordinator"
    package func diagnosis() async -> String { "nobody has opened the network" }

    private let continuation: AsyncStream<WorkerTransportEvent>.Continuation
    private let book: InProcessNetwork.Book
    private let peer = Mutex<PeerID?>(nil)

    init(book: InProcessNetwork.Book) {
        self.book = book
        (events, continuation) = AsyncStream.makeStream()
        peer.withLock { $0 = book.join(self) }
    }

    package func send(_ message: Envelope<WorkerMessage>) throws {
        sendRaw(try MessageCoder.encode(message))
    }

    /// Sends raw frames, to test how a coordinator handles them.
    package func sendRaw(_ frames: [Frame]) {
        guard let peer = peer.withLock({ $0 }) else { return }
        book.deliver(frames, from: peer)
    }

    package func reconnect() async {
        let old = peer.withLock { peer in
            defer { peer = nil }
            return peer
        }
        // Closed for good, or being redialed elsewhere.
        guard let old else { return }
        book.leave(old)
        let new = book.join(self)
        peer.withLock { $0 = new }
    }

    package func close() async {
        let old = peer.withLock { peer in
            defer { peer = nil }
            return peer
        }
        if let old { book.leave(old) }
        continuation.finish()
    }

    func receive(_ frames: [Frame]) {
        do {
            yield(.message(try MessageCoder.decodeCoordinatorMessage(frames)))
        } catch let error as WireError {
            yield(.malformed(error))
        } catch {
            preconditionFailure("decoding throws WireError only, not \(error)")
        }
    }

    func yield(_ event: WorkerTransportEvent) { continuation.yield(event) }
}
