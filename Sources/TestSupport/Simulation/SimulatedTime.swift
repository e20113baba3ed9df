import HeapModule

/// Events in order of time; events with equal times keep the order in which they were added.
struct EventQueue<Event> {
    private struct Entry: Comparable {
        let time: Int
        let order: Int
        let event: Event

        static func == (left: Entry, right: Entry) -> Bool { left.order == right.order }
        static func < (left: Entry, right: Entry) -> Bool {
            (left.time, left.order) < (right.time, right.order)
        }
    }

    private var heap = Heap<Entry>()
    private var made = 0

    /// - Parameter time: microseconds.
    mutating func push(_ event: Event, at time: Int) {
        made += 1
        heap.insert(Entry(time: time, order: made, event: event))
    }

    mutating func pop() -> (time: Int, event: Event)? { heap.popMin().map { ($0.time, $0.event) } }
}
