import Foundation
import Host
import Synchronization

/// Tells the supervisor of this process that it is ready and alive.
///
/// It notifies systemd over `$NOTIFY_SOCKET`, and a probe by the modification time of the file `$PONDER_PULSE`; without
/// either it does nothing. Beats come from the loop that does the work, so a loop that hangs is noticed although its process lives.
package final class ServiceNotifier: Sendable {
    private let socketPath: String?
    private let file: String?
    private let interval: Duration?
    private let start = ContinuousClock.now
    private let log: @Sendable (String) -> Void
    private let hasComplained = Mutex(false)
    /// When the last beat was passed on, after `start`.
    private let last = Mutex<Duration?>(nil)

    /// - Parameter log: receives one line when the pulse cannot be written.
    package init(
        _ environment: [String: String] = ProcessInfo.processInfo.environment,
        log: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.log = log
        socketPath = environment["NOTIFY_SOCKET"].flatMap { $0.isEmpty ? nil : $0 }
        file = environment["PONDER_PULSE"].flatMap { $0.isEmpty ? nil : $0 }
        var intervals: [Duration] = file == nil ? [] : [.seconds(5)]
        let isForUs = environment["WATCHDOG_PID"].map { $0 == "\(getpid())" } ?? true
        if socketPath != nil, isForUs, let text = environment["WATCHDOG_USEC"], let time = Int(text), time > 0
        {
            // Half of systemd's watchdog time, as its manual advises.
            intervals.append(.microseconds(time / 2))
        }
        interval = intervals.min()
    }

    /// Reports that the process is ready.
    package func ready() {
        send("READY=1")
        beat()
    }

    /// Reports that the process is stopping by itself.
    package func stopping() { send("STOPPING=1") }

    /// Reports that the loop is running; call it often, since it passes on only the beats that the supervisor needs.
    package func beat() {
        guard let interval else { return }
        let now = ContinuousClock.now - start
        let isDue = last.withLock { last in
            if let last, now - last < interval { return false }
            last = now
            return true
        }
        guard isDue else { return }
        send("WATCHDOG=1")
        touch()
    }

    private func touch() {
        guard let file else { return }
        do {
            let pulse = try OpenFile(file, O_WRONLY | O_CREAT)
            guard futimens(pulse.descriptor, nil) != 0 else { return }
            throw FileError(operation: "touch", path: file, code: errno)
        } catch {
            let isFirst = hasComplained.withLock { hasComplained in
                defer { hasComplained = true }
                return !hasComplained
            }
            if isFirst {
                log("PONDER_PULSE: \(error); a probe that looks at this file will take the process for dead")
            }
        }
    }

    /// Sends one datagram and never blocks: a supervisor that does not read must not stop the work.
    private func send(_ text: String) {
        guard let socketPath else { return }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var name = Array(socketPath.utf8)
        // `@` stands for the zero byte of an abstract socket.
        if name.first == UInt8(ascii: "@") { name[0] = 0 }
        guard name.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let length = MemoryLayout<sa_family_t>.size + name.count
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = sendto(
                    descriptor, bytes, bytes.count, flags, $0, socklen_t(length))
            }
        }
    }
}
