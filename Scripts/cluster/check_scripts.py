"""Checks every rendered or shipped script with its shell and with shellcheck."""
import os

from parts import ROOT, check, run, say

PROGRAMS = {"shellcheck": "shellcheck"}


def test(folder):
    hosts = folder / "hosts"
    hosts.write_text("node1 slots=2\nme@node2\n")
    config = folder / "it's a config.yaml"
    config.write_text("steps: 1\n")
    ssh = ["ssh", "--hosts", hosts, "--coordinator", "tcp://10.0.0.1:5555"]
    slurm = ["slurm", "--workers", 4, "--run", folder / "it's a run"]
    launches = {
        "ssh.sh": ssh,
        "ssh-path.sh": [*ssh, "--ponder", "/opt/it's/ponder", "--detach", "--", "--name", "x y"],
        "ssh-copy.sh": [*ssh, "--copy", "--keys", folder / "it's keys"],
        "ssh-run.sh": ["ssh", config, "--run", folder / "it's a run", "--hosts", hosts, "--keys", folder / "keys"],
        "ssh-run-detached.sh": ["ssh", "--run", folder / "run", "--hosts", hosts, "--detach", "--insecure"],
        "slurm.sh": [*slurm, config, "--steps", 3, "--partition", "long", "--", "--keys", "/keys"],
        "slurm-more.sh": [*slurm, "--workers-only"],
        "kubernetes.sh": ["kubernetes", config, "--workers", 3],
        "kubernetes-image.sh": ["kubernetes", "--workers", 3, "--image", "reg:5000/ponder@sha256:ab"],
        "kubernetes-job.sh": ["kubernetes", "--workers", 3, "--overlay", "indexed-job", "--context", "it's"],
    }
    # A dry run needs none of the programs that the launch would call.
    bare = folder / "bare"
    bare.mkdir()
    scripts = []
    for name, arguments in launches.items():
        done = run(
            os.environ["PONDER"], "launch", arguments[0], "--dry-run", *arguments[1:], environment={"PATH": str(bare)})
        check(not done.stderr, f"the dry run of {name} said: {done.stderr}")
        script = folder / name
        script.write_text(done.stdout)
        scripts.append(script)
        run("sh", "-n", script)
        scripts += embedded(script)
    templates = sorted((ROOT / "Deploy" / "slurm").glob("*.sbatch"))
    for script in templates:
        run("bash", "-n", script)
    run("shellcheck", "--external-sources", *scripts, *templates)
    say(f"scripts: {len(scripts) + len(templates)} are clean")


def embedded(script):
    """The here-documents of a dry run that are scripts themselves: what hosts run, and what Slurm runs."""
    found, lines, name, kind = [], None, None, None
    for line in script.read_text().splitlines():
        if lines is not None and line == "PONDER":
            path = script.with_name(f"{script.stem}-{len(found)}{'.bash' if kind == 'bash' else '.sh'}")
            path.write_text("\n".join(lines) + "\n")
            run(kind, "-n", path)
            found.append(path)
            lines = None
        elif lines is not None:
            lines.append(line)
        elif line.endswith("<<'PONDER'"):
            name = line
            if " sh -s" in name:
                kind, lines = "sh", ["#!/bin/sh"]
            elif ".sbatch" in name:
                kind, lines = "bash", []
    return found
