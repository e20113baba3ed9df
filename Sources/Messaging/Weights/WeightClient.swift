import Foundation
package import Logging
package import Primitives
package import Reinforcement
import Synchronization
package import WeightTransfer
import Wire
import ZeroMQ

/// The worker's end of the weights port: a DEALER to the coordinator and one to each relay, on one thread, which also
/// hashes the chunks.
///
/// It asks for a window of chunks at a time, and asks again for a chunk that arrives with other bytes. When the connection
/// breaks, it dials again and continues. It returns complete versions only. Manifests come from the coordinator. Chunks
/// come from the first relay that works, else from the endpoint that the manifest of a sealed version names, else from the
/// coordinator. So a relay that sends wrong bytes or dies costs time and nothing else.
package final class WeightClient: WeightFetching {
    /// The deadlines and the window of a client.
    package struct Limits: Sendable, Hashable {
        /// Chunks that may be asked for and not answered yet.
        package var window = 8
        /// Failures of one chunk after which the fetch fails.
        package var attempts = 4
        /// When no reply has arrived for this long, the connection is dialed again or another source is asked.
        package var replyWithin = Duration.seconds(5)
        /// When no new chunk has arrived for this long, the fetch fails.
        package var progressWithin = Duration.seconds(60)
        /// How long a relay that failed is not asked; twice as long each further time, up to 32 times.
        package var relayRest = Duration.seconds(10)

        package init() {}
    }

    /// A server of weights or chunks.
    package struct Source: Sendable {
        package let endpoint: Endpoint
        /// The keys for a server that demands them.
        package let keys: ClientKeys?
        /// Whether it serves sealed chunks (`WeightSeal`), without keys.
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

    /// Starts to connect and returns.
    ///
    /// - Parameters:
    ///   - keys: for a server that demands them.
    ///   - relays: the places to ask for chunks before the coordinator, in this order.
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
            // A larger version does not fit into memory.
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
        let cancellation = FetchCancellation()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { answer in
                if !loop.post(.fetch(version, cancellation, answer)) {
                    answer.resume(
                        throwing: WeightFetchError.unreachable(endpoint: endpoint.text, reason: "closed"))
                }
            }
        } onCancel: {
            cancellation.cancel()
            loop.wake()
        }
    }

    package func close() async { await loop.stop() }

    /// What could not be used so far.
    package var counts: TransportCounts { counters.now }
}

/// The cancellation flag of one fetch.
final class FetchCancellation: Sendable {
    private let cancelled = Atomic<Bool>(false)

    var isCancelled: Bool { cancelled.load(ordering: .acquiring) }
    func cancel() { cancelled.store(true, ordering: .releasing) }
}
