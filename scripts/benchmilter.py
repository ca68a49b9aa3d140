"""mailscan milter beside clamav-milter: for scripts/bench.

Each is the filter of a Postfix of its own, before the queue, with a scanner
that has the same database. Mailscan puts two fields into each header;
clamav-milter does so, too, or is as shipped, and puts none. What Postfix takes
it discards, and no turn begins before the queues are empty. The same load goes
through them in turn, no two messages of which are equal.
"""

import os
import shutil
import socket
import subprocess

import benchserve
import servelib
from benchserve import Door, cpu_of, rate, ratios, wait_for

# Bytes, messages in a turn by sessions at once.
KINDS = {"4 KB": (4096, {1: 150, 10: 1000, 50: 1000}),
         "64 KB": (65536, {1: 100, 10: 300, 50: 300})}

SOCKETS = ("unix", "inet")

THEIRS = """
MilterSocket %(milter)s
MilterSocketMode 666
ClamdSocket unix:%(dir)s/clamd.sock
OnInfected Reject
AddHeader %(fields)s
Foreground yes
TemporaryDirectory %(dir)s
"""

POSTFIX = {
    "milter_default_action": "tempfail",
    "default_transport": "discard:", "relay_transport": "discard:",
    # Mail that comes faster than it goes is what is measured here.
    "in_flow_delay": "0",
}


def is_there(path):
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(path) == 0


class Filter(Door):
    """A filter before the queue of a Postfix of its own."""

    def __init__(self, name, bench, kind):
        import postfixlib  # which looks for more programs
        super().__init__("%s at %s" % (name, kind), bench, 0)
        for path in bench.top, self.dir:  # which Postfix passes
            os.chmod(path, 0o755)
        self.postfix = None
        self.server = []        # processes that both have alike
        port = servelib.free_port()
        path = os.path.join(self.dir, "milter.sock")
        self.known["milter"] = path if kind == "unix" else \
            "inet:%d@127.0.0.1" % port
        self.begin()
        wait_for(self.name, lambda: is_there(path) if kind == "unix" else
                 socket.socket().connect_ex(("127.0.0.1", port)) == 0)
        sink = type("", (), {"port": 0})
        self.postfix = postfixlib.Postfix(
            sink, smtpd_milters="unix:" + path if kind == "unix" else
            "inet:127.0.0.1:%d" % port, **POSTFIX)
        self.port = self.postfix.plain
        with open(self.postfix.dir + "/queue/pid/master.pid") as stream:
            self.server.append(int(stream.read()))
        self.ready()

    def settle(self):
        wait_for("an empty queue", self.postfix.is_idle)

    def stop(self):
        if self.postfix:
            self.postfix.stop()
        super().stop()


class Ours(Filter):
    def __init__(self, bench, kind):
        super().__init__("mailscan milter", bench, kind)

    def begin(self):
        path = os.path.join(self.dir, "scan.sock")
        self.start([self.bench.mailscan, "pool", "-d",
                    self.bench.database(), "--scan-socket", path,
                    "--hostname", "gate.example"])
        wait_for("the scan socket", lambda: os.path.exists(path))
        self.start([self.bench.mailscan, "milter", "--listen",
                    self.known["milter"], "--socket-mode=0666",
                    "--scan-socket", path])


class Theirs(Filter):
    name, fields = "clamav-milter", "Replace"

    def __init__(self, bench, kind):
        super().__init__(self.name, bench, kind)

    def begin(self):
        self.known["fields"] = self.fields
        self.clamd()
        self.start(["clamav-milter", "-c", self.config("milter.conf",
                                                       THEIRS)])


class Shipped(Theirs):
    name, fields = "clamav-milter without fields", "No"


class Tries(benchserve.Tries):
    """And processor seconds a message with those of Postfix."""

    def __init__(self):
        super().__init__()
        self.all = {}


def turn(bench, doors, tries, number, tell):
    writer = benchserve.Writer()
    box = os.path.join(bench.top, "milter.mbox")
    for kind, (size, counts) in KINDS.items():
        for sessions, count in counts.items():
            if bench.options.quick:
                count = max(count // 10, 10)
            # Who comes first has no advantage of it.
            for door in doors[::-1] if number % 2 else doors:
                writer.mbox(box, "%d %s %d %s" % (number, kind, sessions,
                                                  door.name), count, size)
                before = cpu_of(door.server)
                wall, cpu = benchserve.load(bench, door, sessions,
                                            (box, count), tell)
                whole = cpu + (cpu_of(door.server) - before) / count
                key = kind, sessions, door.name
                tries.add(key, wall, max(cpu, 1e-6))
                tries.all.setdefault(key, []).append(whole)
                tell("bench: %d: %s, %d at once: %s: %.0f a second, "
                     "processor %.2f ms a message, with Postfix %.2f" % (
                         number + 1, kind, sessions, door.name, 1 / wall,
                         cpu * 1e3, whole * 1e3))


def row(bench, tries, key, where, name):
    ours = *key, "mailscan milter at " + where
    theirs = *key, "%s at %s" % (name, where)
    bench.row("milter: %s, %d at once, %s socket, beside %s" % (
                  *key, where, name),
              rate(tries.wall[ours], tries.cpu[ours]),
              rate(tries.wall[theirs], tries.cpu[theirs]),
              "%s, processor %s, with Postfix's %s" % (
                  ratios(tries.wall[ours], tries.wall[theirs]),
                  ratios(tries.cpu[ours], tries.cpu[theirs]),
                  ratios(tries.all[ours], tries.all[theirs])))


def rows(bench, tries):
    for kind, (_, counts) in KINDS.items():
        for sessions in counts:
            for where in SOCKETS:
                for make in Theirs, Shipped:
                    row(bench, tries, (kind, sessions), where, make.name)


def warm_up(bench, doors):
    """As many processes of Postfix as there will be, and all code in
    memory."""
    box = os.path.join(bench.top, "milter.mbox")
    for door in doors:
        benchserve.Writer().mbox(box, "warm", 200, 4096)
        benchserve.load(bench, door, 50, (box, 200), lambda text: None)


def absent(bench):
    """Why it cannot be measured here, or None."""
    for name in "clamd", "clamav-milter", "postfix":
        if not shutil.which(name):
            return "no " + name
    if os.geteuid() != 0:
        return "not root"
    version = subprocess.run([bench.mailscan, "--version"], check=True,
                             stdout=subprocess.PIPE).stdout
    return None if b"libmilter" in version else "no libmilter in mailscan"


def run(bench, tell):
    os.environ["PATH"] += ":/usr/sbin"
    why = absent(bench)
    if why:
        tell("bench: SKIPPED: milter: " + why)
        bench.skipped += 1
        return
    doors = []
    try:
        for where in SOCKETS:
            for make in Ours, Theirs, Shipped:
                doors.append(make(bench, where))
                if not doors[-1].looks():
                    bench.trouble(doors[-1].name + " lets everything pass")
        warm_up(bench, doors)
        tries = Tries()
        for number in range(bench.options.runs):
            turn(bench, doors, tries, number, tell)
        rows(bench, tries)
    finally:
        for door in reversed(doors):
            door.stop()
