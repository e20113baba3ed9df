import Foundation
import Messaging
import Primitives
package import Reinforcement
package import WeightTransfer

/// Publishes made-up versions over loopback TCP and waits until every worker has the newest whole.
package struct WeightsBenchmark {
    package let bytes: Int
    package let chunkSize: Int
    package let workers: Int
    /// Number of relays in a chain; workers are spread over them evenly.
    package let relays: Int
    package let repeats: Int
    package let protection: Protection

    /// How the bytes are protected on the network.
    package enum Protection: String, Sendable, CaseIterable, Encodable {
        case none
        /// Every connection is encrypted, as with `--keys`.
        case keys
        /// Chunks are encrypted once, as with `--sealed-bind`.
        case sealed
    }

    package struct Report: Sendable, Encodable {
        package let bytes: Int
        package let chunkBytes: Int
        package let workers: Int
        package let relays: Int
        package let repeats: Int
        package let protection: Protection
        /// Median seconds of a plain copy, and from `publish`, hashing included, until the last worker is ready.
        package let plainCopyS: Double
        package let publishToReadyS: Double
        /// The median ratio of the pairs; the two measurements of a pair run back to back.
        package let ratioToPlainCopy: Double
        package let plainCopyMbPerS: Double
        /// Chunk bytes that left the coordinator, as a multiple of the version's size.
        package let copiesSentByCoordinator: Double
    }

    package init(
        bytes: Int, chunkSize: Int, workers: Int, relays: Int, repeats: Int, protection: Protection
    ) {
        self.bytes = bytes
        self.chunkSize = chunkSize
        self.workers = workers
        self.relays = relays
        self.repeats = repeats
        self.protection = protection
    }

    package func run(_ progress: (_ round: Int, _ plainCopy: Double, _ published: Double) -> Void)
        async throws -> Report
    {
        let anyPort = Endpoint.tcp(host: "127.0.0.1", port: nil)
        let keyring = protection == .none ? nil : try Keyring()
        defer { keyring?.remove() }
        let server = try await WeightServer(
            binding: anyPort, security: keyring?.security ?? .local,
            sealed: protection == .sealed ? anyPort : nil)
        var chain: [WeightRelay] = []
        for _ in 0..<relays {
            chain.append(
                try await WeightRelay(
                    binding: anyPort,
                    coordinator: WeightClient.Source(server.sealedEndpoint ?? server.endpoint),
                    relays: chain.last.map { [WeightClient.Source($0.endpoint)] } ?? [], memory: 4 * bytes))
        }
        var clients: [WeightClient] = []
        for index in 0..<workers {
            let relay = chain.isEmpty ? nil : chain[index * chain.count / workers]
            clients.append(
                try await WeightClient(
                    connecting: server.endpoint, keys: keyring?.client,
                    relays: relay.map {
                        [protection == .sealed ? .sealed($0.endpoint) : WeightClient.Source($0.endpoint)]
                    } ?? []))
        }
        var (plain, published, ratios) = ([Double](), [Double](), [Double]())
        var sent = 0
        // The first round, which connects and touches the memory, does not count.
        for round in 0...repeats {
            let blob = Self.blob(bytes, seed: UInt64(round))
            let copy = try await PlainCopy(bytes: blob, chunkSize: chunkSize).run()
            let before = server.sentBytes + server.sentSealedBytes
            let time = try await publish(blob, PolicyVersion(round), server, clients)
            guard round > 0 else { continue }
            sent += server.sentBytes + server.sentSealedBytes - before
            plain.append(copy)
            published.append(time)
            ratios.append(time / copy)
            progress(round, copy, time)
        }
        for client in clients { await client.close() }
        for relay in chain.reversed() { await relay.close() }
        await server.close()
        return Report(
            bytes: bytes, chunkBytes: chunkSize, workers: workers, relays: relays, repeats: repeats,
            protection: protection, plainCopyS: plain.median, publishToReadyS: published.median,
            ratioToPlainCopy: ratios.median,
            plainCopyMbPerS: Double(bytes) / 1e6 / plain.median,
            copiesSentByCoordinator: Double(sent) / Double(bytes * repeats))
    }

    private func publish(
        _ blob: [UInt8], _ version: PolicyVersion, _ server: WeightServer, _ clients: [WeightClient]
    ) async throws -> Double {
        let start = ContinuousClock.now
        try await server.publish(
            Self.manifest(blob, version, chunkSize: chunkSize), bytes: SharedBuffer(blob))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for client in clients { group.addTask { _ = try await client.fetch(version) } }
            try await group.waitForAll()
        }
        return (ContinuousClock.now - start) / .seconds(1)
    }

    /// Keys of one coordinator and its workers, in a temporary folder.
    private struct Keyring {
        let security: PortSecurity
        let client: ClientKeys
        private let folder: URL

        init() throws {
            folder = FileManager.default.temporaryDirectory.appending(
                path: "ponder-keys-\(UUID().uuidString)")
            let keys = KeyFolder(folder.path)
            _ = try keys.make([KeyFolder.coordinator, KeyFolder.worker])
            _ = try keys.authorize([KeyFolder.worker])
            security = .keys(try keys.allowList())
            client = try keys.client([KeyFolder.worker])
        }

        func remove() { try? FileManager.default.removeItem(at: folder) }
    }

    /// Sixteen bf16 tensors of equal size, which cover the blob.
    package static func manifest(_ blob: [UInt8], _ version: PolicyVersion, chunkSize: Int) -> WeightManifest
    {
        let share = max(2, blob.count / 16 / 2 * 2)
        let starts = Array(stride(from: 0, to: blob.count, by: share))
        let tensors = starts.enumerated().map { index, start in
            let range = start..<min(start + share, blob.count)
            return WeightManifest.TensorEntry(
                name: "tensor.\(index + 10)", dtype: .bf16, shape: [range.count / 2], range: range)
        }
        return WeightManifest(
            version: version, tensors: tensors, chunkSize: chunkSize, hashing: blob,
            policyHash: ContentHash.text(of: [] as [UInt8]))
    }

    /// Incompressible bytes that differ between chunks.
    package static func blob(_ count: Int, seed: UInt64) -> [UInt8] {
        var words = [UInt64](repeating: 0, count: count / 8 + 1)
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        for index in words.indices {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            words[index] = state
        }
        return words.withUnsafeBytes { Array($0.prefix(count)) }
    }
}
