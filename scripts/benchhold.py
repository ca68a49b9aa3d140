"""What others wait for in mailscan serve, and what it takes of memory: for
scripts/bench.

While large messages come, are scanned and go on, other sessions say something
every few milliseconds, to serve and, for comparison, to the next hop itself,
which tells what the machine alone makes them wait for. While the database is
loaded again, some send mail.
"""

import os
import resource
import shutil
import signal
import socket
import subprocess
import threading
import time

import benchserve
import servelib

MIB = 1 << 20
LARGE, LARGE_COUNT, LARGE_AT_ONCE = 25 * MIB, 6, 3
IDLE, ACTIVE, ACTIVE_SIZE = 1000, 200, 50000
SENDERS, CALM = 4, 5
PAUSE = 0.003
IN_FORCE = b"all that is new is in force"


class Hop:
    """A next hop with a process for each connection, so that none of them
    waits for another one's message."""

    def __init__(self):
        self.server = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.port = self.server.getsockname()[1]
        self.pid = os.fork()
        if self.pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)
            while True:
                client = self.server.accept()[0]
                if os.fork() == 0:
                    self.server.close()
                    os._exit(self.serve(client))
                client.close()
        self.server.close()

    @staticmethod
    def serve(client):
        stream = client.makefile("rb")
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.sendall(b"220 hop\r\n")
        for line in stream:
            if line[:4] == b"DATA":
                client.sendall(b"354 go on\r\n")
                end = b""
                while end != b"\r\n.\r\n":
                    end = (end + stream.read1(1 << 20))[-5:]
            client.sendall(b"250 good\r\n")
            if line[:4] == b"QUIT":
                break
        return 0

    def stop(self):
        os.kill(self.pid, signal.SIGTERM)
        os.waitpid(self.pid, 0)


class Line:
    """A session in which one command at a time is said."""

    def __init__(self, port, host="127.0.0.1"):
        self.socket = socket.create_connection(
            ("127.0.0.1", port), 60, source_address=(host, 0))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.input = self.socket.makefile("rb")
        self.reply()
        self.say(b"EHLO bench.example")

    def reply(self):
        while True:
            line = self.input.readline()
            if line[3:4] != b"-":
                return line

    def say(self, command):
        self.socket.sendall(command + b"\r\n")
        return self.reply()

    def want(self, command, code):
        reply = self.say(command)
        if not reply.startswith(code):
            raise AssertionError("%r: %r" % (command, reply))

    def begin(self):
        """A message, up to its content."""
        self.want(b"MAIL FROM:<a@example.org>", b"250")
        self.want(b"RCPT TO:<b@example.com>", b"250")
        self.want(b"DATA", b"354")

    def close(self):
        self.input.close()
        self.socket.close()


class Others(threading.Thread):
    """Sessions with PORT that say COMMANDS in turn, until end()."""

    def __init__(self, port, count=3, commands=(b"NOOP", b"RSET")):
        super().__init__(daemon=True)
        self.lines = [Line(port) for _ in range(count)]
        self.commands = commands
        self.waits, self.over = [], False
        self.start()

    def run(self):
        while not self.over:
            for line in self.lines:
                for command in self.commands:
                    started = time.monotonic()
                    line.say(command)
                    self.waits.append(time.monotonic() - started)
                    time.sleep(PAUSE)

    def end(self):
        self.over = True
        self.join()
        for line in self.lines:
            line.close()
        return self.waits


def waits_text(waits):
    return "%.1f ms at most, %.1f of a hundred 99, of %d" % (
        max(waits) * 1e3, sorted(waits)[len(waits) * 99 // 100] * 1e3,
        len(waits))


def send(bench, door, box, sessions):
    """The messages of BOX; how long they take."""
    started = time.monotonic()
    done = subprocess.run(
        [bench.mailscan, "replay", "--from-mail", "--mail-format=mbox",
         "--summary", "--timeout=300", "--to=127.0.0.1:%d" % door.port,
         "--from=a@example.org", "--rcpt=b@example.com",
         "--sessions=%d" % sessions, box],
        stdout=subprocess.PIPE, stderr=door.log)
    if done.returncode != 0:
        bench.trouble("%s: replay: exit status %d: %s" % (
            door.name, done.returncode, done.stdout.decode()))
    return time.monotonic() - started


def beside_large(bench, tell):
    """Nobody waits for somebody else's large message."""
    tell("bench: large messages")
    hop = Hop()
    door = benchserve.Serve(bench, hop.port, name="beside large ones")
    try:
        measure_beside_large(bench, door, hop.port)
    finally:
        door.stop()
        hop.stop()


def measure_beside_large(bench, door, sink):
    box = os.path.join(bench.top, "large.mbox")
    benchserve.Writer().mbox(box, "large", LARGE_COUNT, LARGE)
    others, machine = Others(door.port), Others(sink)
    took = send(bench, door, box, LARGE_AT_ONCE)
    waits, alone = others.end(), machine.end()
    bench.row("serve: a command beside %d messages of 25 MB, %d at once, "
              "%.0f s (beside what the next hop alone answers)" % (
                  LARGE_COUNT, LARGE_AT_ONCE, took),
              waits_text(waits), waits_text(alone))


def pids_of(door):
    return sorted(benchserve.processes(door.pids))


def memory_of(pid, key):
    """In KB."""
    with open("/proc/%d/status" % pid) as stream:
        for line in stream:
            if line.startswith(key + ":"):
                return int(line.split()[1])
    return 0


def front_of(door):
    """The process that has the most connections."""
    return max(pids_of(door),
               key=lambda pid: len(os.listdir("/proc/%d/fd" % pid)))


def many_sessions(bench, tell):
    """Most of them idle, the others amidst a message."""
    tell("bench: %d sessions" % (IDLE + ACTIVE))
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit[1], limit[1]))
    port = servelib.free_port()
    sink = benchserve.start_sink(port, "-m", "3000")
    benchserve.wait_for("smtp-sink", lambda: benchserve.answers(port))
    door = benchserve.Serve(bench, port, "--max-connections=3000",
                            "--max-client-connections=0", name="many")
    try:
        lines = [Line(door.port) for _ in range(IDLE + ACTIVE)]
        idle = memory_of(front_of(door), "VmRSS")
        for line in lines[:ACTIVE]:
            line.begin()
            line.socket.sendall(servelib.CLEAN + b"x" * 70 + b"\r\n" +
                                (b"y" * 76 + b"\r\n") * (ACTIVE_SIZE // 78))
        time.sleep(1)
        full = memory_of(front_of(door), "VmRSS")
        for line in lines[:ACTIVE]:
            line.socket.sendall(b".\r\n")
        for line in lines[:ACTIVE]:
            if not line.reply().startswith(b"250"):
                bench.trouble("many sessions: a message is not taken")
        bench.row("serve: memory of the front with %d sessions, %d of them "
                  "amidst a message of %d KB" % (IDLE + ACTIVE, ACTIVE,
                                                 ACTIVE_SIZE // 1000),
                  "%.1f MB idle, %.1f MB in DATA, %.1f MB at most" % (
                      idle / 1024, full / 1024,
                      memory_of(front_of(door), "VmHWM") / 1024))
        for line in lines:
            line.close()
    finally:
        door.stop()
        sink.terminate()
        sink.wait()
        resource.setrlimit(resource.RLIMIT_NOFILE, limit)


class Sender(threading.Thread):
    """A session that sends one message after the other, until end()."""

    def __init__(self, port, number):
        super().__init__(daemon=True)
        self.line, self.number = Line(port), number
        self.waits, self.bad, self.over = [], 0, False
        self.start()

    def run(self):
        while not self.over:
            started = time.monotonic()
            self.line.begin()
            self.line.socket.sendall(
                servelib.CLEAN + b"%d %d\r\n" % (self.number,
                                                  len(self.waits)) +
                b"words and words\r\n" * 230 + b".\r\n")
            self.bad += not self.line.reply().startswith(b"250")
            self.waits.append(time.monotonic() - started)
            time.sleep(PAUSE)


def waits_of(senders):
    """Of the messages since it was asked last."""
    waits = []
    for sender in senders:
        waits += sender.waits[:]
        del sender.waits[:len(sender.waits) - 1]
    return waits


def beside_reload(bench, tell):
    """What a new database makes a message wait for."""
    tell("bench: a new database")
    place = os.path.join(bench.top, "reload-db")
    shutil.copytree(bench.database(), place)
    hop = Hop()
    door = benchserve.Serve(bench, hop.port, name="reload", database=place)
    try:
        senders = [Sender(door.port, number) for number in range(SENDERS)]
        time.sleep(CALM)
        calm = waits_of(senders)
        with open(os.path.join(place, "bench.ndb"), "w") as stream:
            stream.write("Bench.Reload:0:*:%s\n" % os.urandom(20).hex())
        started = time.monotonic()
        os.kill(door.pids[0], signal.SIGHUP)
        log = os.path.join(door.dir, "log")
        benchserve.wait_for("the new database", lambda: IN_FORCE in open(
            log, "rb").read())
        took = time.monotonic() - started
        time.sleep(0.5)
        waits = waits_of(senders)
        for sender in senders:
            sender.over = True
            sender.join()
            sender.line.close()
            if sender.bad:
                bench.trouble("reload: %d messages not taken" % sender.bad)
        bench.row("serve: a message of 4 KB while another database is loaded, "
                  "%.1f s, %d at once (beside before)" % (took, SENDERS),
                  waits_text(waits), waits_text(calm))
    finally:
        door.stop()
        hop.stop()


MEASURES = (beside_large, many_sessions, beside_reload)
