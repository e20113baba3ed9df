"""Checks base, overlays and the output of `ponder launch kubernetes`: kubectl builds them, kubernetes-validate accepts them,
and systemd accepts the units."""
import os
import shutil
import subprocess

from parts import ROOT, Failed, check, run, say

PROGRAMS = {}
VALIDATOR = "kubernetes-validate==1.37.0"


def test(folder):
    if not (kubectl := shutil.which("kubectl")):
        raise Failed("there is no kubectl, whose kustomize builds the manifests; Debian has none, get it from kubernetes.io")
    validate = validator()
    trees = {name: ROOT / "Deploy" / "kubernetes" / name for name in ("base", "overlays/indexed-job")}
    for overlay in (None, "indexed-job"):
        trees[f"launch --overlay {overlay}"] = written(folder / str(overlay), overlay)
    for name, tree in trees.items():
        manifest = folder / "manifest.yaml"
        manifest.write_text(run(kubectl, "kustomize", tree).stdout)
        done = run(validate, "--strict", manifest)
        count = (done.stdout + done.stderr).count(" passed ")
        check(count >= 8, f"{name}: {count} resources are valid, not 8 or more: {done.stdout}{done.stderr}")
        if name.startswith("launch"):
            text = manifest.read_text()
            for line in ("  name: team\n", "  namespace: team\n", "image: registry.example/ponder:1.0\n", "    steps: 7\n"):
                check(line in text, f"{name}: the manifest has no line {line!r}")
            numbers = "completions: 5\n" if "indexed" in name else "replicas: 5\n"
            check(numbers in text, f"{name}: the manifest has no {numbers!r}")
            check("name: ponder\n  labels" not in text, f"{name}: the namespace kept its name")
    say(f"manifests: {len(trees)} trees are valid")
    units(folder)


def written(folder, overlay):
    """The kustomization that a launch writes, by its own dry run, with a kubectl that applies nothing."""
    tools = folder / "bin"
    tools.mkdir(parents=True)
    config = folder / "config.yaml"
    config.write_text("steps: 7\n")
    (tools / "kubectl").write_text(
        f'#!/bin/sh\ncase "$*" in *" get secret "*) exit 0 ;; esac\n[ "$1 $2" = "apply -k" ] && echo "$3" >{folder}/applied\n')
    (tools / "kubectl").chmod(0o755)
    environment = {"PATH": f"{tools}:{os.environ['PATH']}"}
    command = [
        os.environ["PONDER"], "launch", "kubernetes", config, "--workers", 5, "--namespace", "team", "--state", folder / "state",
        "--image", "registry.example/ponder:1.0", *(["--overlay", overlay] if overlay else [])]
    run(*command, environment=environment)
    status = run(
        os.environ["PONDER"], "launch", "stop", "--state", folder / "state", environment=environment, expect=None)
    check(status.returncode == 1, "a kubectl that cannot delete was taken for a good end")
    return (folder / "applied").read_text().strip()


def validator():
    venv = ROOT / ".deps" / "cluster"
    program = venv / "bin" / "kubernetes-validate"
    if not program.exists():
        subprocess.run(
            ["bash", "-c", '. Scripts/common.sh; make_venv "$1"; "$1/bin/pip" install -q --disable-pip-version-check "$2"',
             "test-cluster", str(venv), VALIDATOR], cwd=ROOT, check=True)
    return program


def units(folder):
    """Checks that systemd accepts the units; an existing program stands in for the one that they start."""
    if not shutil.which("systemd-analyze"):
        return say("manifests: there is no systemd-analyze, so the units are not read")
    copies = []
    for unit in sorted((ROOT / "Deploy" / "systemd").glob("*.service")):
        copy = folder / unit.name.replace("@.", "@1.")
        copy.write_text(unit.read_text().replace("/usr/local/bin/ponder", "/bin/true"))
        copies.append(copy)
    done = run("systemd-analyze", "verify", "--man=no", *copies, expect=None)
    said = [line for line in done.stderr.splitlines() if "ponder" in line]
    check(done.returncode == 0 and not said, f"systemd-analyze: {done.stderr}")
    say(f"manifests: {len(copies)} systemd units are valid")
