"""Network namespaces that stand for machines: one head, and nodes that reach it each over a cable of its own."""
import os
import shutil
import subprocess


class NoNamespaces(Exception):
    """This machine cannot make network namespaces; the message says why."""


def ip(*arguments):
    subprocess.run(["ip", *map(str, arguments)], check=True, capture_output=True, text=True)


class Hosts:
    """Node N, from 1, is 10.77.N.2 and knows the head as 10.77.N.1."""

    def __init__(self, nodes):
        if os.geteuid() != 0:
            raise NoNamespaces("network namespaces need root")
        if not shutil.which("ip"):
            raise NoNamespaces("there is no `ip` (Debian: apt-get install iproute2)")
        mark = os.getpid()
        self.head = f"ponder-head-{mark}"
        self.nodes = [f"ponder-node{number}-{mark}" for number in range(1, nodes + 1)]
        self.cables = [f"pc{number}-{mark}" for number in range(1, nodes + 1)]
        try:
            ip("netns", "add", self.head)
        except subprocess.CalledProcessError as error:
            raise NoNamespaces(f"no network namespaces here: {error.stderr.strip()}") from None
        ip("-n", self.head, "link", "set", "lo", "up")
        for number, (node, cable) in enumerate(zip(self.nodes, self.cables), 1):
            ip("netns", "add", node)
            ip("-n", node, "link", "set", "lo", "up")
            ip("link", "add", cable, "netns", self.head, "type", "veth", "peer", "name", "eth0", "netns", node)
            ip("-n", self.head, "addr", "add", f"10.77.{number}.1/24", "dev", cable)
            ip("-n", self.head, "link", "set", cable, "up")
            ip("-n", node, "addr", "add", f"10.77.{number}.2/24", "dev", "eth0")
            ip("-n", node, "link", "set", "eth0", "up")

    def start(self, space, command, log):
        """Starts COMMAND on a machine, its output in LOG and LOG.out; the process is the command itself."""
        with open(log, "ab") as errors, open(f"{log}.out", "wb") as output:
            return subprocess.Popen(
                ["ip", "netns", "exec", space, *map(str, command)], stdin=subprocess.DEVNULL, stdout=output, stderr=errors)

    def cut(self, number, one_way):
        """Cuts the link between a node and the head, in both directions or only towards the head."""
        if one_way:
            ip("-n", self.nodes[number - 1], "route", "replace", "blackhole", f"10.77.{number}.1/32")
        else:
            ip("-n", self.head, "link", "set", self.cables[number - 1], "down")

    def slow(self, number, megabits):
        subprocess.run(
            ["tc", "-n", self.nodes[number - 1], "qdisc", "replace", "dev", "eth0", "root", "tbf", "rate", f"{megabits}mbit",
             "burst", "16kb", "latency", "200ms"], check=True, capture_output=True)

    def heal(self):
        """Restores every cable."""
        for number, (node, cable) in enumerate(zip(self.nodes, self.cables), 1):
            ip("-n", self.head, "link", "set", cable, "up")
            subprocess.run(
                ["ip", "-n", node, "route", "del", "blackhole", f"10.77.{number}.1/32"], check=False, capture_output=True)
            subprocess.run(
                ["tc", "-n", node, "qdisc", "del", "dev", "eth0", "root"], check=False, capture_output=True)

    def remove(self):
        for space in [self.head, *self.nodes]:
            subprocess.run(["ip", "netns", "del", space], check=False, capture_output=True)
