import Synchronization
import Transformers

/// The results of threads that work in parallel.
final class SliceResults: Sendable {
    private let results: Mutex<[Result<[[Completion]], any Error>?]>

    init(count: Int) { results = Mutex(Array(repeating: nil, count: count)) }

    func set(_ slice: Int, _ result: Result<[[Completion]], any Error>) {
        results.withLock { $0[slice] = result }
    }

    /// The slices' results in order; throws the first error.
    func all() throws -> [[[Completion]]] {
        try results.withLock { $0 }.compactMap { try $0?.get() }
    }
}
