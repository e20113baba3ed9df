package import Foundation

/// What one launch started, so that `launch status` and `launch stop` find exactly these processes and jobs.
///
///     {"id":"ssh-20261124-142600-3f9a","launched":{"ssh":{"workers":[{"boot":"…","host":"node1",…}]}},…}
package struct LaunchRecord: Sendable, Hashable, Codable {
    package var id: String
    /// The time of the launch, for people.
    package var started: Date
    package var launched: Launched

    package enum Launched: Sendable, Hashable, Codable {
        case ssh(workers: [FarWorker])
        /// Job ids; `coordinator` is nil when only workers were added to a run.
        case slurm(coordinator: String?, workers: String, folder: String)
        case kubernetes(namespace: String, context: String?)
    }

    package init(id: String, started: Date, launched: Launched) {
        self.id = id
        self.started = started
        self.launched = launched
    }

    /// A unique name for a launch.
    package static func newID(_ kind: String, now: Date = Date(), random: UInt16 = .random(in: .min ... .max))
        -> String
    {
        let style = Date.ISO8601FormatStyle(timeZone: .gmt).year().month().day().dateSeparator(.omitted)
        let time = Date.ISO8601FormatStyle(timeZone: .gmt).time(includingFractionalSeconds: false)
            .timeSeparator(.omitted)
        let digits = String(0x1_0000 + Int(random), radix: 16).dropFirst()
        return "\(kind)-\(now.formatted(style))-\(now.formatted(time))-\(digits)"
    }
}

/// A worker process on a host, distinguished from other processes that had the same pid.
package struct FarWorker: Sendable, Hashable, Codable {
    package var host: String
    package var name: String

    /// The host of a process on the launcher's own machine, which is reached without ssh.
    package static let here = "-"

    /// The host for people.
    package var place: String { host == Self.here ? "this machine" : host }

    /// Process id on its host.
    package var process: Int
    /// When it started, in clock ticks since the host's boot (field 22 of `/proc/PID/stat`).
    package var start: UInt64
    /// `/proc/sys/kernel/random/boot_id` of its host.
    package var boot: String

    package init(host: String, name: String, process: Int, start: UInt64, boot: String) {
        self.host = host
        self.name = name
        self.process = process
        self.start = start
        self.boot = boot
    }
}
