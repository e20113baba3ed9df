package import Primitives
package import Reinforcement
import Synchronization
package import WeightTransfer
import Wire

/// A weights port within one process: manifests go through the coder, the blob is shared.
package final class InProcessWeights: WeightServing {
    private struct State {
        var versions: [(manifest: WeightManifest, bytes: SharedBuffer)] = []
        var isClosed = false
    }

    private let state = Mutex(State())

    package init() {}

    package func publish(_ manifest: WeightManifest, bytes: SharedBuffer) async throws {
        try manifest.check()
        guard bytes.count == manifest.totalBytes else {
            throw WireError(
                .outOfRange, field: "manifest.totalBytes", found: "\(manifest.totalBytes)",
                wanted: "the blob's \(bytes.count)")
        }
        state.withLock { state in
            // A resumed run may publish a version a second time.
            state.versions.removeAll { $0.manifest.version == manifest.version }
            state.versions = state.versions.suffix(1) + [(manifest, bytes)]
        }
    }

    package func close() async {
        state.withLock { state in
            state.versions = []
            state.isClosed = true
        }
    }

    package func makeFetcher() -> InProcessWeightFetcher { InProcessWeightFetcher(server: self) }

    func reply(to version: PolicyVersion) -> (reply: WeightReply, bytes: SharedBuffer?)? {
        state.withLock { state in
            guard !state.isClosed else { return nil }
            guard let entry = state.versions.first(where: { $0.manifest.version == version }) else {
                return (.unknownVersion(version, newest: state.versions.last?.manifest.version), nil)
            }
            return (.manifest(entry.manifest), entry.bytes)
        }
    }
}

/// A worker's end of `InProcessWeights`.
package final class InProcessWeightFetcher: WeightFetching {
    private let server: InProcessWeights

    init(server: InProcessWeights) { self.server = server }

    package func fetch(
        _ version: PolicyVersion
    ) async throws -> (manifest: WeightManifest, bytes: SharedBuffer) {
        try Task.checkCancellation()
        guard let (reply, bytes) = server.reply(to: version) else {
            throw WeightFetchError.unreachable(endpoint: "in-process", reason: "closed")
        }
        switch try WeightCoder.decodeReply(try WeightCoder.encode(reply)) {
        case .manifest(let manifest):
            guard let bytes else {
                throw WeightFetchError.invalidManifest(version, reason: "it has no blob")
            }
            return (manifest, bytes)
        case .unknownVersion(let version, let newest):
            throw WeightFetchError.unknownVersion(version, newest: newest)
        case .chunk, .unknownChunk:
            throw WeightFetchError.invalidManifest(version, reason: "a chunk instead of a manifest")
        }
    }

    package func close() async {}
}
