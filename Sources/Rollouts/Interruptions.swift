import ModelFiles
import Primitives
import Reinforcement
import Synchronization
import WeightTransfer

/// What may interrupt a rollout: a newer policy, or a request to end early.
final class Interruptions: Sendable {
    /// A policy that arrived, and the callback for when it is in place.
    struct Offer: Sendable {
        let manifest: WeightManifest
        let bytes: SharedBuffer
        let isInPlace: @Sendable (Result<Void, any Error>) -> Void
    }

    private let state = Mutex(
        (offer: Offer?.none, abandoned: AttemptID?.none, curtailed: AttemptID?.none))

    /// Offers a policy in place of one that was not taken.
    ///
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

    /// Whether a rollout has a reason to pause or to end.
    func concern(_ attempt: AttemptID, _ assignment: Assignment) -> Bool {
        state.withLock { state in
            state.abandoned == attempt || state.curtailed == attempt
                || state.offer.map { assignment.goesOn(with: $0.manifest.version) } == true
        }
    }
}

/// The error of a rollout that was told to end early before any problem was done.
struct NothingDone: Error, CustomStringConvertible {
    let description = "none of its problems was done when the worker was told to end"
}

/// The error of a rollout that nobody waits for.
struct RolloutAbandoned: Error, CustomStringConvertible {
    let description = "abandoned"
}
