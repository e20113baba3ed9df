import Foundation

/// Processor time of this process, all its threads together, in laps.
package struct ProcessorTime {
    private var mark = Self.now

    package init() {}

    /// Seconds of processor time since the lap before, or since it was made.
    package mutating func lap() -> Double {
        let (last, now) = (mark, Self.now)
        mark = now
        return now - last
    }

    /// Seconds since the process began.
    package static var now: Double {
        var time = timespec()
        // A clock that every Linux has; without it all laps are 0.
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
