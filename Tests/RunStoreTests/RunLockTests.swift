import Dispatch
import Foundation
import Host
import Testing

@testable import RunStore

@Suite struct RunLockTests {
    let scratch: Scratch
    let run: RunDirectory

    init() throws {
        scratch = try Scratch()
        run = try scratch.run()
    }

    @Test func `each life has the next incarnation`() throws {
        for incarnation in UInt64(1)...3 {
            let lock = try RunLock.acquire(run)
            #expect(lock.incarnation == incarnation)
            lock.release()
        }
    }

    @Test func `a second coordinator is refused, told who has the run, and changes nothing`() throws {
        let since = Date(timeIntervalSince1970: 1_795_000_000)
        let lock = try RunLock.acquire(run, now: since)
        #expect {
            try RunLock.acquire(run)
        } throws: { error in
            guard let error = error as? RunLock.Taken else { return false }
            return error.holder == lock.holder && "\(error)".contains("process \(getpid()) on ")
                && "\(error)".contains("since 2026-11-1") && "\(error)".contains("--run")
        }
        #expect(try String(contentsOf: run.incarnation, encoding: .utf8) == "1\n")
        #expect(try RunLock.holder(of: run) == lock.holder)
        lock.release()
        #expect(try RunLock.holder(of: run) == nil)
    }

    @Test func `letting go of the lock frees it`() throws {
        do { _ = try RunLock.acquire(run) }
        #expect(try RunLock.acquire(run).incarnation == 2)
    }

    @Test func `a coordinator in another process keeps this one out until it is killed`() throws {
        let child = Process()
        child.executableURL = URL(filePath: "/usr/bin/flock")
        let output = Pipe()
        let input = Pipe()
        child.arguments = [run.lock.path, "sh", "-c", "echo locked; exec cat"]
        child.standardOutput = output
        child.standardInput = input
        try child.run()
        // The child says when it has the lock.
        #expect(output.fileHandleForReading.availableData == Data("locked\n".utf8))
        #expect(throws: RunLock.Taken.self) { try RunLock.acquire(run) }
        #expect(try RunLock.holder(of: run) != nil)
        try input.fileHandleForWriting.close()
        child.waitUntilExit()
        #expect(try RunLock.acquire(run).incarnation == 1)
    }

    @Test func `looking at the lock while it is taken never refuses it`() throws {
        _ = try RunLock.acquire(run)
        // A look has the lock for an instant; this one still has it at the first two tries.
        let look = open(run.lock.path, O_RDONLY | O_CLOEXEC)
        #expect(flock(look, LOCK_SH | LOCK_NB) == 0)
        var tries = 0
        let lock = try RunLock.acquire(run) { file, operation in
            tries += 1
            if tries == 3 { close(look) }
            return flock(file, operation)
        }
        #expect(tries == 3)
        #expect(try RunLock.holder(of: run) == lock.holder)
    }

    @Test(arguments: [ENOLCK, ENOSYS, EOPNOTSUPP])
    func `on a file system without locks the file says who has the run`(code: Int32) throws {
        let unsupported: RunLock.KernelLock = { _, _ in
            errno = code
            return -1
        }
        #expect(try RunLock.holder(of: run, locking: unsupported) == nil)
        let lock = try RunLock.acquire(run, locking: unsupported)
        #expect(try RunLock.holder(of: run, locking: unsupported) == lock.holder)
        #expect(throws: RunLock.Taken.self) { try RunLock.acquire(run, locking: unsupported) }
        lock.release()
        #expect(try RunLock.holder(of: run, locking: unsupported) == nil)
    }

    @Test func `on a file system without locks a holder that is dead holds nothing`() throws {
        let unsupported: RunLock.KernelLock = { _, _ in
            errno = ENOLCK
            return -1
        }
        let child = Process()
        child.executableURL = URL(filePath: "/bin/true")
        try child.run()
        child.waitUntilExit()
        let lock = try RunLock.acquire(run, locking: unsupported)
        let text = try String(contentsOf: run.lock, encoding: .utf8)
        try Data(text.replacing("\(getpid())", with: "\(child.processIdentifier)").utf8).write(to: run.lock)
        #expect(try RunLock.holder(of: run, locking: unsupported) == nil)
        #expect(try RunLock.acquire(run, locking: unsupported).incarnation == lock.incarnation + 1)
    }

    private let unsupported: RunLock.KernelLock = { _, _ in
        errno = ENOLCK
        return -1
    }

    private var shortLease: Lease {
        var lease = Lease()
        lease.renewal = .milliseconds(20)
        lease.length = .milliseconds(400)
        return lease
    }

    /// Rewrites the entry of the lock as that of a process on another machine.
    private func moveElsewhere(_ change: (inout [String: Any]) -> Void = { _ in }) throws {
        let data = try Data(contentsOf: run.lock)
        var entry = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        entry["host"] = "node17"
        entry["identity"] = ["boot": "another", "namespace": "pid:[1]", "start": 5]
        change(&entry)
        try JSONSerialization.data(withJSONObject: entry).write(to: run.lock)
    }

    @Test func `on a file system without locks a dead node's run is taken over after the lease`() throws {
        try RunLock.acquire(run, locking: unsupported).stopRenewing()
        try moveElsewhere()
        #expect(try RunLock.holder(of: run, locking: unsupported)?.host == "node17")
        var said: [String] = []
        let start = ContinuousClock.now
        let lock = try RunLock.acquire(
            run, locking: unsupported, lease: shortLease, waiting: { said.append($0) })
        #expect(ContinuousClock.now - start >= .milliseconds(400))
        #expect(lock.incarnation == 2)
        #expect(said.count == 1 && said[0].contains("node17") && said[0].contains("no locks"))
        lock.release()
        #expect(try RunLock.holder(of: run, locking: unsupported) == nil)
    }

    @Test func `on a file system without locks a holder elsewhere that renews its entry keeps the run`()
        throws
    {
        try RunLock.acquire(run, locking: unsupported).stopRenewing()
        try moveElsewhere()
        #expect(throws: RunLock.Taken.self) {
            var long = shortLease
            long.length = .seconds(60)
            _ = try RunLock.acquire(run, locking: unsupported, lease: long) { _ in
                try? moveElsewhere { $0["beat"] = 7 }
            }
        }
    }

    @Test func `on a file system without locks a holder renews its entry, and learns when another took it`()
        throws
    {
        let lock = try RunLock.acquire(run, locking: unsupported, lease: shortLease)
        try lock.verify()
        func beat() throws -> Int? {
            let entry = try JSONSerialization.jsonObject(with: Data(contentsOf: run.lock)) as? [String: Any]
            return entry?["beat"] as? Int
        }
        let deadline = ContinuousClock.now + .seconds(10)
        while try beat() ?? 0 < 2, ContinuousClock.now < deadline { usleep(5000) }
        #expect(try beat() ?? 0 >= 2)
        let told = DispatchSemaphore(value: 0)
        lock.onLost { _ in told.signal() }
        lock.stopRenewing()
        try moveElsewhere { $0["incarnation"] = 9 }
        #expect(throws: RunLock.Lost.self) { try lock.verify() }
        #expect(told.wait(timeout: .now() + 10) == .success)
        // It leaves the other's entry as it is.
        lock.release()
        #expect(try RunLock.holder(of: run, locking: unsupported)?.host == "node17")
    }

    @Test func `a container never refuses itself: the same number in another life is another process`() throws
    {
        try RunLock.acquire(run, locking: unsupported).stopRenewing()
        let text = try String(contentsOf: run.lock, encoding: .utf8)
        let start = try #require(ProcessIdentity.own?.start)
        try Data(text.replacing("\(start)", with: "\(start - 1)").utf8).write(to: run.lock)
        #expect(try RunLock.holder(of: run, locking: unsupported) == nil)
        #expect(try RunLock.acquire(run, locking: unsupported).incarnation == 2)
    }

    @Test func `on a file system without locks the entry of an older Ponder is taken over as well`() throws {
        for (host, process) in [("node17", 4711), (HostName.own, getpid())] {
            try RunLock.acquire(run, locking: unsupported).release()
            let old =
                #"{"host":"\#(host)","incarnation":1,"process":\#(process),"since":"2026-11-01T00:00:00Z"}"#
            try Data(old.utf8).write(to: run.lock)
            let lock = try RunLock.acquire(run, locking: unsupported, lease: shortLease)
            lock.release()
        }
        #expect(try RunLock.acquire(run, locking: unsupported).incarnation == 5)
    }

    @Test func `a damaged incarnation is an error with a remedy`() throws {
        try Data("many".utf8).write(to: run.incarnation)
        #expect { try RunLock.acquire(run) } throws: { "\($0)".contains("larger than any incarnation") }
        #expect(try RunLock.holder(of: run) == nil)
    }

    @Test func `a full disk refuses the lock and frees it`() throws {
        #expect {
            try RunLock.acquire(run, files: Accident(.error(ENOSPC), at: 0))
        } throws: {
            ($0 as? FileError)?.isDiskFull == true
        }
        #expect(try RunLock.acquire(run).incarnation == 1)
    }
}
