extension CoordinatorState {
    package mutating func handle(_ event: Event, now: Duration) -> [Action] { [] }

    package func waiting(now: Duration) -> Waiting { Waiting(wait: wait, since: waitingSince) }
}
