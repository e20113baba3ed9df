package import Foundation
package import Host
import Primitives

/// The exclusive right to write a run's folder.
///
/// One process holds it until the process ends. The kernel holds the lock (`flock`), so a killed coordinator
/// leaves no lock behind. On a file system without locks the lock is a lease: the holder renews its entry in
/// `run.lock`, and an entry that is not renewed is taken over. Each acquisition increases the run's incarnation durably, and every message carries
/// the incarnation, so messages to or from an earlier coordinator are recognised.
package final class RunLock: Sendable {
    /// Number of this acquisition of the run's lock, from 1.
    package let incarnation: UInt64
    package let holder: Holder
    private let file: OpenFile
    private let path: String
    /// Nil where the kernel holds the lock.
    private let lease: LeaseKeeper?

    /// The process that holds the lock, as recorded in `run.lock`.
    package struct Holder: Sendable, Hashable, Codable {
        package let process: Int32
        package let host: String
        /// When it acquired the lock, for people.
        package let since: Date
        package let incarnation: UInt64
        /// Nil in an entry that an older Ponder wrote.
        package var identity: ProcessIdentity?
        /// Number of renewals; nil where the kernel holds the lock.
        var beat: UInt64?

        fileprivate var shown: String { "process \(process) on \(host) since \(since.formatted(.iso8601))" }

        func isSameAcquisition(as other: Holder) -> Bool {
            process == other.process && host == other.host && incarnation == other.incarnation
                && identity == other.identity
        }

        /// Whether the process lives; nil when that cannot be known from here.
        fileprivate var isAlive: Bool? {
            if let identity { return identity.isAlive(process: process) }
            guard host == HostName.own else { return nil }
            // This process does not hold the lock yet, so the entry is that of an earlier one with its number.
            if process == getpid() { return false }
            return kill(process, 0) == 0 || errno != ESRCH
        }
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

    /// Another process took the lease of this one, which did not renew it in time.
    package struct Lost: Error, Sendable, Hashable, CustomStringConvertible {
        package let root: URL
        package let holder: Holder

        package var description: String {
            "\(root.path) was taken over by \(holder.shown), because this process did not renew its lock; "
                + "it ends without writing there"
        }
    }

    /// The file of the incarnation does not contain a number.
    package struct DamagedIncarnation: Error, Sendable, Hashable, CustomStringConvertible {
        package let path: String

        package var description: String {
            "\(path) is damaged; write a number into it that is larger than any incarnation the run's logs show"
        }
    }

    private init(file: consuming OpenFile, holder: Holder, lease: LeaseKeeper?) {
        path = file.path
        self.file = file
        self.holder = holder
        self.lease = lease
        incarnation = holder.incarnation
    }

    /// The system call that locks an open file: returns 0, or −1 with `errno` set.
    ///
    /// Tests replace it.
    package typealias KernelLock = (_ file: Int32, _ operation: Int32) -> Int32

    /// Acquires the lock and begins a new incarnation; fails within 0.2 s when the lock is taken.
    ///
    /// On a file system without locks it waits for the length of a lease when the entry is that of a process
    /// elsewhere, which may be dead.
    ///
    /// - Parameter waiting: receives a line before such a wait.
    /// - Throws: `Taken`, `DamagedIncarnation`, `FileError`.
    package static func acquire(
        _ run: RunDirectory, now: Date = Date(), files: any FileOperations = Files(),
        locking: KernelLock = flock, lease: Lease = Lease(), waiting: (String) -> Void = { _ in }
    ) throws -> RunLock {
        let file = try OpenFile(run.lock.path, O_RDWR | O_CREAT)
        let isKernels = try take(file.descriptor, run, locking, lease, waiting)
        var holder = Holder(
            process: getpid(), host: HostName.own,
            // In whole seconds, the resolution of the file.
            since: Date(timeIntervalSince1970: now.timeIntervalSince1970.rounded(.down)),
            incarnation: try nextIncarnation(run, files), identity: ProcessIdentity.own)
        guard isKernels else {
            holder.beat = 0
            try files.replace(run.lock.path, with: try RecordCoding.encode(holder))
            return RunLock(file: file, holder: holder, lease: LeaseKeeper(run, holder, lease, files))
        }
        // The file still names the previous holder, whose lock is free.
        try file.truncate(to: 0)
        try file.write(try RecordCoding.encode(holder))
        return RunLock(file: file, holder: holder, lease: nil)
    }

    /// Checks that the lock is still this process's; call it before something is written that others read.
    ///
    /// - Throws: `Lost`.
    package func verify() throws { try lease?.verify() }

    /// Calls `listener` when another process has taken the lock.
    package func onLost(_ listener: @escaping @Sendable (Lost) -> Void) { lease?.onLost(listener) }

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
        case .unsupported:
            guard let holder = written(in: run), holder.isAlive != false else { return nil }
            return holder.isAlive == nil && isStale(run) ? nil : holder
        }
    }

    /// Whether an entry is much older than a lease, for people: it compares clocks of different machines.
    private static func isStale(_ run: RunDirectory) -> Bool {
        guard let status = try? OpenFile(run.lock.path, O_RDONLY).status() else { return true }
        return Date().timeIntervalSince1970 - Double(status.st_mtim.tv_sec) > 4 * Lease().length.seconds
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

    /// - Returns: whether the kernel holds the lock.
    private static func take(
        _ file: Int32, _ run: RunDirectory, _ locking: KernelLock, _ lease: Lease, _ waiting: (String) -> Void
    ) throws -> Bool {
        // `holder(of:)` takes the lock for an instant to test it, so only a lock that stays taken for 0.2 s
        // counts as held.
        for _ in 1...50 {
            switch try attempt(LOCK_EX, file, run, locking) {
            case .locked: return true
            case .taken: usleep(4000)
            case .unsupported:
                try waitForLease(lease, run, waiting)
                return false
            }
        }
        throw Taken(root: run.root, holder: written(in: run))
    }

    /// Returns when the entry of the lock is nobody's: empty, a dead process's, or not renewed for a lease.
    private static func waitForLease(_ lease: Lease, _ run: RunDirectory, _ waiting: (String) -> Void) throws
    {
        guard let holder = written(in: run) else { return }
        let isAlive = holder.isAlive
        if isAlive == false { return }
        guard isAlive == nil else { throw Taken(root: run.root, holder: holder) }
        let seconds = Int(lease.length.seconds.rounded(.up))
        waiting(
            "\(run.root.path) was last held by \(holder.shown), and its file system has no locks: "
                + "taking it over unless that process shows up within \(seconds) s")
        let deadline = ContinuousClock.now + lease.length
        while ContinuousClock.now < deadline {
            usleep(20_000)
            guard let now = written(in: run) else { return }
            if now != holder { throw Taken(root: run.root, holder: now) }
        }
    }

    static func written(in run: RunDirectory) -> Holder? {
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

    /// Stops to renew a lease, as a process does that is killed; for tests.
    func stopRenewing() { lease?.stop() }

    /// Releases the lock before the process ends.
    package func release() {
        lease?.stop()
        // On a file system without locks, an empty file means that no process holds the lock. A renewal replaced the file.
        if lease == nil || (try? lease?.verify()) != nil {
            ftruncate(file.descriptor, 0)
            if lease != nil { truncate(path, 0) }
        }
        flock(file.descriptor, LOCK_UN)
    }
}
