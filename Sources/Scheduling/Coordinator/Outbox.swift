/// The actions that an event leads to, in order.
struct Outbox: Sendable {
    let stamp: RunStamp
    private var actions: [SchedulerState.Action] = []

    init(stamp: RunStamp) { self.stamp = stamp }

    mutating func add(_ action: SchedulerState.Action) { actions.append(action) }
    mutating func record(_ event: RunEvent) { actions.append(.record(event)) }

    mutating func send(_ message: CoordinatorMessage, to peer: PeerID) {
        actions.append(.send(Envelope(stamp: stamp, message: message), to: peer))
    }

    mutating func empty() -> [SchedulerState.Action] {
        defer { actions = [] }
        return actions
    }
}
