package import Coordination
package import Foundation
import Host
import ModelFiles
import RunStore
import Settings
import Torch
import ZeroMQ

extension Checkup {
    /// Processors, memory and the kernel.
    package static func machine() -> [Check] {
        let information = ProcessInfo.processInfo
        var system = utsname()
        uname(&system)
        let kernel = withUnsafeBytes(of: &system.release) {
            String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        let memory = String(format: "%.1f", Double(information.physicalMemory) / Double(1 << 30))
        return [Check("machine", "\(Processors.own), \(memory) GiB memory, Linux \(kernel)")]
    }

    /// What a run needs of this machine, in milliseconds: open files, the clock, and room on the disk.
    ///
    /// - Parameters:
    ///   - folder: where the run's folder is or will be.
    ///   - needed: bytes that the run's checkpoints take; nil for a small model's.
    package static func essentials(of folder: URL, needed: Int? = nil) -> [Check] {
        [
            Check("open files") { try openFiles() },
            Check("clock") { try clock(now: Date(), built: built()) },
            Check("disk") { try disk(folder, needed: needed ?? leastRoom) },
        ]
    }

    /// The same for a run that is about to begin.
    package static func essentials(of session: RunSession) -> [Check] {
        // Two moments in fp32 beside the weights; masters in fp32, too, beside weights of 16 bits.
        let factor = (try? session.model.storage()) == .float32 ? 3 : 7
        let checkpoint = factor * weightBytes(in: session.model.path)
        // A run that goes on has its older checkpoints already.
        let count = session.resumed == nil ? session.configuration.checkpoint.keep + 1 : 2
        return essentials(of: session.directory.root, needed: max(leastRoom, count * checkpoint))
    }

    private static func weightBytes(in folder: String) -> Int {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return files.filter { $0.hasSuffix(".safetensors") }.reduce(0) { sum, name in
            var status = stat()
            return stat("\(folder)/\(name)", &status) == 0 ? sum + Int(status.st_size) : sum
        }
    }

    private static func openFiles() throws -> String {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        let most = Int(clamping: limit.rlim_max)
        let (open, soft) = (FileDescriptorLimit.openCount(), Int(clamping: limit.rlim_cur))
        // The soft limit is raised when a port opens.
        guard most - open >= 1000 else {
            throw CheckFailure(
                "\(open) are open and at most \(most) may be; raise the limit with `ulimit -n 4096`, as the "
                    + "administrator or in /etc/security/limits.conf")
        }
        return
            "\(open) are open, at most \(soft == most ? "\(most)" : "\(soft), which is raised to \(most),") may be"
    }

    /// When this program was built, as far as its file tells.
    private static func built() -> Date {
        let values = try? Bundle.main.executableURL?.resourceValues(forKeys: [.contentModificationDateKey])
        return values?.contentModificationDate ?? .distantPast
    }

    /// Times are recorded for people; training depends on none.
    static func clock(now: Date, built: Date) throws -> String {
        let told = now.formatted(.iso8601)
        guard now > built.addingTimeInterval(-86_400), now.timeIntervalSince1970 > 1.7e9 else {
            throw CheckFailure(
                "it says \(told), and this program was built later, on \(built.formatted(.iso8601)): set the clock, "
                    + "or the times in the records will be wrong")
        }
        return told
    }

    /// Least room for a run of a small model, with its records and logs.
    private static let leastRoom = 256 << 20

    static func disk(_ folder: URL, needed: Int) throws -> String {
        // The folder of a new run does not exist yet.
        var place = folder.standardizedFileURL
        while place.path != "/", !FileManager.default.fileExists(atPath: place.path) {
            place.deleteLastPathComponent()
        }
        var state = statvfs()
        guard statvfs(place.path, &state) == 0 else {
            throw FileError(operation: "look at the disk of", path: place.path, code: errno)
        }
        let free = Int(clamping: UInt64(state.f_bavail) * UInt64(state.f_frsize))
        func text(_ bytes: Int) -> String { String(format: "%.1f GiB", Double(bytes) / Double(1 << 30)) }
        guard access(place.path, W_OK) == 0 else {
            throw CheckFailure(
                "\(place.path) cannot be written by this user; choose another folder with --run")
        }
        guard free >= needed else {
            throw CheckFailure(
                "\(text(free)) are free in \(place.path) and a run takes \(text(needed)): free some, choose another "
                    + "folder with --run, or lower checkpoint.keep")
        }
        // A file system of a container may count no files.
        guard state.f_files == 0 || state.f_favail >= 1000 else {
            throw CheckFailure("\(place.path) has room for \(state.f_favail) more files only; delete some")
        }
        return "\(text(free)) free in \(place.path)"
    }
}
