import Foundation

/// The processors that this process may use: fewer than the machine has under an affinity mask or a cgroup's quota.
package struct Processors: Sendable, Hashable, CustomStringConvertible {
    /// Processors of the machine that are online.
    package let online: Int
    /// Processors of the affinity mask (`taskset`, cpusets, Slurm).
    package let affinity: Int
    /// Processor time a second that the cgroup grants, in processors; nil without a quota.
    package let quota: Double?

    package init(online: Int, affinity: Int, quota: Double?) {
        self.online = online
        self.affinity = affinity
        self.quota = quota
    }

    /// How many threads can run at a time, at least 1; a part of a processor counts as one.
    package var usable: Int {
        max(1, min(affinity, quota.map { Int($0.rounded(.up)) } ?? affinity))
    }

    /// Those of this process, read anew.
    package static var own: Processors {
        let online = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        let status = String(decoding: (try? Files.read("/proc/self/status")) ?? Data(), as: UTF8.self)
        return Processors(
            online: online, affinity: affinity(status: status) ?? online, quota: CgroupQuota.own)
    }

    /// The number of processors in `Cpus_allowed_list` (proc_pid_status(5)), such as `0-3,8`.
    package static func affinity(status: String) -> Int? {
        let key = "Cpus_allowed_list:"
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix(key) }) else { return nil }
        let count = line.dropFirst(key.count).split(separator: ",").reduce(0) { sum, part in
            let ends = part.split(separator: "-").compactMap {
                Int($0.trimmingCharacters(in: .whitespaces))
            }
            guard let first = ends.first, let last = ends.last, last >= first else { return sum }
            return sum + last - first + 1
        }
        return count > 0 ? count : nil
    }

    package var description: String {
        var text = "\(usable) of \(online) processors"
        var limits: [String] = []
        if affinity < online { limits.append("affinity: \(affinity)") }
        if let quota { limits.append("quota of the cgroup: \(String(format: "%g", quota))") }
        if !limits.isEmpty { text += " (\(limits.joined(separator: ", ")))" }
        return text
    }
}
