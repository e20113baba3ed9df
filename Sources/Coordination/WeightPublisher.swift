package import ModelFiles
import Wire

/// Makes a version known: first it can be fetched and audited against, then the workers hear of it.
package struct WeightPublisher: Sendable {
    let server: any WeightServing
    let examiner: Examiner
    let dispatcher: Dispatcher

    /// - Throws: whatever keeps the weights port from serving the version.
    package func publish(_ policy: PublishedPolicy) async throws {
        await examiner.install(policy)
        try await server.publish(policy.manifest, bytes: policy.bytes)
        await dispatcher.published(policy.version)
    }
}
