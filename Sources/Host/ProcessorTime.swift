import Foundation

/// Measures the processor time that all threads of this process use together.
package struct ProcessorTime {
    private var mark = Self.now

    package init() {}

    /// Seconds of processor time since the last lap, or since the value was created.
    package mutating func lap() -> Double {
        let (last, now) = (mark, Self.now)
        mark = now
        return now - last
    }

    /// Seconds of processor time since the process started.
    package static var now: Double {
        var time = timespec()
        // Every Linux has this clock; without it, all laps would be 0.
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
