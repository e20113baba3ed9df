"""A whole run under a real Slurm: its coordinator is requeued, workers are preempted, one is cancelled, and it comes to its
end, with the bits of a run that nobody disturbed."""
import json
import os

from parts import check, run, say, tail, wait_for
from ponder_process import last_object, steps_done
from slurm_cluster import Slurm

PROGRAMS = {"slurmctld": "slurmctld", "slurmd": "slurmd", "sbatch": "slurm-client", "munged": "munge"}

# Length of an undisturbed run: Slurm preempts slowly, and the run must outlast every disturbance.
SECONDS = 36
CONFIGURATION = """\
rollout:
  problems: 16
  assignmentProblems: 2
evaluation:
  every: 0
  problems: 32
checkpoint:
  every: 2
deadlines:
  lease: 60
"""


def test(folder):
    slurm = Slurm(folder / "slurm")
    run_folder = folder / "run"
    (folder / "config.yaml").write_text(CONFIGURATION)
    try:
        steps = enough_steps(folder)
        slurm.start()
        say(f"slurm: slurmctld, four slurmd and munged are up; the run has {steps} steps")
        disturbed(slurm, folder, run_folder, steps)
        compare(folder, run_folder, steps)
        stopped(slurm, folder)
    except Exception:
        for path in sorted(folder.glob("*/launch/logs/*")):
            say(f"--- {path.name}\n{tail(path)}")
        say(slurm.logs())
        raise
    finally:
        slurm.stop()


def train(folder, steps, name):
    done = run(
        os.environ["PONDER"], "train", folder / "config.yaml", "--steps", steps, "--workers", 2, "--run", folder / name,
        deadline=300)
    return last_object(done.stdout, ["train"])


def enough_steps(folder):
    """SECONDS, scaled to this machine's speed."""
    few = 8
    return max(45, round(few * SECONDS / train(folder, few, "pace")["seconds"]))


def launch(slurm, *arguments, **options):
    done = slurm.call(os.environ["PONDER"], "launch", *arguments, **options)
    return done.stdout


def submit(slurm, folder, run_folder, steps, workers):
    text = launch(
        slurm, "slurm", folder / "config.yaml", "--steps", steps, "--workers", workers, "--run", run_folder, "--partition", "low", "--state",
        folder / "state", "--coordinator-sbatch=--cpus-per-task=2", "--accept-warnings")
    return json.loads(text.splitlines()[-1])


def disturbed(slurm, folder, run_folder, steps):
    jobs = submit(slurm, folder, run_folder, steps, 4)
    coordinator, workers = jobs["coordinator"], jobs["workers"]

    def running():
        return {index: node for index, (state, node) in slurm.elements(workers).items() if state == "RUNNING"}

    def reach(step):
        def look():
            check(slurm.state(coordinator) not in ("COMPLETED", "FAILED"), f"the run ended before step {step}")
            return steps_done(run_folder) >= step
        wait_for(f"step {step}", look, 180)

    reach(1)
    wait_for("four workers", lambda: len(running()) == 4, 60)
    rows = launch(slurm, "status", "--state", folder / "state").splitlines()
    check(len(rows) == 5 and all("running" in row for row in rows), f"the status is not of five running jobs: {rows}")

    slurm.call("scancel", f"{workers}_3")
    wait_for("the end of the cancelled element", lambda: 3 not in slurm.elements(workers), 60)
    reach(steps_done(run_folder) + 1)
    say("slurm: one element was cancelled, the run goes on")

    victims = running()
    node = victims[0]
    preempted = [index for index, place in victims.items() if place == node]
    urgent = slurm.call(
        "sbatch", "--parsable", "--partition=high", "--exclusive", f"--nodelist={node}", f"--output={folder}/urgent.log",
        "--wrap=sleep 3").stdout.strip()
    wait_for("the preempting job's end", lambda: slurm.state(urgent) == "COMPLETED", 120)
    for index in preempted:
        restarts = int(slurm.job(f"{workers}_{index}").get("Restarts", 0))
        check(restarts == 1, f"element {index} was started again {restarts} times, not once")
    wait_for("the preempted elements", lambda: set(preempted) <= set(running()), 120)
    reach(steps_done(run_folder) + 1)
    say(f"slurm: elements {preempted} were preempted, requeued and work again")

    slurm.call("scontrol", "requeue", coordinator)
    wait_for("the coordinator's second life", lambda: slurm.job(coordinator).get("Restarts") == "1", 60)
    say(f"slurm: the coordinator was requeued at step {steps_done(run_folder)}")
    wait_for(
        "the end of the run", lambda: slurm.state(coordinator) in ("COMPLETED", "FAILED", "CANCELLED", "TIMEOUT"), 240)
    check(slurm.state(coordinator) == "COMPLETED", f"the coordinator's job is {slurm.state(coordinator)}")
    wait_for("the end of the workers", lambda: not slurm.elements(workers), 60)
    for index in (0, 1, 2):
        state = slurm.state(f"{workers}_{index}")
        check(state == "COMPLETED", f"element {index} is {state}, not COMPLETED")
    check((run_folder / "launch" / "ended").read_text().strip() == "0", "the run did not end with 0")
    check(steps_done(run_folder) == steps, f"{steps_done(run_folder)} steps, not {steps}")
    say("slurm: the run came to its end")


def compare(folder, run_folder, steps):
    """The same run without Slurm gives the same weights."""
    again = run(
        os.environ["PONDER"], "coordinator", "--bind", f"ipc://{folder}/again", "--run", run_folder, "--steps", steps,
        deadline=120)
    under = last_object(again.stdout, ["coordinator"])
    alone = train(folder, steps, "quiet")
    check(under["policy_sha256"] == alone["policy_sha256"], "the run under Slurm has other weights than an undisturbed one")
    say("slurm: same bits as an undisturbed run")


def stopped(slurm, folder):
    """`launch stop` saves the run, which continues when it is launched again."""
    run_folder = folder / "stopped"
    jobs = submit(slurm, folder, run_folder, 100_000, 1)
    wait_for("step 1", lambda: steps_done(run_folder) >= 1, 120)
    launch(slurm, "stop", jobs["id"], "--state", folder / "state", "--grace", 60, deadline=120)
    check(not slurm.elements(jobs["workers"]), "workers are left after the stop")
    log = (run_folder / "launch" / "logs" / "coordinator.log").read_text()
    check("interrupted" in log and slurm.state(jobs["coordinator"]) == "COMPLETED", "the coordinator did not save and end")
    done = steps_done(run_folder)
    jobs = submit(slurm, folder, run_folder, done + 1, 1)
    wait_for("the end of the run", lambda: slurm.state(jobs["coordinator"]) == "COMPLETED", 120)
    check(steps_done(run_folder) == done + 1, "the stopped run did not go on")
    say("slurm: a stopped run was saved and went on")
