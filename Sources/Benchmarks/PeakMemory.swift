import Foundation

/// The peak memory of this process.
enum PeakMemory {
    /// Bytes of the largest resident set since the process began.
    static func bytes() -> Int {
        var usage = rusage()
        getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss * 1024
    }
}
