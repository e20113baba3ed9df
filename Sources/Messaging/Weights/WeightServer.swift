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
/// Workers pull, so a slow worker delays only itself. Chunks are named by their hash and sent from the one published blob
/// without a copy. The bytes of a withdrawn version stay until its queued chunks have been sent. When most of a version
/// equals the version before it, the changed bytes are served as well, as a delta.
///
/// A connection with keys encrypts every chunk again for every peer. With a second endpoint for sealed chunks (`WeightSeal`),
/// chunks are encrypted once per version and any peer may fetch them there; manifests stay for authorized peers.
package final class WeightServer: WeightServing {
    /// The bound endpoint, with its port number.
    package let endpoint: Endpoint

    /// The endpoint for sealed chunks, with its port number; nil when there is none.
    package let sealedEndpoint: Endpoint?

    private let loop: SocketLoop<WeightServerRole>
    private let sealedLoop: SocketLoop<WeightServerRole>?
    private let counters: TransportCounters
    private let chain = Mutex(DeltaChain())
    private let traffic = WeightTraffic()
    private let sealedTraffic = WeightTraffic()

    /// Binds; serves nothing until the first `publish`.
    ///
    /// - Parameter sealed: the endpoint where any peer may fetch sealed chunks.
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
        ) async throws -> SocketLoop<WeightServerRole> {
            try await SocketLoop(name: name, capacity: 64) { _ in
                try WeightServerRole(
                    endpoint, security: security, plan: plan, traffic: traffic, counters: counters)
            }
        }
        loop = try await open(endpoint, security, name: "ponder-weights", traffic)
        self.endpoint = loop.shared
        do {
            if let sealed {
                sealedLoop = try await open(sealed, .open, name: "ponder-sealed", sealedTraffic)
            } else {
                sealedLoop = nil
            }
        } catch {
            await loop.stop()
            throw error
        }
        sealedEndpoint = sealedLoop?.shared
    }

    /// Returns when the version is served.
    ///
    /// - Throws: `WireError` when manifest and bytes do not fit, `WeightServerClosed` after `close`.
    package func publish(_ manifest: WeightManifest, bytes: SharedBuffer) async throws {
        let (version, sealed) = try await prepare(manifest, bytes)
        // First, because the manifest tells workers that the sealed chunks are served.
        if let sealed, let sealedLoop { try await publish(sealed, on: sealedLoop) }
        try await publish(version, on: loop)
    }

    private func publish(
        _ version: PublishedVersions.Version, on loop: SocketLoop<WeightServerRole>
    ) async throws {
        let accepted = await withCheckedContinuation { done in
            if !loop.post(.publish(version, done)) { done.resume(returning: false) }
        }
        guard accepted else { throw WeightServerClosed(version: version.version) }
    }

    /// Compares a version with the one before it, on a thread of its own because that takes a while.
    private func prepare(
        _ manifest: WeightManifest, _ bytes: SharedBuffer
    ) async throws -> (PublishedVersions.Version, sealed: PublishedVersions.Version?) {
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
                                try PublishedVersions.Version(manifest, bytes: bytes, deltas: chain.deltas),
                                try sealed.map { try PublishedVersions.Version(manifest.version, $0) }
                            )
                        }
                    })
            }
        }
    }

    package func close() async {
        await loop.stop()
        await sealedLoop?.stop()
    }

    /// What could not be used or delivered so far.
    package var counts: TransportCounts { counters.now }

    /// Bytes of chunks that were sent in the clear or over connections with keys.
    package var sentBytes: Int { traffic.now.sent }

    /// Bytes of sealed chunks that were sent.
    package var sentSealedBytes: Int { sealedTraffic.now.sent }
}

/// A version was published on a server that is closed or whose thread has failed.
package struct WeightServerClosed: Error, Sendable, Hashable, CustomStringConvertible {
    package let version: PolicyVersion

    package init(version: PolicyVersion) { self.version = version }

    package var description: String {
        "policy \(version.rawValue) was not published: the weight server is closed or its thread has failed"
    }
}
