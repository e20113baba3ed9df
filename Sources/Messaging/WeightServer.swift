package import Logging
package import Reinforcement
package import Wire
import ZeroMQ

/// The coordinator's end of the weights port: a ROUTER on a port and thread of its own.
///
/// Workers pull, so a slow one holds up only itself. Chunks are named by their hash and sent out of the one published
/// blob without a copy; a version that was withdrawn lives on only until the chunks already queued have gone.
package final class WeightServer: WeightServing {
    /// Where it is bound, the port filled in.
    package let endpoint: Endpoint

    private let loop: SocketLoop<WeightServerRole>
    private let door: Door
    private let counters: TransportCounters

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
        ) { door, context, _ in
            let role = try WeightServerRole(
                endpoint, plan: plan, door: door, in: context, counters: counters)
            handover.put(role.endpoint)
            return role
        }
        self.endpoint = try handover.take()
    }

    /// Returns when the version is being served.
    ///
    /// - Throws: `WireError` when manifest and bytes do not fit, `WeightServerClosed` after `close`.
    package func publish(_ manifest: WeightManifest, bytes: WeightBytes) async throws {
        let version = try WeightShelf.Version(manifest, bytes: bytes)
        let accepted = await withCheckedContinuation { done in
            if !loop.post(.publish(version, done)) { done.resume(returning: false) }
        }
        guard accepted else { throw WeightServerClosed(version: manifest.version) }
    }

    package func close() async {
        await loop.stop()
        await door.close()
    }

    /// What could not be used or delivered so far.
    package var counts: TransportCounts { counters.now }
}

/// A version was published on a server that had been closed or whose thread has failed.
package struct WeightServerClosed: Error, Sendable, Hashable, CustomStringConvertible {
    package let version: PolicyVersion

    package init(version: PolicyVersion) { self.version = version }

    package var description: String { "policy \(version.rawValue) was published on a closed weight server" }
}
