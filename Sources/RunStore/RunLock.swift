package import Foundation
package import Host

/// The exclusive right to write a run's folder.
///
/// One process holds it until the process ends. The kernel holds the lock (`flock`), so a killed coordinator
/// leaves no lock behind. Each acquisition increases the run's incarnation durably, and every message carries
/// the incarnation, so messages to or from an earlier coordinator are recognised.
package final class RunLock: Sendable {
    /// Number of this acquisition of the run's lock, from 1.
    package let incarnation: UInt64
    package let holder: Holder
    private let file: OpenFile

    /// The process that holds the lock, as recorded in `run.lock`.
    package struct Holder: Sendable, Hashable, Codable {
        package let process: Int32
        package let host: String
        /// When it acquired the lock, for people.
        package let since: Date
        package let incarnation: UInt64

        fileprivate var shown: String { "process \(process) on \(host) since \(since.formatted(.iso8601))" }
    }

    /// Another process holds the run's lock.
    package struct Taken: Error, Sendable, Hashable, CustomStringConvertible {
        package let root: URL
        /// Nil when that process has not recorded itself yet.
        package let holder: Holder?

        package var description: String {
            "\(root.path) is in use by \(holder?.shown ?? "another process"); "
                + "end it first, or give another folder with --run; if it is gone, remove \(root.path)/run.lock"
        }
    }

    /// The file of the incarnation does not contain a number.
    package struct DamagedIncarnation: Error, Sendable, Hashable, CustomStringConvertible {
        package let path: String

        package var description: String {
            "\(path) is damaged; write a number into it that is larger than any incarnation the run's logs show"
        }
    }

    private init(file: consuming OpenFile, holder: Holder) {
        self.file = file
        self.holder = holder
        incarnation = holder.incarnation
    }

    /// The system call that locks an open file: returns 0, or −1 with `errno` set.
    ///
    /// Tests replace it.
    package typealias KernelLock = (_ file: Int32, _ operation: Int32) -> Int32

    /// Acquires the lock and begins a new incarnation; fails within 0.2 s when the lock is taken.
    ///
    /// - Throws: `Taken`, `DamagedIncarnation`, `FileError`.
    package static func acquire(
        _ run: RunDirectory, now: Date = Date(), files: any FileOperations = Files(),
        locking: KernelLock = flock
    ) throws -> RunLock {
        let file = try OpenFile(run.lock.path, O_RDWR | O_CREAT)
        try take(file.descriptor, run, locking)
        // The file still names the previous holder, whose lock is free.
        try file.truncate(to: 0)
        let holder = Holder(
            process: getpid(), host: HostName.own,
            // In whole seconds, the resolution of the file.
            since: Date(timeIntervalSince1970: now.timeIntervalSince1970.rounded(.down)),
            incarnation: try nextIncarnation(run, files))
        try file.write(try RecordCoding.encode(holder))
        return RunLock(file: file, holder: holder)
    }

    /// The process that holds the lock now; nil when there is none.
    ///
    /// It is meant for commands that only inspect a run.
    ///
    /// - Throws: `FileError`.
    package static func holder(of run: RunDirectory, locking: KernelLock = flock) throws -> Holder? {
        let file: OpenFile
        do throws(FileError) {
            file = try OpenFile(run.lock.path, O_RDONLY)
        } catch {
            if error.code == ENOENT { return nil }
            throw error
        }
        switch try attempt(LOCK_SH, file.descriptor, run, locking) {
        case .locked: return nil
        case .taken:
            return written(in: run)
                ?? Holder(process: 0, host: "unknown", since: .distantPast, incarnation: 0)
        case .unsupported: return holderWithoutKernel(run)
        }
    }

    private enum Attempt { case locked, taken, unsupported }

    private static func attempt(
        _ operation: Int32, _ file: Int32, _ run: RunDirectory, _ locking: KernelLock
    ) throws -> Attempt {
        while locking(file, operation | LOCK_NB) != 0 {
            switch errno {
            case EINTR: continue
            case EWOULDBLOCK: return .taken
            case ENOLCK, ENOSYS, EOPNOTSUPP: return .unsupported
            default: throw FileError(operation: "lock", path: run.lock.path, code: errno)
            }
        }
        return .locked
    }

    private static func take(_ file: Int32, _ run: RunDirectory, _ locking: KernelLock) throws {
        // `holder(of:)` takes the lock for an instant to test it, so only a lock that stays taken for 0.2 s
        // counts as held.
        for _ in 1...50 {
            switch try attempt(LOCK_EX, file, run, locking) {
            case .locked: return
            case .taken: usleep(4000)
            case .unsupported:
                guard let holder = holderWithoutKernel(run) else { return }
                throw Taken(root: run.root, holder: holder)
            }
        }
        throw Taken(root: run.root, holder: written(in: run))
    }

    /// The holder on a file system without locks, such as some network file systems.
    ///
    /// This is the process named in the file, unless it ran on this host and has ended.
    private static func holderWithoutKernel(_ run: RunDirectory) -> Holder? {
        guard let holder = written(in: run) else { return nil }
        let isDead = holder.host == HostName.own && kill(holder.process, 0) != 0 && errno == ESRCH
        return isDead ? nil : holder
    }

    private static func written(in run: RunDirectory) -> Holder? {
        guard let data = try? Files.read(run.lock.path, limit: 1 << 16) else { return nil }
        return try? RecordCoding.decode(Holder.self, from: data)
    }

    private static func nextIncarnation(_ run: RunDirectory, _ files: any FileOperations) throws -> UInt64 {
        var last: UInt64 = 0
        if FileManager.default.fileExists(atPath: run.incarnation.path) {
            let text = String(decoding: try Files.read(run.incarnation.path, limit: 1 << 10), as: UTF8.self)
            guard let number = UInt64(text.trimmingCharacters(in: .whitespacesAndNewlines)),
                number < Int64.max
            else {
                throw DamagedIncarnation(path: run.incarnation.path)
            }
            last = number
        }
        try files.replace(run.incarnation.path, with: Data("\(last + 1)\n".utf8))
        return last + 1
    }

    /// Releases the lock before the process ends.
    package func release() {
        // On a file system without locks, an empty file means that no process holds the lock.
        ftruncate(file.descriptor, 0)
        flock(file.descriptor, LOCK_UN)
    }
}
