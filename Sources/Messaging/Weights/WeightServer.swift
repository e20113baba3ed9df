import Foundation
package import Logging
package import Primitives
package import Reinforcement
import Synchronization
package import WeightTransfer
import Wire
import ZeroMQ

/// The coordinator's end of the weights port: a ROUTER on a port and thread of its own.
///
/// Workers pull, so a slow one holds up only itself. Chunks are named by their hash and sent out of the one published
/// blob without a copy; a version that was withdrawn lives on only until the chunks already queued have gone.
/// Where most of a version is the bits of the one before it, what changed is served as well, for whoever has that one.
///
/// A connection with keys encrypts every chunk for every peer anew. Where a second place is given for `WeightSeal`s, the
/// chunks are encrypted once a version and handed out there to anyone, manifests still to those on the list alone.
package final class WeightServer: WeightServing {
    /// Where it is bound, the port filled in.
    package let endpoint: Endpoint

    /// Where anyone gets sealed chunks, the port filled in; nil where nobody does.
    package let sealedEndpoint: Endpoint?

    private let loop: SocketLoop<WeightServerRole>
    private let door: Door
    private let sealedPort: (loop: SocketLoop<WeightServerRole>, door: Door)?
    private let counters: TransportCounters
    private let chain = Mutex(DeltaChain())
    private let traffic = WeightTraffic()
    private let sealedTraffic = WeightTraffic()

    /// Binds; serves nothing until the first `publish`.
    ///
    /// - Parameter sealed: where anyone may get sealed chunks.
    /// - Throws: `EndpointError`, `FileDescriptorShortage`, `ZeroMQError` (`.addressInUse`, …): each names the remedy.
    package init(
        binding endpoint: Endpoint, security: PortSecurity = .local, sealed: Endpoint? = nil,
        plan: SocketPlan = SocketPlan(), logger: Logger = Logger(label: "ponder.weights")
    ) async throws {
        try FileDescriptorLimit.ensure(64)
        let counters = TransportCounters(logger: logger)
        self.counters = counters
        func open(
            _ endpoint: Endpoint, _ security: PortSecurity, name: String, _ traffic: WeightTraffic
        ) async throws -> (endpoint: Endpoint, loop: SocketLoop<WeightServerRole>, door: Door) {
            let handover = Handover<Endpoint>()
            let (loop, door) = try await SocketLoop.behindDoor(
                security, name: name, capacity: 64, logger: logger
            ) { door, context, _ in
                let role = try WeightServerRole(
                    endpoint, plan: plan, door: door, in: context, traffic: traffic, counters: counters)
                handover.put(role.endpoint)
                return role
            }
            return (try handover.take(), loop, door)
        }
        (self.endpoint, loop, door) = try await open(endpoint, security, name: "ponder-weights", traffic)
        do {
            if let sealed {
                let port = try await open(sealed, .open, name: "ponder-sealed", sealedTraffic)
                sealedEndpoint = port.endpoint
                sealedPort = (port.loop, port.door)
            } else {
                (sealedEndpoint, sealedPort) = (nil, nil)
            }
        } catch {
            await loop.stop()
            await door.close()
            throw error
        }
    }

    /// Returns when the version is being served.
    ///
    /// - Throws: `WireError` when manifest and bytes do not fit, `WeightServerClosed` after `close`.
    package func publish(_ manifest: WeightManifest, bytes: SharedBuffer) async throws {
        let (version, sealed) = try await prepare(manifest, bytes)
        // Before anyone reads in the manifest that they are to be had.
        if let sealed, let sealedPort { try await publish(sealed, on: sealedPort.loop) }
        try await publish(version, on: loop)
    }

    private func publish(
        _ version: WeightShelf.Version, on loop: SocketLoop<WeightServerRole>
    ) async throws {
        let accepted = await withCheckedContinuation { done in
            if !loop.post(.publish(version, done)) { done.resume(returning: false) }
        }
        guard accepted else { throw WeightServerClosed(version: version.version) }
    }

    /// Compares it with the version before it, on a thread that may be busy for a while.
    private func prepare(
        _ manifest: WeightManifest, _ bytes: SharedBuffer
    ) async throws -> (WeightShelf.Version, sealed: WeightShelf.Version?) {
        try manifest.check()
        return try await withCheckedThrowingContinuation { done in
            Thread.detachNewThread { [self] in
                done.resume(
                    with: Result {
                        try chain.withLock { chain in
                            var manifest = chain.add(manifest, bytes)
                            let sealed = try sealedEndpoint.map {
                                try SealedChunks(
                                    manifest, bytes, deltas: chain.deltas, address: $0.weightsAddress)
                            }
                            if let sealed { manifest = manifest.sealed(by: sealed.seal) }
                            return (
                                try WeightShelf.Version(manifest, bytes: bytes, deltas: chain.deltas),
                                try sealed.map { try WeightShelf.Version(manifest.version, $0) }
                            )
                        }
                    })
            }
        }
    }

    package func close() async {
        await loop.stop()
        await door.close()
        await sealedPort?.loop.stop()
        await sealedPort?.door.close()
    }

    /// What could not be used or delivered so far.
    package var counts: TransportCounts { counters.now }

    /// Bytes of chunks that were sent, sealed ones apart.
    package var sentBytes: Int { traffic.now.went }

    /// Bytes of sealed chunks that were sent.
    package var sentSealedBytes: Int { sealedTraffic.now.went }
}

/// A version was published on a server that had been closed or whose thread has failed.
package struct WeightServerClosed: Error, Sendable, Hashable, CustomStringConvertible {
    package let version: PolicyVersion

    package init(version: PolicyVersion) { self.version = version }

    package var description: String { "policy \(version.rawValue) was published on a closed weight server" }
}
