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
