import Glibc

/// Checks at the start that the process may open enough files, because libzmq aborts the process when it cannot.
package enum FileDescriptorLimit {
    /// Makes sure that `needed` more descriptors can be opened; raises the soft limit where that is necessary.
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

    /// Raises the soft limit to the hard limit, because a port does not know how many peers will connect.
    package static func raise() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// The number of open descriptors.
    package static func openCount() -> Int {
        guard let folder = opendir("/proc/self/fd") else { return 0 }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        // Without ".", ".." and the folder itself.
        return max(0, count - 3)
    }
}

/// The process may not open as many files as it needs.
package struct FileDescriptorShortage: Error, Sendable, Hashable, CustomStringConvertible {
    /// Files that the process may open.
    package let limit: Int
    /// Files that it has open and needs, together.
    package let wanted: Int

    package var description: String {
        "this process may open \(limit) files and needs \(wanted): raise the limit with `ulimit -n \(max(4096, wanted))`"
    }
}
