import Foundation
package import Logging
package import Reinforcement
import Synchronization
package import Wire
import ZeroMQ

/// The worker's end of the weights port: a DEALER on a thread of its own, which also hashes what arrives.
///
/// It asks for a window of chunks at a time, asks again for what arrives with other bytes, dials again and goes on
/// where it was when the connection breaks, and hands out a version whole or not at all.
package final class WeightClient: WeightFetching {
    /// How patient a client is, and how much it asks for at a time.
    package struct Limits: Sendable, Hashable {
        /// Chunks that may be asked for and not answered yet.
        package var window = 8
        /// Times a chunk may come with other bytes before the fetch fails.
        package var attempts = 4
        /// Without any reply for this long the connection is dialed again.
        package var replyWithin = Duration.seconds(5)
        /// Without anything that counts for this long the fetch fails.
        package var progressWithin = Duration.seconds(60)

        package init() {}
    }

    package let endpoint: Endpoint
    private let loop: SocketLoop<WeightClientRole>
    private let counters: TransportCounters

    /// Starts connecting and returns.
    ///
    /// - Parameter keys: for a server that asks for them.
    /// - Throws: `EndpointError`, `FileDescriptorShortage`, `ZeroMQError`.
    package init(
        connecting endpoint: Endpoint, keys: ClientKeys? = nil, limits: Limits = Limits(),
        plan: SocketPlan = SocketPlan(),
        logger: Logger = Logger(label: "ponder.weights")
    ) async throws {
        try FileDescriptorLimit.ensure(64)
        self.endpoint = endpoint
        let counters = TransportCounters(logger: logger)
        self.counters = counters
        let download = WeightDownload.Limits(
            window: limits.window, attempts: limits.attempts, replyWithin: limits.replyWithin,
            progressWithin: limits.progressWithin,
            // A manifest beyond this cannot be held, whatever it says.
            largestVersion: Int(clamping: ProcessInfo.processInfo.physicalMemory))
        loop = try await SocketLoop(name: "ponder-weights", capacity: 64) { _ in
            try WeightClientRole(endpoint, keys: keys, limits: download, plan: plan, counters: counters)
        }
    }

    package func fetch(_ version: PolicyVersion) async throws -> (
        manifest: WeightManifest, bytes: WeightBytes
    ) {
        let ticket = FetchTicket()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { answer in
                if !loop.post(.fetch(version, ticket, answer)) {
                    answer.resume(
                        throwing: WeightFetchError.unreachable(endpoint: endpoint.text, reason: "closed"))
                }
            }
        } onCancel: {
            ticket.cancel()
            loop.wake()
        }
    }

    package func close() async { await loop.stop() }

    /// What could not be used so far.
    package var counts: TransportCounts { counters.now }
}

/// Whether a fetch is still wanted.
final class FetchTicket: Sendable {
    private let cancelled = Atomic<Bool>(false)

    var isCancelled: Bool { cancelled.load(ordering: .acquiring) }
    func cancel() { cancelled.store(true, ordering: .releasing) }
}
