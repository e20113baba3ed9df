import Foundation

/// The quota of processor time that a cgroup grants, in version 1 or 2 of cgroups.
package enum CgroupQuota {
    static var own: Double? {
        let groups = try? Files.read("/proc/self/cgroup")
        let mounts = try? Files.read("/proc/self/mountinfo")
        return quota(
            groups: String(decoding: groups ?? Data(), as: UTF8.self),
            mounts: String(decoding: mounts ?? Data(), as: UTF8.self)
        ) { path in
            (try? Files.read(path)).map { String(decoding: $0, as: UTF8.self) }
        }
    }

    /// The least quota of the process's group and the groups above it.
    ///
    /// - Parameters:
    ///   - groups: the text of `/proc/self/cgroup` (cgroups(7)).
    ///   - mounts: the text of `/proc/self/mountinfo` (proc_pid_mountinfo(5)).
    ///   - read: the text of a file; nil when it cannot be read.
    /// - Returns: processors; nil without a quota.
    package static func quota(
        groups: String, mounts: String, read: (String) -> String?
    ) -> Double? {
        var least: Double?
        for group in groups.split(separator: "\n") {
            let fields = group.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let isUnified = fields[1].isEmpty
            guard isUnified || fields[1].split(separator: ",").contains("cpu"),
                let mount = mount(in: mounts, isUnified: isUnified)
            else { continue }
            // A container sees its own group as the root of the mount.
            var below = String(fields[2])
            if mount.root != "/", below.hasPrefix(mount.root) { below.removeFirst(mount.root.count) }
            while true {
                let folder = mount.point + (below == "/" ? "" : below)
                if let quota = isUnified ? unified(folder, read) : first(folder, read) {
                    least = min(least ?? quota, quota)
                }
                guard below.count > 1 else { break }
                below = (below as NSString).deletingLastPathComponent
            }
        }
        return least
    }

    /// `cpu.max`: `QUOTA PERIOD` in microseconds, or `max PERIOD`.
    private static func unified(_ folder: String, _ read: (String) -> String?) -> Double? {
        let words = read("\(folder)/cpu.max")?.split(whereSeparator: \.isWhitespace) ?? []
        guard words.count == 2, let quota = Double(words[0]), let period = Double(words[1]) else {
            return nil
        }
        return ratio(quota, period)
    }

    private static func first(_ folder: String, _ read: (String) -> String?) -> Double? {
        let values = ["cpu.cfs_quota_us", "cpu.cfs_period_us"].compactMap { name in
            read("\(folder)/\(name)").flatMap { Double($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
        }
        return values.count == 2 ? ratio(values[0], values[1]) : nil
    }

    /// A quota of −1 is none.
    private static func ratio(_ quota: Double, _ period: Double) -> Double? {
        quota > 0 && period > 0 ? quota / period : nil
    }

    private static func mount(in mounts: String, isUnified: Bool) -> (root: String, point: String)? {
        for line in mounts.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count > 6, let dash = fields.firstIndex(of: "-"), dash + 3 < fields.count else {
                continue
            }
            let options = fields[dash + 3].split(separator: ",")
            let isOurs =
                isUnified
                ? fields[dash + 1] == "cgroup2"
                : fields[dash + 1] == "cgroup" && options.contains("cpu")
            if isOurs { return (String(fields[3]), String(fields[4])) }
        }
        return nil
    }
}
