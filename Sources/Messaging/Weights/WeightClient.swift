import Foundation
package import Logging
package import Primitives
package import Reinforcement
import Synchronization
package import WeightTransfer
import Wire
import ZeroMQ

/// The worker's end of the weights port: a DEALER to the coordinator and one to each relay, on a thread of their own,
/// which also hashes what arrives.
///
/// It asks for a window of chunks at a time, asks again for what arrives with other bytes, dials again and goes on
/// where it was when the connection breaks, and hands out a version whole or not at all. Manifests come from the
/// coordinator, chunks from the first relay that does its work, so a relay that lies or dies costs time and nothing else;
/// where none does, from the place that a sealed version's manifest names, and at last from the coordinator itself.
package final class WeightClient: WeightFetching {
    /// How patient a client is, and how much it asks for at a time.
    package struct Limits: Sendable, Hashable {
        /// Chunks that may be asked for and not answered yet.
        package var window = 8
        /// Times a chunk may come with other bytes before the fetch fails.
        package var attempts = 4
        /// Without any reply for this long the connection is dialed again, or another source asked.
        package var replyWithin = Duration.seconds(5)
        /// Without anything that counts for this long the fetch fails.
        package var progressWithin = Duration.seconds(60)
        /// A relay that failed is not asked for this long; twice as long each time, up to 32 times.
        package var relayRest = Duration.seconds(10)

        package init() {}
    }

    /// Where chunks, or the weights themselves, come from.
    package struct Source: Sendable {
        package let endpoint: Endpoint
        /// For a server that asks for them.
        package let keys: ClientKeys?
        /// Whether it has sealed chunks, which `WeightSeal` describes, and asks for no keys.
        package let isSealed: Bool

        package init(_ endpoint: Endpoint, keys: ClientKeys? = nil) {
            self.init(endpoint, keys: keys, isSealed: false)
        }

        private init(_ endpoint: Endpoint, keys: ClientKeys?, isSealed: Bool) {
            self.endpoint = endpoint
            self.keys = keys
            self.isSealed = isSealed
        }

        package static func sealed(_ endpoint: Endpoint) -> Source {
            Source(endpoint, keys: nil, isSealed: true)
        }
    }

    package let endpoint: Endpoint
    private let loop: SocketLoop<WeightClientRole>
    private let counters: TransportCounters

    /// Starts connecting and returns.
    ///
    /// - Parameters:
    ///   - keys: for a server that asks for them.
    ///   - relays: who is asked for chunks before the coordinator is, the first one first.
    /// - Throws: `EndpointError`, `FileDescriptorShortage`, `ZeroMQError`.
    package init(
        connecting endpoint: Endpoint, keys: ClientKeys? = nil, relays: [Source] = [],
        limits: Limits = Limits(),
        plan: SocketPlan = SocketPlan(),
        logger: Logger = Logger(label: "ponder.weights")
    ) async throws {
        try FileDescriptorLimit.ensure(64 + 2 * relays.count)
        self.endpoint = endpoint
        let counters = TransportCounters(logger: logger)
        self.counters = counters
        let download = WeightDownload.Limits(
            window: limits.window, attempts: limits.attempts, replyWithin: limits.replyWithin,
            progressWithin: limits.progressWithin,
            // A manifest beyond this cannot be held, whatever it says.
            largestVersion: Int(clamping: ProcessInfo.processInfo.physicalMemory))
        loop = try await SocketLoop(name: "ponder-weights", capacity: 64) { _ in
            try WeightClientRole(
                [Source(endpoint, keys: keys)] + relays, limits: download, relayRest: limits.relayRest,
                plan: plan,
                counters: counters)
        }
    }

    package func fetch(_ version: PolicyVersion) async throws -> (
        manifest: WeightManifest, bytes: SharedBuffer
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
