"""What one mail costs by mailscan filter and mailscan-queue, beside the scan
itself: for scripts/bench.

A running pool, and for each of them, turn by turn, a mail of 4 KB that nobody
has seen before. The scan itself is measured in two ways: as mailscan scan, the
whole command without loading the database (what a file of no messages costs
with one more than without an engine), and as what a client waits for that is
connected to the pool already. What goes on from mailscan-queue goes on to
/bin/true, and what that costs is left out; what starting it costs, as any
program, stands beside.
"""

import os
import statistics
import tempfile
import time

import benchserve
import doorlib
import scanlib
import servelib

SIZE = 4096
TURNS, QUICK = 100, 10
# Turns from one of mailscan scan to the next: it may load for seconds.
SCANS = 5


def spawned(command, stdin, stdout=os.devnull, **environment):
    """Wall seconds of a command that reads the file STDIN, and has STDOUT open,
    for reading if it is one that is there."""
    mode = os.O_WRONLY if stdout == os.devnull else os.O_RDONLY
    actions = [(os.POSIX_SPAWN_OPEN, 0, stdin, os.O_RDONLY, 0),
               (os.POSIX_SPAWN_OPEN, 1, stdout, mode, 0),
               (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)]
    started = time.perf_counter()
    pid = os.posix_spawn(command[0], command, dict(os.environ, **environment),
                         file_actions=actions)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return time.perf_counter() - started, status


class Commands:
    """All that is measured, in DIRECTORY, by their names."""

    def __init__(self, bench, directory):
        self.bench, self.directory = bench, directory
        servelib.MAILSCAN = bench.mailscan
        servelib.DATABASE, servelib.TMP = bench.database(), directory
        self.pool = doorlib.Pool(directory)
        self.local = scanlib.Local(self.pool.path)
        self.mail = self.write("mail", b"")
        self.envelope = self.write("envelope", doorlib.ENVELOPE)
        self.config = self.write("conf", (
            'scan-socket = "%s"\nnext = "/bin/true"\n' %
            self.pool.path).encode())
        self.queue_name = os.path.join(directory, "mailscan-queue")
        os.symlink(bench.mailscan, self.queue_name)
        self.number = 0

    def write(self, name, data):
        path = os.path.join(self.directory, name)
        with open(path, "wb") as stream:
            stream.write(data)
        return path

    def run(self, *command, stdin=os.devnull, **more):
        wall, status = spawned(command, stdin, **more)
        if status != 0:
            self.bench.trouble("%s: exit status %d" % (
                " ".join(command), status))
        return wall

    def filter(self):
        return self.run(self.bench.mailscan, "filter", stdin=self.mail,
                        MAILSCAN_CONFIG=self.config)

    def queue(self):
        return self.run(self.queue_name, stdin=self.mail,
                        stdout=self.envelope, MAILSCAN_CONFIG=self.config)

    def scan(self, *options, path=os.devnull):
        return self.run(self.bench.mailscan, "scan", "-j1", "--database",
                        servelib.DATABASE, "-i", "--no-summary", *options,
                        path)

    def asked(self):
        with open(self.mail, "rb") as stream:
            mail = stream.read()
        self.number += 1
        started = time.perf_counter()
        self.local.ask(self.number, mail)
        if self.local.answer()[0] != scanlib.DONE:
            self.bench.trouble("filter: the pool does not answer")
        return time.perf_counter() - started

    def all(self):
        return {
            "filter": self.filter, "queue": self.queue,
            "scan": lambda: self.scan(path=self.mail),
            "loaded": self.scan,
            "without": lambda: self.scan("--engine=none"),
            "asked": self.asked, "true": lambda: self.run("/bin/true"),
        }


def measure(bench, commands):
    writer = benchserve.Writer()
    times = {name: [] for name in commands.all()}
    for turn in range(QUICK if bench.options.quick else TURNS):
        for name, command in commands.all().items():
            if name in ("scan", "loaded", "without") and turn % SCANS:
                continue
            rand = benchserve.random.Random("filter %d %s" % (turn, name))
            commands.write("mail", writer.message(rand, turn,
                                                  SIZE).encode())
            times[name].append(command())
    return times


def milliseconds(values):
    return "%.2f ms (least %.2f)" % (statistics.median(values) * 1e3,
                                     min(values) * 1e3)


def rows(bench, times):
    true = statistics.median(times["true"])
    ours = {"filter": times["filter"],
            "mailscan-queue": [value - true for value in times["queue"]]}
    loading = statistics.median(times["loaded"]) - statistics.median(
        times["without"])
    scans = {"the command scan, without loading":
             [value - loading for value in times["scan"]],
             "the scan, asked of the pool": times["asked"]}
    for name, values in ours.items():
        for what, others in scans.items():
            bench.row("a mail of 4 KB by %s, beside %s (of %d)" % (
                name, what, len(values)), milliseconds(values),
                milliseconds(others), "%.2f (of the least %.2f)" % (
                    statistics.median(values) / statistics.median(others),
                    min(values) / min(others)))
    bench.row("by filter, beside /bin/true", milliseconds(times["filter"]),
              milliseconds(times["true"]))


def run(bench, tell):
    tell("bench: filter and mailscan-queue")
    with tempfile.TemporaryDirectory(dir=bench.top) as directory:
        commands = Commands(bench, directory)
        try:
            rows(bench, measure(bench, commands))
        finally:
            commands.local.socket.close()
            if commands.pool.end() != 0:
                bench.trouble("filter: the pool does not end well")
