package import Foundation
package import Host

/// The right to write a run's folder; one process has it, until it ends in whatever way.
///
/// The kernel holds the lock (`flock`), so a killed coordinator leaves none behind. Each acquisition raises the run's
/// epoch durably, and every message carries it: whatever an earlier life sent is recognised as such.
package final class RunLock: Sendable {
    /// This life of the coordinator, from 1.
    package let epoch: UInt64
    package let holder: Holder
    private let file: OpenFile

    /// Who has the lock, as written in `run.lock`.
    package struct Holder: Sendable, Hashable, Codable {
        package let process: Int32
        package let host: String
        /// When it took the lock, for people.
        package let since: Date
        package let epoch: UInt64

        fileprivate var shown: String { "process \(process) on \(host) since \(since.formatted(.iso8601))" }
    }

    /// Another process has the run.
    package struct Taken: Error, Sendable, Hashable, CustomStringConvertible {
        package let root: URL
        /// Nil when it has not written its name yet.
        package let holder: Holder?

        package var description: String {
            "\(root.path) is in use by \(holder?.shown ?? "another process"); "
                + "end that one first, or give another folder with --run"
        }
    }

    /// The epoch's file does not hold a number.
    package struct DamagedEpoch: Error, Sendable, Hashable, CustomStringConvertible {
        package let path: String

        package var description: String {
            "\(path) is damaged; write a number into it that is larger than any epoch the run's logs show"
        }
    }

    private init(file: consuming OpenFile, holder: Holder) {
        self.file = file
        self.holder = holder
        epoch = holder.epoch
    }

    /// Takes the lock and begins a new epoch, or refuses at once.
    ///
    /// - Throws: `Taken`, `DamagedEpoch`, `FileError`.
    package static func acquire(
        _ run: RunDirectory, now: Date = Date(), files: any FileOperations = Files()
    ) throws -> RunLock {
        let file = try OpenFile(run.lock.path, O_RDWR | O_CREAT)
        try take(file.descriptor, run)
        // The last holder's name does not tell who has it now.
        try file.truncate(to: 0)
        let holder = Holder(
            process: getpid(), host: HostName.own, since: now, epoch: try nextEpoch(run, files))
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = .sortedKeys
        try file.write(try encoder.encode(holder))
        return RunLock(file: file, holder: holder)
    }

    /// Who has the lock now, nil when nobody has; for commands that only look.
    ///
    /// - Throws: `FileError`.
    package static func holder(of run: RunDirectory) throws -> Holder? {
        let file: OpenFile
        do throws(FileError) {
            file = try OpenFile(run.lock.path, O_RDONLY)
        } catch {
            if error.code == ENOENT { return nil }
            throw error
        }
        if flock(file.descriptor, LOCK_SH | LOCK_NB) == 0 { return nil }
        guard errno == EWOULDBLOCK else {
            throw FileError(operation: "look at the lock", path: run.lock.path, code: errno)
        }
        return written(in: run) ?? Holder(process: 0, host: "unknown", since: .distantPast, epoch: 0)
    }

    private static func take(_ file: Int32, _ run: RunDirectory) throws {
        // `holder(of:)` takes the lock for an instant to see whether it is free: whoever has it for 0.2 s is a holder.
        for attempt in 1...50 {
            if flock(file, LOCK_EX | LOCK_NB) == 0 { return }
            switch errno {
            case EWOULDBLOCK where attempt < 50: usleep(4000)
            case EWOULDBLOCK: throw Taken(root: run.root, holder: written(in: run))
            case EINTR: continue
            case ENOLCK, ENOSYS, EOPNOTSUPP: return try takeWithoutKernel(run)
            default: throw FileError(operation: "lock", path: run.lock.path, code: errno)
            }
        }
        throw Taken(root: run.root, holder: written(in: run))
    }

    /// Some network file systems have no locks: then whoever is written in the file has it, unless provably dead.
    private static func takeWithoutKernel(_ run: RunDirectory) throws {
        guard let holder = written(in: run) else { return }
        let isDead =
            holder.host == HostName.own
            && kill(holder.process, 0) != 0 && errno == ESRCH
        guard isDead else { throw Taken(root: run.root, holder: holder) }
    }

    private static func written(in run: RunDirectory) -> Holder? {
        guard let data = try? Files.read(run.lock.path, limit: 1 << 16) else { return nil }
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return try? decoder.decode(Holder.self, from: data)
    }

    private static func nextEpoch(_ run: RunDirectory, _ files: any FileOperations) throws -> UInt64 {
        var last: UInt64 = 0
        if FileManager.default.fileExists(atPath: run.epoch.path) {
            let text = String(decoding: try Files.read(run.epoch.path, limit: 1 << 10), as: UTF8.self)
            guard let number = UInt64(text.trimmingCharacters(in: .whitespacesAndNewlines)), number < .max
            else {
                throw DamagedEpoch(path: run.epoch.path)
            }
            last = number
        }
        try files.replace(run.epoch.path, with: Data("\(last + 1)\n".utf8))
        return last + 1
    }

    /// Gives the lock back before the process ends.
    package func release() {
        // Ours only: an empty file tells a file system without locks that nobody has it.
        ftruncate(file.descriptor, 0)
        flock(file.descriptor, LOCK_UN)
    }
}
