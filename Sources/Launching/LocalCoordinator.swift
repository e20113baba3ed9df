/// The coordinator that `launch ssh CONFIG --run DIR` starts on this machine, as a script.
package struct LocalCoordinator: Sendable, Hashable {
    package var program: String
    package var bind: String
    /// The run's folder, absolute.
    package var run: String
    /// Further arguments: the configuration, steps, keys.
    package var arguments: [String] = []
    /// It writes to a log file and outlives the launcher.
    package var isDetached = false

    /// Name of the process in reports and records.
    package static let name = "coordinator"
    /// In the line that the coordinator writes when workers can connect.
    package static let readyMark = "workers connect with: "

    package init(program: String, bind: String, run: String) {
        self.program = program
        self.bind = bind
        self.run = run
    }

    package var log: String { "\(run)/launch/coordinator.log" }

    private var command: String {
        ShellText.quoted([program, "coordinator"] + arguments + ["--bind", bind, "--run", run])
    }

    /// Starts it; attached, the script becomes the coordinator, detached, it ends when workers can connect.
    package var script: String {
        guard isDetached else {
            return """
                \(FarScript.identity)
                echo "@ponder started \(Self.name) $$ $(identity $$)"
                exec \(command) 2>&1 </dev/null

                """
        }
        return """
            \(FarScript.identity)
            log=\(ShellText.quoted(log))
            mkdir -p "$(dirname "$log")" || exit
            if [ -e "$log" ]; then mv -f "$log" "$log.old"; fi
            nohup \(command) >"$log" 2>&1 </dev/null &
            process=$!
            echo "@ponder started \(Self.name) $process $(identity $process)"
            until grep -q \(ShellText.quoted(Self.readyMark)) "$log"; do
                if ! identity $process >/dev/null; then
                    cat "$log"
                    wait $process
                    exit
                fi
                sleep 0.2
            done
            echo "@ponder ready"

            """
    }
}
