/// What a launch's scripts report, in the lines of their output that begin with `@ponder`.
///
///     @ponder started node1-1-3f9a 4711 802314 0f4c…   // name, process, start, boot
enum ScriptReport: Sendable, Hashable {
    case started(name: String, process: Int, start: UInt64, boot: String)
    /// Every worker of the host is started.
    case ready
    case ended(name: String, code: Int)
    /// Where a detached worker's output goes, on its host.
    case logs(String)
    /// The host cannot run workers, and why.
    case unusable(String)
    case state(name: String, FarState)
    /// A Slurm job was submitted: `coordinator` or `workers`, and its id.
    case job(role: String, id: String)

    enum FarState: String, Sendable, Hashable, CaseIterable {
        /// The process that was started still runs.
        case running
        /// It ended, or its number belongs to another process.
        case gone
        /// It did not end within the grace period.
        case killed
    }

    /// Nil for a line that is plain output.
    init?(_ line: String) {
        let words = line.split(separator: " ").map(String.init)
        guard words.first == "@ponder", words.count >= 2 else { return nil }
        switch (words[1], words.count) {
        case ("ready", 2): self = .ready
        case ("started", 6):
            guard let process = Int(words[3]), process > 1, let start = UInt64(words[4]) else { return nil }
            self = .started(name: words[2], process: process, start: start, boot: words[5])
        case ("ended", 4):
            guard let code = Int(words[3]) else { return nil }
            self = .ended(name: words[2], code: code)
        case ("job", 4): self = .job(role: words[2], id: words[3])
        case ("logs", 3...): self = .logs(words[2...].joined(separator: " "))
        case ("unusable", 3...): self = .unusable(words[2...].joined(separator: " "))
        case (let word, 3):
            guard let state = FarState(rawValue: word) else { return nil }
            self = .state(name: words[2], state)
        default: return nil
        }
    }
}
