import Foundation
import Host
import Testing

@testable import Service

@Suite struct ChildProcessTests {
    @Test func `a child is killed, and once it has ended nothing is sent to its number`() async throws {
        let child = try ChildProcess.start(["/bin/sleep", "60"], log: "/dev/null")
        #expect(child.kill())
        #expect(await child.ending() == .signalled(SIGKILL))
        #expect(!child.kill())
    }

    @Test(
        .enabled(
            if: access("/proc/sys/kernel/ns_last_pid", W_OK) == 0, "choosing a process's number needs root"))
    func `a process that was given the number of a child that has ended is not killed`() async throws {
        // Another process may take the number between the two calls.
        for _ in 0..<100 {
            let child = try ChildProcess.start(["/bin/true"], log: "/dev/null")
            #expect(await child.ending() == .exited(0))
            try Data("\(child.id - 1)".utf8).write(to: URL(filePath: "/proc/sys/kernel/ns_last_pid"))
            let other = try ChildProcess.start(["/bin/cat"], log: "/dev/null")
            let isReused = other.id == child.id
            child.kill()
            other.release()
            #expect(await other.ending() == .exited(0))
            if isReused { return }
        }
        Issue.record("no number was given again")
    }
}
