import Foundation

/// Whether a file system is on a local disk or is served by another machine.
///
/// SQLite's write-ahead log needs shared memory, which a network file system does not provide.
package enum FileSystemKind: Sendable {
    case local, network

    /// Linux's names of network file systems.
    private static let networkTypes: Set<String> = [
        "nfs", "nfs4", "cifs", "smb3", "smbfs", "lustre", "ceph", "9p", "virtiofs", "gpfs", "beegfs", "afs",
        "panfs", "ocfs2", "gfs2", "glusterfs", "orangefs", "pvfs2",
    ]

    /// Determines the kind of the file system that holds `path`.
    package init(of path: String) throws(FileError) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw FileError(operation: "look at", path: path, code: errno)
        }
        let mounts = try Files.read("/proc/self/mountinfo")
        self.init(device: UInt64(status.st_dev), mounts: String(decoding: mounts, as: UTF8.self))
    }

    /// Looks up a device in the text of `/proc/self/mountinfo` (proc_pid_mountinfo(5)); an unknown device
    /// counts as local.
    package init(device: UInt64, mounts: String) {
        // The kernel's encoding of st_dev: makedev(3).
        let major = (device >> 8 & 0xfff) | (device >> 32 & ~0xfff)
        let minor = (device & 0xff) | (device >> 12 & ~0xff)
        let type = mounts.split(separator: "\n").lazy.compactMap { line -> Substring? in
            let fields = line.split(separator: " ")
            guard fields.count > 3, fields[2] == "\(major):\(minor)", let dash = fields.firstIndex(of: "-"),
                dash + 1 < fields.count
            else { return nil }
            return fields[dash + 1]
        }.first
        // FUSE includes sshfs, JuiceFS and Gluster. Treating a local FUSE file system as a network one only
        // costs a little speed.
        let isNetwork = type.map {
            Self.networkTypes.contains(String($0)) || $0 == "fuse" || $0.hasPrefix("fuse.")
        }
        self = isNetwork == true ? .network : .local
    }
}
