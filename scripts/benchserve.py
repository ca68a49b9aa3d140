"""mailscan serve beside other scanners of mail on its way: for scripts/bench.

The same load goes through each of them to the same sink, turn by turn: no two
messages are equal, and none is seen twice by the same scanner.
"""

import base64
import os
import random
import shutil
import signal
import smtplib
import socket
import statistics
import subprocess
import time

import benchhold
import servelib

SCRIPTS = os.path.dirname(os.path.abspath(__file__))
TICK = os.sysconf("SC_CLK_TCK")

# Bytes, messages in a turn.
KINDS = {"4 KB": (4096, 3000), "64 KB": (65536, 500), "1 MB": (1 << 20, 60)}
SESSIONS = (1, 10, 50)

CLAMD = """
LocalSocket %(dir)s/clamd.sock
DatabaseDirectory %(db)s
Foreground yes
MaxThreads 12
TemporaryDirectory %(dir)s
"""

CLAMSMTPD = """
OutAddress: 127.0.0.1:%(sink)d
Listen: 127.0.0.1:%(port)d
ClamAddress: %(dir)s/clamd.sock
TempDirectory: %(dir)s
Action: bounce
"""

MILTER = """
MilterSocket inet:%(milter)d@127.0.0.1
ClamdSocket unix:%(dir)s/clamd.sock
OnInfected Reject
Foreground yes
TemporaryDirectory %(dir)s
"""


class Writer:
    """An mbox of unlike messages; the same for a seed."""

    def __init__(self):
        rand = random.Random("benchserve")
        words = ["".join(rand.choice("bcdfghjklmnprstvwz") +
                         rand.choice("aeiou") for _ in range(
                             rand.randrange(1, 5))) for _ in range(2000)]
        self.lines = [" ".join(rand.choices(words, k=11)) + "\n"
                      for _ in range(4000)]

    def text(self, rand, size):
        return "".join(rand.choices(self.lines, k=size // 57 + 1))[:size]

    def html(self, rand, size):
        lines = rand.choices(self.lines, k=size // 75 + 1)
        return "<html><body>\n%s</body></html>\n" % "".join(
            "<p class=x>%s</p>\n" % line.strip() for line in lines)[:size]

    def message(self, rand, number, size):
        """Text; from 16 KB on a quarter of it HTML, and half an attachment
        (in base64)."""
        head = "From: Anna <anna@example.org>\nTo: otto@example.com\n" \
            "Subject: number %d\nDate: Mon, 02 Mar 2026 09:14:07 +0100\n" \
            "Message-ID: <%d.%x@example.org>\nMIME-Version: 1.0\n" % (
                number, number, rand.getrandbits(60))
        if size < 16384:
            return head + "\n" + self.text(rand, size - len(head))
        data = base64.encodebytes(rand.randbytes(size * 3 // 8)).decode()
        return head + "Content-Type: multipart/mixed; boundary=m\n\n--m\n" \
            "Content-Type: text/plain\n\n%s\n--m\nContent-Type: text/html\n" \
            "\n%s\n--m\nContent-Type: application/octet-stream; name=a.bin\n" \
            "Content-Transfer-Encoding: base64\n\n%s--m--\n" % (
                self.text(rand, size // 4), self.html(rand, size // 4), data)

    def mbox(self, path, seed, count, size):
        rand = random.Random(seed)
        with open(path, "w", encoding="ascii") as stream:
            for number in range(count):
                stream.write("From a@example.org Mon Mar  2 09:14:07 2026\n" +
                             self.message(rand, number, size) + "\n\n")


def processes(roots):
    """ROOTS and all below them."""
    below = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/stat" % name) as stream:
                parent = int(stream.read().rsplit(")", 1)[1].split()[1])
        except (OSError, ValueError):
            continue
        below.setdefault(parent, []).append(int(name))
    found, queue = set(), list(roots)
    while queue:
        pid = queue.pop()
        found.add(pid)
        queue.extend(below.get(pid, ()))
    return found


def cpu_of(roots):
    """Processor seconds of ROOTS, of all below them, and of those of them that
    are gone."""
    total = 0
    for pid in processes(roots):
        try:
            with open("/proc/%d/stat" % pid) as stream:
                total += sum(map(int, stream.read().rsplit(")", 1)[1]
                                 .split()[11:15]))
        except OSError:
            pass
    return total / TICK


def wait_for(what, condition):
    end = time.monotonic() + 60
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("waited in vain for " + what)
        time.sleep(0.05)


def answers(port):
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=5) as client:
            return client.noop()[0] == 250
    except (OSError, smtplib.SMTPException):
        return False


class Door:
    """A way to the sink. Of the messages of a turn it gets a SHARE, in so many
    TURNS at most. FRAIL: mail may be refused or wait for ever."""
    share, turns, frail = 1, 1000, False

    def __init__(self, name, bench, sink):
        self.name, self.bench = name, bench
        self.dir = os.path.join(bench.top, "door-" + name.replace(" ", "-"))
        os.makedirs(self.dir)
        self.pids, self.started = [], []
        self.port = servelib.free_port()
        self.known = {"dir": self.dir, "db": bench.database(),
                      "sink": sink, "port": self.port}
        self.log = open(os.path.join(self.dir, "log"), "ab")

    def start(self, command, **environment):
        process = subprocess.Popen(command, stdout=self.log, stderr=self.log,
                                   env=dict(os.environ, **environment))
        self.started.append(process)
        self.pids.append(process.pid)

    def config(self, name, text):
        path = os.path.join(self.dir, name)
        with open(path, "w") as stream:
            stream.write(text % self.known)
        return path

    def clamd(self):
        self.start(["clamd", "-c", self.config("clamd.conf", CLAMD)])
        wait_for("clamd", lambda: os.path.exists(self.dir + "/clamd.sock"))

    def ready(self):
        wait_for(self.name, lambda: answers(self.port))
        return self

    def settle(self):
        """Wait until nothing is on its way any more."""

    def looks(self):
        """Does it stop what is in the database?"""
        try:
            with smtplib.SMTP("127.0.0.1", self.port, timeout=60) as client:
                client.sendmail("a@example.org", ["b@example.com"],
                                servelib.BAD)
        except smtplib.SMTPDataError:
            return True
        return False

    def stop(self):
        for process in reversed(self.started):
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.log.close()


class Serve(Door):
    def __init__(self, bench, sink, *options, name="serve", database=None):
        super().__init__(name, bench, sink)
        self.start([bench.mailscan, "serve", "-d", database or
                    bench.database(), "--hostname", "gate.example",
                    "--listen", "127.0.0.1:%d" % self.port, "--upstream",
                    "127.0.0.1:%d" % sink, *options])
        self.ready()


class Clamsmtpd(Door):
    def __init__(self, bench, sink, mended):
        super().__init__("clamsmtpd mended" if mended else
                         "clamsmtpd as shipped", bench, sink)
        if not mended:
            self.share, self.turns, self.frail = 0, 1, True
        self.clamd()
        self.start(["clamsmtpd", "-d", "1", "-f",
                    self.config("clamsmtpd.conf", CLAMSMTPD)],
                   **({"LD_PRELOAD": shim(bench)} if mended else {}))
        self.ready()


class Milter(Door):
    """Before the queue of a Postfix, which passes the mail on later."""
    share = 0.2

    def __init__(self, bench, sink):
        import postfixlib  # which looks for more programs
        super().__init__("clamav-milter and Postfix", bench, sink)
        self.known["milter"] = servelib.free_port()
        self.clamd()
        self.start(["clamav-milter", "-c", self.config("milter.conf",
                                                       MILTER)])
        wait_for("clamav-milter", lambda: socket.socket().connect_ex(
            ("127.0.0.1", self.known["milter"])) == 0)
        sink = type("", (), {"port": sink})
        self.postfix = postfixlib.Postfix(sink, smtpd_milters=(
            "inet:127.0.0.1:%d" % self.known["milter"]),
            milter_default_action="tempfail", in_flow_delay="0")
        self.port = self.postfix.plain
        with open(self.postfix.dir + "/queue/pid/master.pid") as stream:
            self.pids.append(int(stream.read()))
        self.ready()

    def settle(self):
        end = time.monotonic() + 60
        while time.monotonic() < end and not self.postfix.is_idle():
            time.sleep(0.1)

    def stop(self):
        self.postfix.stop()
        super().stop()


class Direct(Door):
    def __init__(self, bench, sink):
        super().__init__("direct", bench, sink)
        self.port = sink

    def looks(self):
        return True


def shim(bench):
    path = os.path.join(bench.top, "benchshim.so")
    if not os.path.exists(path):
        subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", "-O2",
                        "-D_GNU_SOURCE", "-o", path,
                        os.path.join(SCRIPTS, "benchshim.c"), "-ldl"],
                       check=True)
    return path


def doors(bench, sink, tell):
    """Those that can be had here."""
    rows = [((), lambda: Direct(bench, sink)),
            ((), lambda: Serve(bench, sink)),
            (("clamd", "clamsmtpd"), lambda: Clamsmtpd(bench, sink, True)),
            (("clamd", "clamsmtpd"), lambda: Clamsmtpd(bench, sink, False)),
            (("clamd", "clamav-milter", "postfix"),
             lambda: Milter(bench, sink))]
    for programs, make in rows:
        gone = [name for name in programs if not shutil.which(name)]
        if gone or (programs and os.geteuid() != 0):
            tell("bench: SKIPPED: what needs %s: %s" % (
                " and ".join(programs), "no " + gone[0] if gone else
                "not root"))
            bench.skipped += 1
            continue
        yield make()


class Tries:
    """Seconds a message, wall and processor, of each turn: (what, name of the
    door) -> lists, with None for turns that were left out."""

    def __init__(self):
        self.wall, self.cpu = {}, {}

    def add(self, key, wall, cpu):
        self.wall.setdefault(key, []).append(wall)
        self.cpu.setdefault(key, []).append(cpu)


def load(bench, door, sessions, box, tell):
    """Seconds a message: until the client is done, and of processors."""
    path, count = box
    before = cpu_of(door.pids)
    started = time.monotonic()
    done = subprocess.run(
        [bench.mailscan, "replay", "--from-mail", "--mail-format=mbox",
         "--summary", "--timeout=10", "--to=127.0.0.1:%d" % door.port,
         "--from=a@example.org", "--rcpt=b@example.com", "--sessions=%d" %
         sessions, path], stdout=subprocess.PIPE, stderr=door.log)
    wall = time.monotonic() - started
    door.settle()
    if ("Sessions: %d\n" % count).encode() not in done.stdout or (
            done.returncode != 0 and not door.frail):
        bench.trouble("%s: replay: exit status %d: %s" % (
            door.name, done.returncode, done.stdout.decode()))
    elif done.returncode != 0:
        tell("bench: %s: not all is taken" % door.name)
    return wall / count, (cpu_of(door.pids) - before) / count


def scan_alone(bench, path, count):
    """Seconds a message in `mailscan scan`, without loading, with line ends as
    on the wire."""
    walls, wire = [], path + ".wire"
    with open(path, "rb") as stream, open(wire, "wb") as out:
        for line in stream:
            out.write(line.replace(b"\n", b"\r\n"))
    for paths in [os.devnull], [wire]:
        started = time.monotonic()
        subprocess.run(bench.ours(bench.names[0], paths, "-j1"),
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        walls.append(time.monotonic() - started)
    return (walls[1] - walls[0]) / count


def turn(bench, all_doors, tries, number, tell, writer):
    box = os.path.join(bench.top, "load.mbox")
    for kind, (size, count) in KINDS.items():
        if bench.options.quick:
            count = max(count // 10, 10)
        for sessions in SESSIONS:
            for door in all_doors:
                if number >= door.turns:
                    continue
                seed = "%d %s %d %s" % (number, kind, sessions, door.name)
                few = max(int(count * door.share), 20)
                writer.mbox(box, seed, few, size)
                wall, cpu = load(bench, door, sessions, (box, few), tell)
                tries.add((kind, sessions, door.name), wall, cpu)
                tell("bench: %d: %s, %d at once: %s: %.0f a second, "
                     "processor %.2f ms a message" % (
                         number + 1, kind, sessions, door.name, 1 / wall,
                         cpu * 1e3))
                if sessions == 1 and door.name == "serve":
                    tries.add((kind, 1, "scan"), scan_alone(bench, box, few),
                              0)


def rate(walls, cpus):
    """How many a second, and milliseconds of processor time of each."""
    return "%.0f a second, %.2f ms" % (1 / statistics.median(walls),
                                       statistics.median(cpus) * 1e3)


def ratios(ours, theirs):
    """Turn by turn, how many times as fast."""
    values = [other / one for one, other in zip(ours, theirs)]
    return "%.2f (%.2f to %.2f)" % (statistics.median(values), min(values),
                                    max(values))


def rows(bench, names, tries):
    for kind in KINDS:
        for sessions in SESSIONS:
            what = "serve: %s, %d at once" % (kind, sessions)
            ours = tries.wall[kind, sessions, "serve"]
            mine = tries.cpu[kind, sessions, "serve"]
            for name in names:
                theirs = tries.wall[kind, sessions, name]
                other = tries.cpu[kind, sessions, name]
                less = ", processor " + ratios(other, mine) \
                    if name != "direct" and min(other) > 0 else ""
                bench.row("%s, beside %s" % (what, name),
                          rate(ours, mine), rate(theirs, other),
                          ratios(ours, theirs) + less)
        bench.row("serve: %s, 50 at once beside 10" % kind,
                  rate(tries.wall[kind, 50, "serve"],
                       tries.cpu[kind, 50, "serve"]),
                  rate(tries.wall[kind, 10, "serve"],
                       tries.cpu[kind, 10, "serve"]),
                  ratios(tries.wall[kind, 50, "serve"],
                         tries.wall[kind, 10, "serve"]))
        added = [one - two for one, two in zip(
            tries.wall[kind, 1, "serve"], tries.wall[kind, 1, "direct"])]
        scan = tries.wall[kind, 1, "scan"]
        bench.row("serve: %s, one at once: added to direct (beside a message "
                  "in scan -j1)" % kind,
                  "%.2f ms" % (statistics.median(added) * 1e3),
                  "%.2f ms" % (statistics.median(scan) * 1e3),
                  "%.2f ms more" % (statistics.median(
                      [a - s for a, s in zip(added, scan)]) * 1e3))


def start_sink(port, *options):
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    return subprocess.Popen(["smtp-sink", *user, *options, "127.0.0.1:%d" %
                             port, "1000"])


def run(bench, tell):
    os.environ["PATH"] += ":/usr/sbin"
    if not shutil.which("smtp-sink"):
        tell("bench: SKIPPED: serve: no smtp-sink")
        bench.skipped += 1
        return
    port = servelib.free_port()
    sink = start_sink(port)
    there = []
    try:
        wait_for("smtp-sink", lambda: answers(port))
        for door in doors(bench, port, tell):
            there.append(door)
            if not door.looks():
                bench.trouble(door.name + " lets everything pass")
        tries = Tries()
        for number in range(bench.options.runs):
            turn(bench, there, tries, number, tell, Writer())
        rows(bench, [door.name for door in there if door.name != "serve"],
             tries)
    finally:
        for door in reversed(there):
            door.stop()
        sink.terminate()
        sink.wait()
    for measure in benchhold.MEASURES:
        measure(bench, tell)
