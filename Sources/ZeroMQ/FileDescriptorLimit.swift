import Glibc

/// Checks at the start that the process may open enough files, because libzmq aborts when it cannot.
package enum FileDescriptorLimit {
    /// Makes sure `needed` more descriptors can be opened; raises the soft limit as far as the hard one allows.
    ///
    /// - Throws: `FileDescriptorShortage` when even the hard limit is too low.
    package static func ensure(_ needed: Int) throws(FileDescriptorShortage) {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        let wanted = openCount() + needed
        guard Int(clamping: limit.rlim_cur) < wanted else { return }
        guard Int(clamping: limit.rlim_max) >= wanted else {
            throw FileDescriptorShortage(limit: Int(clamping: limit.rlim_max), wanted: wanted)
        }
        limit.rlim_cur = rlim_t(wanted)
        guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            throw FileDescriptorShortage(limit: Int(clamping: limit.rlim_cur), wanted: wanted)
        }
    }

    /// Allows as many as the hard limit does: a port does not know how many will come.
    package static func raise() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// Descriptors that are open now.
    package static func openCount() -> Int {
        guard let folder = opendir("/proc/self/fd") else { return 0 }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        // Two for "." and "..", one for the folder itself.
        return max(0, count - 3)
    }
}

/// The process may not open as many files as it needs.
package struct FileDescriptorShortage: Error, Sendable, Hashable, CustomStringConvertible {
    /// What the process may open.
    package let limit: Int
    /// What it has open and needs, together.
    package let wanted: Int

    package var description: String {
        "this process may open \(limit) files and needs \(wanted): raise the limit with `ulimit -n \(max(4096, wanted))`"
    }
}
