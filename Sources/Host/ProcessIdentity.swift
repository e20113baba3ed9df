import Foundation

/// Tells a process from every other one, also from those that get its number later or have it in another container.
package struct ProcessIdentity: Sendable, Hashable, Codable {
    /// The kernel's id of this start of the machine.
    package let boot: String
    /// The process id namespace, as the kernel names it.
    package let namespace: String
    /// When the process started, in clock ticks since the start of the machine.
    package let start: UInt64

    package init(boot: String, namespace: String, start: UInt64) {
        self.boot = boot
        self.namespace = namespace
        self.start = start
    }

    /// This process's identity; nil without `/proc`.
    package static let own: ProcessIdentity? = {
        guard let boot = try? Files.read("/proc/sys/kernel/random/boot_id"),
            let namespace = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid"),
            let start = start(of: getpid())
        else { return nil }
        let text = String(decoding: boot, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        return ProcessIdentity(boot: text, namespace: namespace, start: start)
    }()

    /// Whether the process with this identity and number lives; nil when that cannot be known from here.
    package func isAlive(process: Int32) -> Bool? {
        guard let own = Self.own, own.boot == boot, own.namespace == namespace else { return nil }
        return Self.start(of: process) == start
    }

    /// Field 22 of `/proc/PID/stat` (proc_pid_stat(5)).
    private static func start(of process: Int32) -> UInt64? {
        guard let data = try? Files.read("/proc/\(process)/stat") else { return nil }
        // The name of the program, in parentheses, may contain blanks.
        let fields =
            String(decoding: data, as: UTF8.self).split(separator: ")").last?.split(separator: " ") ?? []
        return fields.count > 19 ? UInt64(fields[19]) : nil
    }
}
