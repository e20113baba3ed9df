import Foundation
import Primitives
import ZeroMQ

/// The baseline for publishing: the same bytes in the same chunks over PUSH and PULL on loopback TCP, each chunk
/// hashed by the sender, hashed again and compared by the receiver, and put in its place.
struct PlainCopy {
    let bytes: [UInt8]
    let chunkSize: Int

    struct Failure: Error, CustomStringConvertible { let description: String }

    /// Seconds from the first hash to the last byte in its place.
    func run() async throws -> Double {
        let (bytes, chunkSize) = (bytes, chunkSize)
        let places = AsyncStream<String>.makeStream()
        async let end = Self.onThread {
            let socket = try Socket(.pull, in: Context())
            try socket.set(.receiveHighWater, 64)
            let place = try socket.bind("tcp://127.0.0.1:*")
            places.continuation.yield(place)
            return try Self.receive(socket, count: bytes.count, chunkSize: chunkSize)
        }
        var iterator = places.stream.makeAsyncIterator()
        guard let place = await iterator.next() else { throw Failure(description: "no endpoint") }
        let start = try await Self.onThread {
            let socket = try Socket(.push, in: Context())
            try socket.set(.sendHighWater, 64)
            try socket.set(.linger, .seconds(10))
            try socket.connect(place)
            let start = ContinuousClock.now
            try Self.send(bytes, chunkSize: chunkSize, socket)
            return start
        }
        return try await (end - start) / .seconds(1)
    }

    private static func send(_ bytes: [UInt8], chunkSize: Int, _ socket: Socket) throws {
        let buffer = SharedBuffer(bytes)
        for start in stride(from: 0, to: bytes.count, by: chunkSize) {
            let range = start..<min(start + chunkSize, bytes.count)
            let hash = bytes.withUnsafeBytes {
                ContentHash.text(of: UnsafeRawBufferPointer(rebasing: $0[range]))
            }
            try wait(socket, .writable)
            try socket.send([.bytes(Array(hash.utf8)), .shared(buffer, range)])
        }
    }

    private static func receive(_ socket: Socket, count: Int, chunkSize: Int) throws
        -> ContinuousClock.Instant
    {
        let limits = ReceptionLimits(parts: 2, bytes: chunkSize + 64)
        var copy = [UInt8](unsafeUninitializedCapacity: count) { $1 = count }
        var filled = 0
        while filled < count {
            try wait(socket, .readable)
            guard case .message(let parts) = try socket.receive(limits: limits), parts.count == 2 else {
                continue
            }
            let isRight = parts[1].withUnsafeBytes { chunk in
                copy.withUnsafeMutableBytes { $0[filled..<filled + chunk.count].copyBytes(from: chunk) }
                return Array(ContentHash.text(of: chunk).utf8) == parts[0].bytes
            }
            guard isRight else {
                throw Failure(description: "a chunk of the plain copy arrived with different bytes")
            }
            filled += parts[1].count
        }
        return .now
    }

    private static func wait(_ socket: Socket, _ events: Poller.Events) throws {
        let poller = Poller()
        poller.add(socket, events)
        for _ in 0..<60 where try !poller.wait(timeout: .seconds(1))[0].isEmpty { return }
        throw Failure(description: "the plain copy made no progress for a minute")
    }

    /// Runs on a thread of its own, because a socket belongs to one thread.
    private static func onThread<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws
        -> Value
    {
        try await withCheckedThrowingContinuation { done in
            let thread = Thread { done.resume(with: Result { try work() }) }
            thread.start()
        }
    }
}
