import Foundation

/// Shows a long text: page by page on a terminal, as it is elsewhere.
enum Pager {
    /// Uses `$PAGER`, else `less`.
    ///
    /// `PAGER=cat` or a pipe shows the text at once.
    static func show(_ text: String) {
        let environment = ProcessInfo.processInfo.environment
        guard isatty(STDOUT_FILENO) == 1, environment["TERM"] != "dumb" else { return print(text) }
        // The user may leave the pager before it has read everything.
        signal(SIGPIPE, SIG_IGN)
        // As git does: end at once when the text fits the screen, show colours, leave the text there.
        setenv("LESS", "FRX", 0)
        let pager = environment["PAGER"].flatMap { $0.isEmpty ? nil : $0 } ?? "less"
        fflush(nil)
        guard let pipe = popen(pager, "w") else { return print(text) }
        fputs(text + "\n", pipe)
        // The shell's status when there is no such program: 127.
        if pclose(pipe) >> 8 == 127 { print(text) }
    }
}
