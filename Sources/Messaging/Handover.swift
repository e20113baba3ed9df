import Synchronization

/// Carries what a thread made on its start to whoever waited for it.
final class Handover<Value: Sendable>: Sendable {
    struct Empty: Error {}

    private let value = Mutex<Value?>(nil)

    func put(_ value: Value) { self.value.withLock { $0 = value } }

    func take() throws -> Value {
        guard let value = value.withLock({ $0.take() }) else { throw Empty() }
        return value
    }
}
