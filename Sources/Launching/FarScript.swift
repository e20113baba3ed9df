/// Shell text that runs on the hosts: it identifies processes and ends them.
enum FarScript {
    /// Defines `identity PID`, which prints what distinguishes a process from others that had the same pid, and fails
    /// when the process does not exist.
    static let identity = """
        identity() { # PID
            text=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
            # shellcheck disable=SC2086 # the fields after the program's name, which may have blanks of its own
            set -- ${text##*) }
            [ "$1" != Z ] && echo "${20} $(cat /proc/sys/kernel/random/boot_id)"
        }
        """

    /// Prints whether each worker still runs.
    static func status(_ workers: [FarWorker]) -> String {
        """
        \(identity)
        \(each(workers))
        tell() { # NAME PID START BOOT
            if [ "$(identity "$2")" = "$3 $4" ]; then echo "@ponder running $1"; else echo "@ponder gone $1"; fi
        }
        each tell

        """
    }

    /// Sends SIGTERM to each worker, waits, and kills those that are left; touches no other process.
    ///
    /// - Parameter grace: seconds to wait.
    static func stop(_ workers: [FarWorker], grace: Int) -> String {
        """
        \(identity)
        \(each(workers))
        ask() { # NAME PID START BOOT
            if [ "$(identity "$2")" = "$3 $4" ]; then kill -TERM "$2"; fi
        }
        count() {
            if [ "$(identity "$2")" = "$3 $4" ]; then left=$((left + 1)); fi
        }
        force() {
            if [ "$(identity "$2")" = "$3 $4" ] && kill -KILL "$2"; then
                echo "@ponder killed $1"
            else
                echo "@ponder gone $1"
            fi
        }
        each ask
        seconds=0
        while [ "$seconds" -lt \(grace) ]; do
            left=0
            each count
            [ "$left" -gt 0 ] || break
            sleep 1
            seconds=$((seconds + 1))
        done
        each force

        """
    }

    private static func each(_ workers: [FarWorker]) -> String {
        let calls = workers.map {
            "    \"$1\" " + ShellText.quoted([$0.name, "\($0.process)", "\($0.start)", $0.boot])
        }
        return "each() { # FUNCTION\n\(calls.joined(separator: "\n"))\n}"
    }
}
