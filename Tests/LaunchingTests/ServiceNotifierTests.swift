import Foundation
import Synchronization
import Testing

@testable import Launching

@Suite struct ServiceNotifierTests {
    /// A supervisor's socket.
    private final class Supervisor {
        let path: String
        private let descriptor: Int32

        init(
            at path: String = FileManager.default.temporaryDirectory.appending(path: "ponder-\(UUID()).sock")
                .path
        ) throws {
            self.path = path
            descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            let name = Array(path.utf8)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
            let size = socklen_t(MemoryLayout<sockaddr_un>.size)
            let bound = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) }
            }
            try #require(bound == 0)
        }

        deinit {
            close(descriptor)
            unlink(path)
        }

        /// What has come by now.
        var messages: [String] {
            var found: [String] = []
            var bytes = [UInt8](repeating: 0, count: 256)
            while true {
                let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
                guard count > 0 else { return found }
                found.append(String(decoding: bytes[..<count], as: UTF8.self))
            }
        }
    }

    @Test func `systemd is told of readiness, and of life no more often than it waits for`() throws {
        let supervisor = try Supervisor()
        let notifier = ServiceNotifier([
            "NOTIFY_SOCKET": supervisor.path, "WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "\(getpid())",
        ])
        notifier.ready()
        for _ in 0..<100 { notifier.beat() }
        notifier.stopping()
        #expect(supervisor.messages == ["READY=1", "WATCHDOG=1", "STOPPING=1"])
    }

    @Test func `a watchdog of another process gets no beats`() throws {
        let supervisor = try Supervisor()
        let notifier = ServiceNotifier([
            "NOTIFY_SOCKET": supervisor.path, "WATCHDOG_USEC": "1", "WATCHDOG_PID": "1",
        ])
        notifier.beat()
        notifier.ready()
        #expect(supervisor.messages == ["READY=1"])
    }

    @Test func `the pulse file appears with the first beat and not before`() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "ponder-pulse-\(UUID())").path
        defer { unlink(path) }
        let notifier = ServiceNotifier(["PONDER_PULSE": path])
        #expect(!FileManager.default.fileExists(atPath: path))
        notifier.beat()
        #expect(FileManager.default.fileExists(atPath: path))
    }

    @Test func `a pulse that cannot be written is told once`() {
        let said = Mutex<[String]>([])
        let notifier = ServiceNotifier(["PONDER_PULSE": "/nowhere/pulse"]) { line in
            said.withLock { $0.append(line) }
        }
        notifier.ready()
        notifier.ready()
        let lines = said.withLock { $0 }
        #expect(lines.count == 1)
        #expect(lines.first?.contains("/nowhere/pulse: No such file or directory") == true)
        #expect(lines.first?.contains("a probe that looks at this file") == true)
    }

    @Test func `what is said while the supervisor is gone is lost, and the next one is told again`() throws {
        var supervisor: Supervisor? = try Supervisor()
        let path = try #require(supervisor?.path)
        let notifier = ServiceNotifier(["NOTIFY_SOCKET": path])
        notifier.ready()
        #expect(supervisor?.messages == ["READY=1"])
        supervisor = nil
        notifier.ready()
        let next = try Supervisor(at: path)
        notifier.stopping()
        #expect(next.messages == ["STOPPING=1"])
    }

    @Test func `a process that was given no socket tells nobody`() throws {
        let supervisor = try Supervisor()
        for environment in [[:], ["NOTIFY_SOCKET": "", "WATCHDOG_USEC": "1"]] {
            let notifier = ServiceNotifier(environment)
            notifier.ready()
            notifier.beat()
            notifier.stopping()
        }
        #expect(supervisor.messages.isEmpty)
    }
}
