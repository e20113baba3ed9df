import Foundation
import Host
import Reinforcement
import RunStore
import Scheduling
import Settings
import TestNetwork
import TestSupport
import Testing

@testable import Coordination
@testable import Service

/// Machines that run out of memory under a flood, whose clocks are wrong, whose names and addresses change.
@Suite(.serialized) struct MachineFaultTests {
    @Test(.disabled(if: MemoryGroup.obstacle != nil, "\(MemoryGroup.obstacle ?? "")"))
    func `a flood of unfinished messages ends at the memory's limit, and the run survives its restart`()
        async throws
    {
        let place = try ProcessRun(steps: 60)
        let worker = try place.worker("a")
        do {
            let group = try MemoryGroup(megabytes: 600)
            let victim = try place.coordinator(wrapper: PonderProcess.shell("echo $$ > \(group.processes)"))
            // So that the run cannot end before the flood has done its work.
            await place.signal(worker, SIGSTOP, at: 2)
            let (endpoint, id) = ("tcp://127.0.0.1:\(place.port)", victim.child.id)
            Thread.detachNewThread {
                guard let flood = try? RawConnection(to: endpoint) else { return }
                flood.greetAsDealer()
                let part = RawConnection.unfinished([UInt8](repeating: 7, count: 1 << 20))
                // Ends with the victim: nothing takes the bytes any more.
                for _ in 0..<4096 where kill(id, 0) == 0 { if !flood.write(part) { return } }
            }
            #expect(await victim.end() == .signalled(SIGKILL), "\(victim.output)")
            withExtendedLifetime(group) {}
        }
        kill(worker.child.id, SIGCONT)
        try await place.expectQuietBits(try place.coordinator())
        #expect(await worker.end() == .exited(0))
    }

    @Test
    func `a worker whose processor rounds bfloat16 otherwise passes every audit, and status tells of it`()
        async throws
    {
        let run = try ProcessRun {
            $0.policy.dtype = .bf16
            $0.audit.rate = 1
        }
        let coordinator = try run.coordinator()
        let plain = try run.worker("plain", wrapper: PonderProcess.shell("export PONDER_PRODUCTS=plain"))
        let other = try run.worker("other")
        #expect(await coordinator.end() == .exited(0), "\(coordinator.output)")
        for worker in [plain, other] { #expect(await worker.end() == .exited(0), "\(worker.output)") }
        let report = try #require(try RunStatus(of: run.directory).report)
        #expect(report.ledger.closes)
        #expect(report.workers.allSatisfy { $0.results > 0 && $0.rejected == 0 })
        let machines = Dictionary(uniqueKeysWithValues: report.workers.map { ($0.name, $0.machine) })
        #expect(machines["plain"]?.hasSuffix(", PONDER_PRODUCTS=plain") == true)
        #expect(machines["other"]?.contains("PONDER_PRODUCTS") == false)
    }

    /// A library that makes the wall clock of a program jump to and fro by `SKEW` seconds every tenth of a second.
    private func wrongClock(_ scratch: Scratch) async throws -> String {
        let source = scratch.url.appending(path: "clock.c")
        let library = scratch.url.appending(path: "clock.so")
        let text = """
            #define _GNU_SOURCE
            #include <stdlib.h>
            #include <sys/syscall.h>
            #include <sys/time.h>
            #include <time.h>
            #include <unistd.h>
            static long skew(void) {
                struct timespec now;
                syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
                const char *text = getenv("SKEW");
                long seconds = text ? atol(text) : 0;
                return now.tv_nsec / 100000000 % 2 ? seconds : -seconds;
            }
            int clock_gettime(clockid_t id, struct timespec *time) {
                int status = syscall(SYS_clock_gettime, id, time);
                if (!status && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) time->tv_sec += skew();
                return status;
            }
            int gettimeofday(struct timeval *restrict time, void *restrict zone) {
                int status = syscall(SYS_gettimeofday, time, zone);
                if (!status && time) time->tv_sec += skew();
                return status;
            }
            """
        try Data(text.utf8).write(to: source)
        let compiler = URL(filePath: "/usr/bin/env")
        let made = try await TestProgram.run(
            compiler, ["cc", "-shared", "-fPIC", "-o", library.path, source.path])
        try #require(made.status == 0, "\(made.errors)")
        return library.path
    }

    /// Why no time namespace can be made here; nil where one can.
    private func timeObstacle() async throws -> Bool {
        let probe = try await TestProgram.run(
            URL(filePath: "/usr/bin/env"), ["unshare", "--time", "--fork", "--boottime", "9", "true"])
        return probe.status != 0
    }

    @Test func `clocks that are hours apart, jump and disagree about the time since boot change nothing`()
        async throws
    {
        let place = try ProcessRun(silence: 20)
        let library = try await wrongClock(place.scratch)
        func skewed(_ seconds: Int) -> [String] {
            ["/usr/bin/env", "LD_PRELOAD=\(library)", "SKEW=\(seconds)"]
        }
        var workers = [
            try place.worker("a", wrapper: skewed(-5000)), try place.worker("b", wrapper: skewed(50)),
        ]
        if try await !timeObstacle() {
            let far = ["--fork", "--kill-child", "--monotonic", "86400", "--boottime", "864000"]
            workers.append(try place.worker("c", wrapper: ["/usr/bin/env", "unshare", "--time"] + far))
        }
        let coordinator = try place.coordinator(wrapper: skewed(3600))
        try await place.expectQuietBits(coordinator)
        for worker in workers { #expect(await worker.end() == .exited(0), "\(worker.output)") }
        // The fault was there: recorded times of one short run are hours apart.
        let times = place.steps.map(\.time)
        #expect((times.max() ?? 0) - (times.min() ?? 0) > 3600)
        let report = try #require(try RunStatus(of: place.directory).report)
        #expect(report.ledger.expired == 0 && report.workers.allSatisfy { $0.deaths == 0 })
    }

    @Test(.disabled(if: geteuid() != 0, "an /etc/hosts of one's own needs root"))
    func `a coordinator that moves to another address is found again by its name`() async throws {
        let place = try ProcessRun(steps: 60)
        let hosts = place.scratch.url.appending(path: "hosts")
        func name(_ address: String) throws {
            // In place: the mount is of the file, not of its name.
            let handle = try FileHandle(forWritingTo: hosts)
            try handle.truncate(atOffset: 0)
            try handle.write(contentsOf: Data("\(address) head.ponder.test\n".utf8))
            try handle.close()
        }
        try Data().write(to: hosts)
        try name("127.0.0.1")
        let mount = "mount --bind '\(hosts.path)' /etc/hosts"
        let worker = try place.worker(
            "a", of: "head.ponder.test", ["--insecure"],
            wrapper: ["/usr/bin/env", "unshare", "--mount"] + PonderProcess.shell(mount))
        let first = try place.coordinator()
        await place.signal(first, SIGKILL, at: 2)
        #expect(await first.end() == .signalled(SIGKILL))
        try name("127.0.0.2")
        try await place.expectQuietBits(try place.coordinator(at: "127.0.0.2"))
        #expect(await worker.end() == .exited(0), "\(worker.output)")
    }

    @Test(
        .disabled(
            if: !FileManager.default.fileExists(atPath: "/proc/sys/net/ipv6/conf/lo"), "no IPv6 here"))
    func `a coordinator that has IPv6 only is reached, control and weights`() async throws {
        let place = try ProcessRun()
        let worker = try place.worker("a", of: "[::1]")
        try await place.expectQuietBits(try place.coordinator(at: "[::1]"))
        #expect(await worker.end() == .exited(0), "\(worker.output)")
    }
}
