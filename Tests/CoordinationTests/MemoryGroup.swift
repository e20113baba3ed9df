import Foundation

/// A memory cgroup of a test's own, where the system lets this user make one.
///
/// Version 1 needs a memory hierarchy that can be written, version 2 a parent that hands its memory controller down; both
/// usually root. It goes with its last reference, when what ran in it has ended.
final class MemoryGroup: Sendable {
    let folder: URL

    /// Why no group can be made here; nil where one can.
    static let obstacle: String? = {
        guard let parent else { return "no memory cgroup of this process can be written" }
        do {
            _ = try MemoryGroup(megabytes: 64, below: parent)
            return nil
        } catch {
            return "\(error)"
        }
    }()

    convenience init(megabytes: Int) throws {
        guard let parent = Self.parent else { throw CocoaError(.fileNoSuchFile) }
        try self.init(megabytes: megabytes, below: parent)
    }

    private init(megabytes: Int, below parent: URL) throws {
        folder = parent.appending(path: "ponder-test-\(UUID().uuidString.prefix(8).lowercased())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        let names = ["memory.max", "memory.limit_in_bytes"]
        guard
            let limit = names.first(where: {
                FileManager.default.fileExists(atPath: folder.appending(path: $0).path)
            })
        else { throw CocoaError(.featureUnsupported) }
        try Data("\(megabytes << 20)".utf8).write(to: folder.appending(path: limit))
        // Where swap is counted apart, none may be used.
        let swap = folder.appending(path: "memory.swap.max")
        if FileManager.default.fileExists(atPath: swap.path) { try Data("0".utf8).write(to: swap) }
    }

    deinit { rmdir(folder.path) }

    /// A process that writes its id here is in the group.
    var processes: String { folder.appending(path: "cgroup.procs").path }

    /// The group that this process is in.
    private static let parent: URL? = {
        let text = (try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8)) ?? ""
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let root: String? =
                if fields[1].split(separator: ",").contains("memory") {
                    "/sys/fs/cgroup/memory"
                } else if fields[1].isEmpty {
                    "/sys/fs/cgroup"
                } else {
                    nil
                }
            guard let root else { continue }
            // In a container the own group may be mounted as the root.
            for path in [root + fields[2], root] where access(path + "/cgroup.procs", W_OK) == 0 {
                return URL(filePath: path)
            }
        }
        return nil
    }()
}
