package import ModelFiles
import Wire

/// Publishes a version: makes it available for fetching and audits, then tells the workers.
package struct WeightPublisher: Sendable {
    let server: any WeightServing
    let examiner: Examiner
    let scheduler: Scheduler

    /// - Throws: the error of a weights port that cannot serve the version.
    package func publish(_ policy: PublishedPolicy) async throws {
        await examiner.install(policy)
        try await server.publish(policy.manifest, bytes: policy.bytes)
        await scheduler.published(policy.version)
    }
}
