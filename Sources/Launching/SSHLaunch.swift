/// Workers on hosts that are reached with OpenSSH, as scripts; a dry run prints the same scripts.
package struct SSHLaunch: Sendable {
    /// Where the program is on a host.
    package enum Program: Sendable, Hashable {
        /// On its PATH, else in `~/.local/bin`.
        case found
        /// At this path.
        case path(String)
        /// These files of this machine are copied to `~/.cache/ponder` unless they are there already.
        case copied(program: String, shim: String)
    }

    package var id: String
    package var shares: [HostFile.Share]
    /// The endpoint that workers dial.
    package var coordinator: String
    package var program: Program
    /// Workers write to log files on their hosts and outlive the launcher.
    package var isDetached = false
    /// Seconds until a host that does not answer counts as unreachable.
    package var connectTimeout = 10
    /// Further arguments of each worker.
    package var workerArguments: [String] = []
    /// The coordinator to start on this machine; nil when one runs already.
    package var local: LocalCoordinator?
    /// A folder on this machine with `coordinator.pub`, `worker.key` and `worker.pub`, which every host is given.
    package var keys: String?
    package var summary = LaunchSummary([])

    package init(id: String, shares: [HostFile.Share], coordinator: String, program: Program) {
        self.id = id
        self.shares = shares
        self.coordinator = coordinator
        self.program = program
    }

    package var workers: Int { shares.reduce(0) { $0 + $1.workers } }

    /// All commands of the launch, as one script.
    package var dryRun: String {
        "#!/bin/sh\n" + summary.comments
            + (local.map { "\n# this machine: the coordinator\n(\n\($0.script))\(isDetached ? "" : " &")\n" }
                ?? "")
            + shares.map { "\n# \($0.host): workers \($0.workers)\n(\n\(script(for: $0)))\n" }.joined()
    }

    /// The command that runs on this machine for one host.
    package func script(for share: HostFile.Share) -> String {
        let ssh = Self.ssh(share.host, connectTimeout: connectTimeout)
        let start = startScript(share)
        var before = keys.map { giving(keys: $0, ssh) } ?? ""
        var arguments = keys == nil ? "" : " -- - \"$keys\""
        if case .copied(let program, let shim) = program {
            before += copying(program, shim, ssh)
            arguments = " -- \"$copy\"" + (keys == nil ? "" : " \"$keys\"")
        }
        return before + "\(ssh) sh -s\(arguments) \(ShellText.document(start))"
    }

    /// The call of OpenSSH: without agent, terminal or questions, and with a timeout for hosts that do not answer.
    static func ssh(_ host: String, connectTimeout: Int) -> String {
        ShellText.quoted([
            "ssh", "-a", "-x", "-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=\(connectTimeout)",
            "-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=4", "-o", "ClearAllForwardings=yes",
            host,
        ])
    }

    /// A worker's name contains its host and launch, because a worker replaces an earlier one of the same name.
    func names(_ share: HostFile.Share) -> [String] {
        let host = share.host.split(separator: "@").last ?? ""
        let launch = id.split(separator: "-").last ?? ""
        return (1...share.workers).map { "\(host)-\($0)-\(launch)" }
    }

    /// Hosts may share a home, so each copies the files to a folder of its own and then moves them into place.
    private func copying(_ program: String, _ shim: String, _ ssh: String) -> String {
        let program = ShellText.quoted(program)
        let shim = ShellText.quoted(shim)
        return """
            sums=$(printf '%s  ponder\\n%s  libPonderTorch.so\\n' "$(sha256sum <\(program) | cut -d ' ' -f 1)" \\
                "$(sha256sum <\(shim) | cut -d ' ' -f 1)")
            copy=.cache/ponder/$(printf %s "$sums" | sha256sum | cut -c 1-16)
            take="cd && umask 077 && mkdir -p $copy && new=\\$(mktemp -d $copy.XXXXXX) || exit"
            take="$take; trap 'rm -rf \\$new' EXIT; trap 'exit 1' HUP INT TERM; tar -C \\$new -xf - && mv -f \\$new/* $copy/"
            check() { printf '%s\\n' "$sums" | \(ssh) "cd && cd $copy 2>/dev/null && sha256sum --check --status"; }
            check
            case $? in
                0) ;;
                255) exit 255 ;;
                *)
                    files=$(mktemp -d) || exit
                    trap 'rm -rf "$files"' EXIT
                    ln -s \(program) "$files/ponder"
                    ln -s \(shim) "$files/libPonderTorch.so"
                    tar -C "$files" -chf - ponder libPonderTorch.so | \(ssh) "$take"
                    check || {
                        echo "@ponder unusable the copy in ~/$copy is not what was sent; is its disk full?"
                        exit 1
                    }
                    ;;
            esac

            """
    }

    /// Puts the keys of a worker into a folder of the host that only its user reads.
    private func giving(keys: String, _ ssh: String) -> String {
        let folder = ShellText.quoted(keys)
        return """
            keys=.cache/ponder/keys-$(sha256sum <\(ShellText.quoted("\(keys)/coordinator.pub")) | cut -c 1-16)
            take="cd && umask 077 && mkdir -p $keys && new=\\$(mktemp -d $keys.XXXXXX) || exit"
            take="$take; trap 'rm -rf \\$new' EXIT; tar -C \\$new -xof - && mv -f \\$new/* $keys/"
            tar -C \(folder) -cf - coordinator.pub worker.key worker.pub | \(ssh) "$take" || exit

            """
    }

    private func startScript(_ share: HostFile.Share) -> String {
        let names = names(share)
        let finding =
            switch program {
            case .found:
                "ponder=$(command -v ponder) || ponder=$HOME/.local/bin/ponder"
            case .path(let path): "ponder=\(ShellText.quoted(path))"
            case .copied: "ponder=$HOME/$1/ponder"
            }
        let remedy =
            switch program {
            case .found: "is not there and no ponder is on PATH; say --ponder PATH or --copy"
            case .path: "is no program there; say --ponder PATH or --copy"
            case .copied: "is no program there"
            }
        let worker =
            ShellText.quoted(["worker", "--connect", coordinator] + workerArguments)
            + (keys == nil ? "" : " --keys \"$HOME/$keys\"")
        let starts = names.indices.map { index in
            "    launch \(ShellText.quoted(names[index]))\(isDetached ? "" : " && worker\(index + 1)=$!")\n"
        }.joined()
        let waits = names.indices.map {
            "    wait \"$worker\($0 + 1)\"; echo \"@ponder ended \(names[$0]) $?\"\n"
        }.joined()
        let command =
            isDetached
            ? "nohup \"$ponder\" \(worker) --name \"$1\" >>\"$logs/$1.log\" 2>&1 </dev/null &"
            : "\"$ponder\" \(worker) --name \"$1\" 2>&1 </dev/null &"
        let logs = [
            "logs=${XDG_STATE_HOME:-$HOME/.local/state}/ponder/logs/\(id)", "mkdir -p \"$logs\" || exit",
            "echo \"@ponder logs $logs\"",
        ].map { "    \($0)\n" }.joined()
        return """
            \(FarScript.identity)
            launch() { # NAME
                \(command)
                echo "@ponder started $1 $! $(identity $!)"
            }
            main() {
                \(finding)
            \(keys == nil ? "" : "    keys=$2\n")\
                [ -x "$ponder" ] || { echo "@ponder unusable $ponder \(remedy)"; exit 127; }
                words=$("$ponder" --version 2>&1) || {
                    echo "@ponder unusable $ponder does not start: $(echo "$words" | tr '\\n' ' ')"
                    exit 126
                }
            \(isDetached ? logs : "")\(starts)    echo "@ponder ready"
            \(isDetached ? "" : waits)}
            main "$@" </dev/null

            """
    }
}
