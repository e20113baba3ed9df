import Primitives
import Reinforcement
import WeightTransfer
package import Wire

/// A weights server and a way to make fetchers that reach it.
package struct WeightFixture: Sendable {
    package let server: any WeightServing
    package let makeFetcher: @Sendable () async throws -> any WeightFetching

    package init(
        server: any WeightServing, makeFetcher: @escaping @Sendable () async throws -> any WeightFetching
    ) {
        self.server = server
        self.makeFetcher = makeFetcher
    }
}

/// What every weights port must do; one test a check, each with a fixture of its own.
package enum WeightConformance: String, Sendable, CaseIterable {
    case whatIsPublishedIsFetched, manyFetchAtOnce, anUnknownVersionIsSaid, oldVersionsAreWithdrawn
    case aCancelledFetchEnds

    /// - Throws: `ConformanceFailure`, or what a fetch throws.
    package func check(_ fixture: WeightFixture) async throws {
        switch self {
        case .whatIsPublishedIsFetched:
            try await publish(3, fixture)
            try await expect(3, fixture)
        case .manyFetchAtOnce:
            try await publish(1, fixture)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 { group.addTask { try await expect(1, fixture) } }
                try await group.waitForAll()
            }
        case .anUnknownVersionIsSaid:
            try await publish(2, fixture)
            try await expectUnknown(7, newest: 2, fixture)
        case .oldVersionsAreWithdrawn:
            for version in 0..<3 { try await publish(version, fixture) }
            try await expectUnknown(0, newest: 2, fixture)
            try await expect(1, fixture)
            try await expect(2, fixture)
        case .aCancelledFetchEnds:
            try await publish(0, fixture)
            let fetcher = try await fixture.makeFetcher()
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                _ = try await fetcher.fetch(PolicyVersion(0))
            }
            guard case .failure(let error) = await task.result, error is CancellationError else {
                throw ConformanceFailure("a cancelled fetch did not end with CancellationError")
            }
            let (_, bytes) = try await fetcher.fetch(PolicyVersion(0))
            if bytes.bytes != Self.bytes(0) {
                throw ConformanceFailure("after a cancelled fetch: other bytes")
            }
            await fetcher.close()
        }
        await fixture.server.close()
    }

    /// 20 kB that differ between versions.
    package static func bytes(_ version: Int) -> [UInt8] {
        (0..<20_000).map { UInt8(truncatingIfNeeded: $0 &* (version + 3) &+ $0 >> 8) }
    }

    private func publish(_ version: Int, _ fixture: WeightFixture) async throws {
        let bytes = Self.bytes(version)
        let manifest = Samples.manifest(version: PolicyVersion(version), bytes: bytes, chunkSize: 6_000)
        try await fixture.server.publish(manifest, bytes: SharedBuffer(bytes))
    }

    private func expect(_ version: Int, _ fixture: WeightFixture) async throws {
        let fetcher = try await fixture.makeFetcher()
        let (manifest, bytes) = try await fetcher.fetch(PolicyVersion(version))
        guard manifest.version == PolicyVersion(version), bytes.bytes == Self.bytes(version) else {
            throw ConformanceFailure(
                "policy \(version) came as \(manifest.version.rawValue) or with other bytes")
        }
        await fetcher.close()
    }

    private func expectUnknown(_ version: Int, newest: Int, _ fixture: WeightFixture) async throws {
        let fetcher = try await fixture.makeFetcher()
        do {
            _ = try await fetcher.fetch(PolicyVersion(version))
            throw ConformanceFailure("policy \(version) was never published, or withdrawn, and still came")
        } catch WeightFetchError.unknownVersion(PolicyVersion(version), newest: PolicyVersion(newest)) {
            await fetcher.close()
        }
    }
}
