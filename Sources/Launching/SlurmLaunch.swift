/// A coordinator's job and an array of workers' under Slurm, as one script; a dry run prints the same script.
package struct SlurmLaunch: Sendable {
    /// The run's folder as every node sees it, absolute.
    package var run: String
    package var workers: Int
    /// The program on the nodes.
    package var program = "ponder"
    /// Whether workers are added to a run whose coordinator was submitted before.
    package var isWorkersOnly = false
    /// Arguments of `ponder coordinator` in addition to its endpoint and folder.
    package var coordinatorArguments: [String] = []
    package var workerArguments: [String] = []
    /// Options of every `sbatch`, such as `--partition=long`.
    package var options: [String] = []
    package var coordinatorOptions: [String] = []
    package var workerOptions: [String] = []
    /// Processors and memory to ask for; the options above win.
    package var needs: LaunchNeeds?
    package var summary = LaunchSummary([])

    package init(run: String, workers: Int) {
        self.run = run
        self.workers = workers
    }

    /// The folder of the scripts, the logs and the coordinator's address.
    package var folder: String { "\(run)/launch" }

    /// Everything that would run, as one script.
    ///
    /// - Throws: `LaunchError` when a template is missing.
    package func script(_ files: DeployFiles) throws -> String {
        var text = """
            #!/bin/sh
            \(summary.comments)\
            set -eu
            folder=\(ShellText.quoted(folder))
            mkdir -p "$folder/logs"
            export PONDER_RUN=\(ShellText.quoted(run))
            export PONDER=\(ShellText.quoted(program))


            """
        if !isWorkersOnly {
            text += ShellText.writing(
                try files.text("slurm/coordinator.sbatch"), to: "\"$folder/coordinator.sbatch\"")
        }
        text += ShellText.writing(try files.text("slurm/workers.sbatch"), to: "\"$folder/workers.sbatch\"")
        text += "\n"
        if !isWorkersOnly {
            // Files of an earlier launch would end the new workers or send them to an old address.
            text += "rm -f \"$folder/stop\" \"$folder/ended\" \"$folder/coordinator\"\n"
            text += Self.submission(
                "coordinator",
                ["--parsable", "--export=ALL"] + Self.resources(needs?.coordinator) + options
                    + coordinatorOptions,
                log: "coordinator.log", arguments: coordinatorArguments)
        }
        let array =
            ["--parsable", "--export=ALL"] + Self.resources(needs?.worker) + ["--array=0-\(workers - 1)"]
            + options + workerOptions
        // Workers begin after the coordinator, because without it they have no work.
        let dependency = isWorkersOnly ? "" : " --dependency=after:\"$coordinator\""
        text += Self.submission(
            "workers", array, dependency: dependency, log: "worker-%A_%a.log", arguments: workerArguments,
            orElse: isWorkersOnly ? nil : "scancel \"$coordinator\"")
        return text
    }

    /// Prints the state of each job, `JOB STATE TIME WHERE`; omits jobs that Slurm has forgotten.
    package static func statusScript(jobs: [String]) -> String {
        "squeue --noheader --jobs=\(ShellText.quoted(jobs.joined(separator: ","))) --format='%i %T %M %R'"
    }

    /// Ends a run in order: the coordinator saves, workers return their work, pending jobs are removed; jobs that are
    /// left after `grace` seconds are cancelled.
    package static func stopScript(coordinator: String?, workers: String, folder: String, grace: Int)
        -> String
    {
        let numbers = ([coordinator, workers] as [String?]).compactMap { $0 }
        let jobs = ShellText.quoted(numbers)
        let list = ShellText.quoted(numbers.joined(separator: ","))
        // The file would end every worker of the run, so a launch of workers alone cancels only its own.
        let mark = coordinator == nil ? "" : "touch \(ShellText.quoted("\(folder)/stop"))\n"
        let tell =
            coordinator == nil ? "scancel \(jobs)" : "scancel --signal=TERM \(jobs) 2>/dev/null || true"
        return """
            #!/bin/sh
            \(mark)scancel --state=PENDING \(jobs) 2>/dev/null || true
            \(tell)
            left() { squeue --noheader --jobs=\(list) --format=%i 2>/dev/null | wc -l; }
            seconds=0
            while [ "$(left)" -gt 0 ] && [ "$seconds" -lt \(grace) ]; do
                sleep 1
                seconds=$((seconds + 1))
            done
            if [ "$(left)" -gt 0 ]; then
                scancel \(jobs)
                echo "cancelled what did not end within \(grace) seconds"
            fi

            """
    }

    private static func resources(_ need: LaunchNeeds.Process?) -> [String] {
        need.map { ["--cpus-per-task=\($0.processors)", "--mem=\($0.memory)M"] } ?? []
    }

    private static func submission(
        _ role: String, _ options: [String], dependency: String = "", log: String, arguments: [String],
        orElse undo: String? = nil
    ) -> String {
        let words = arguments.isEmpty ? "" : " " + ShellText.quoted(arguments)
        let rescue = undo.map { " || {\n    \($0)\n    exit 1\n}" } ?? ""
        return """
            \(role)=$(sbatch \(ShellText.quoted(options))\(dependency) --output="$folder/logs/\(log)" \\
                "$folder/\(role).sbatch"\(words))\(rescue)
            \(role)=${\(role)%%;*}
            echo "@ponder job \(role) $\(role)"

            """
    }
}

extension SlurmLaunch {
    /// The numbers of the jobs that the script submitted.
    package static func jobs(in lines: [String]) -> (coordinator: String?, workers: String?) {
        var jobs: [String: String] = [:]
        for line in lines {
            if case .job(let role, let id) = ScriptReport(line) { jobs[role] = id }
        }
        return (jobs["coordinator"], jobs["workers"])
    }
}
