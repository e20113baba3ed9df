import ArgumentParser
import Primitives

/// A duration on the command line, such as `90m`, `2h` or `1h30m`.
struct TimeLimit: ExpressibleByArgument {
    let duration: Duration

    init?(argument: String) {
        guard let duration = Duration(shortText: argument), duration > .zero else { return nil }
        self.duration = duration
    }
}
