import Foundation
package import Logging
package import Reinforcement
import Synchronization
package import Wire
import ZeroMQ

/// The coordinator's end of the weights port: a ROUTER on a port and thread of its own.
///
/// Workers pull, so a slow one holds up only itself. Chunks are named by their hash and sent out of the one published
/// blob without a copy; a version that was withdrawn lives on only until the chunks already queued have gone.
/// Where most of a version is the bits of the one before it, what changed is served as well, for whoever has that one.
package final class WeightServer: WeightServing {
    /// Where it is bound, the port filled in.
    package let endpoint: Endpoint

    private let loop: SocketLoop<WeightServerRole>
    private let door: Door
    private let counters: TransportCounters
    private let chain = Mutex(DeltaChain())
    private let traffic = WeightTraffic()

    /// Binds; serves nothing until the first `publish`.
    ///
    /// - Throws: `EndpointError`, `FileDescriptorShortage`, `ZeroMQError` (`.addressInUse`, …): each names the remedy.
    package init(
        binding endpoint: Endpoint, security: PortSecurity = .local, plan: SocketPlan = SocketPlan(),
        logger: Logger = Logger(label: "ponder.weights")
    ) async throws {
        try FileDescriptorLimit.ensure(64)
        let counters = TransportCounters(logger: logger)
        self.counters = counters
        let handover = Handover<Endpoint>()
        (loop, door) = try await SocketLoop.behindDoor(
            security, name: "ponder-weights", capacity: 64, logger: logger
        ) { [traffic] door, context, _ in
            let role = try WeightServerRole(
                endpoint, plan: plan, door: door, in: context, traffic: traffic, counters: counters)
            handover.put(role.endpoint)
            return role
        }
        self.endpoint = try handover.take()
    }

    /// Returns when the version is being served.
    ///
    /// - Throws: `WireError` when manifest and bytes do not fit, `WeightServerClosed` after `close`.
    package func publish(_ manifest: WeightManifest, bytes: WeightBytes) async throws {
        let version = try await prepare(manifest, bytes)
        let accepted = await withCheckedContinuation { done in
            if !loop.post(.publish(version, done)) { done.resume(returning: false) }
        }
        guard accepted else { throw WeightServerClosed(version: manifest.version) }
    }

    /// Compares it with the version before it, on a thread that may be busy for a while.
    private func prepare(_ manifest: WeightManifest, _ bytes: WeightBytes) async throws -> WeightShelf.Version
    {
        try manifest.check()
        return try await withCheckedThrowingContinuation { done in
            Thread.detachNewThread { [self] in
                done.resume(
                    with: Result {
                        try chain.withLock { chain in
                            let manifest = chain.add(manifest, bytes)
                            return try WeightShelf.Version(manifest, bytes: bytes, deltas: chain.deltas)
                        }
                    })
            }
        }
    }

    package func close() async {
        await loop.stop()
        await door.close()
    }

    /// What could not be used or delivered so far.
    package var counts: TransportCounts { counters.now }

    /// Bytes of chunks that were sent.
    package var sentBytes: Int { traffic.now.went }
}

/// A version was published on a server that had been closed or whose thread has failed.
package struct WeightServerClosed: Error, Sendable, Hashable, CustomStringConvertible {
    package let version: PolicyVersion

    package init(version: PolicyVersion) { self.version = version }

    package var description: String { "policy \(version.rawValue) was published on a closed weight server" }
}
