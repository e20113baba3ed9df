import ModelFiles
import Primitives
import Reinforcement
import Synchronization
import WeightTransfer

/// What may reach a rollout in the middle: a newer policy, and that nobody waits for it any more.
final class Interruptions: Sendable {
    /// A policy that came, and who is told when it is in place.
    struct Offer: Sendable {
        let manifest: WeightManifest
        let bytes: SharedBuffer
        let isInPlace: @Sendable (Result<Void, any Error>) -> Void
    }

    private let state = Mutex(
        (offer: Offer?.none, abandoned: AttemptID?.none, curtailed: AttemptID?.none))

    /// Fetches come one after another, so an offer that was not taken is older.
    func put(_ offer: Offer) {
        let old = state.withLock { state in
            defer { state.offer = offer }
            return state.offer
        }
        old?.isInPlace(
            .failure(
                PublishedPolicyError(
                    description: "policy \(offer.manifest.version.rawValue) came before it was in place")))
    }

    func take() -> Offer? {
        state.withLock { state in
            defer { state.offer = nil }
            return state.offer
        }
    }

    func abandon(_ attempt: AttemptID) { state.withLock { $0.abandoned = attempt } }

    func curtail(_ attempt: AttemptID) { state.withLock { $0.curtailed = attempt } }

    func isCurtailed(_ attempt: AttemptID) -> Bool { state.withLock { $0.curtailed == attempt } }

    func isAbandoned(_ attempt: AttemptID) -> Bool { state.withLock { $0.abandoned == attempt } }

    /// Whether a rollout has a reason to stop for a moment, or for good.
    func concern(_ attempt: AttemptID, _ assignment: Assignment) -> Bool {
        state.withLock { state in
            state.abandoned == attempt || state.curtailed == attempt
                || state.offer.map { assignment.goesOn(with: $0.manifest.version) } == true
        }
    }
}

/// A rollout that was to end early had nothing to show.
struct NothingDone: Error, CustomStringConvertible {
    let description = "none of its problems was done when the worker was told to end"
}

/// Nobody waits for this rollout any more.
struct RolloutAbandoned: Error, CustomStringConvertible {
    let description = "abandoned"
}
