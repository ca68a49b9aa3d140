"""Programs that use an mbox while mailscan does: locks, and a writer that
delivers mail all the time."""

import collections
import errno
import fcntl
import hashlib
import multiprocessing
import os
import random
import re
import socket
import time

SCHEMES = [["fcntl"], ["flock"], ["dotlock"],
           ["fcntl", "flock"], ["flock", "fcntl"],
           ["fcntl", "dotlock"], ["dotlock", "fcntl"],
           ["flock", "dotlock"], ["dotlock", "flock"]]

# In the text of infected messages: the test database knows it.
MARKER = b"mailscan-test-" b"marker-any"

STUB = b"X-Mailscan-Quarantine:"


class Busy(Exception):
    """Somebody else has it."""


class Lock:
    """A mailbox, locked in all ways of SCHEME, in that order; waits for
    it."""

    def __init__(self, path, scheme):
        self.path = path
        self.scheme = scheme
        self.file = None
        self.held = []

    def take(self, kind):
        try:
            if kind == "fcntl":
                fcntl.lockf(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            elif kind == "flock":
                fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            else:
                descriptor = os.open(self.path + ".lock", os.O_WRONLY |
                                     os.O_CREAT | os.O_EXCL, 0o600)
                os.write(descriptor, b"%d:%s\n" % (
                    os.getpid(), socket.gethostname().encode()))
                os.close(descriptor)
        except OSError as why:
            if why.errno in (errno.EAGAIN, errno.EACCES, errno.EEXIST):
                raise Busy from why
            raise
        self.held.append(kind)

    def release(self):
        for kind in reversed(self.held):
            if kind == "fcntl":
                fcntl.lockf(self.file, fcntl.LOCK_UN)
            elif kind == "flock":
                fcntl.flock(self.file, fcntl.LOCK_UN)
            else:
                os.unlink(self.path + ".lock")
        self.held = []
        if self.file:
            self.file.close()
        self.file = None

    def __enter__(self):
        while True:
            self.file = open(self.path, "r+b")
            try:
                for kind in self.scheme:
                    self.take(kind)
                return self
            except Busy:
                self.release()
                time.sleep(random.uniform(0.0002, 0.002))

    def __exit__(self, *_):
        self.release()


def message(number):
    """Every fiftieth is infected; every seventh has a quoted line."""
    text = b"".join(b"Line %d of message %d.\n" % (line, number)
                    for line in range(number % 23 + 8))
    if number % 50 == 0:
        text += b"%s\n" % MARKER
    if number % 7 == 0:
        text += b">From where it was.\n"
    return (b"From: a@example.org\nTo: b@example.org\n"
            b"Message-ID: <%d@writer.example>\nSubject: %d\n"
            b"Content-Type: text/plain\n\n%s" % (number, number, text))


FROM_LINE = b"From a@example.org Mon Mar  2 09:14:07 2026\n"


def deliver(path, scheme, stop, count):
    """Deliver a message every millisecond until STOP."""
    while not stop.is_set():
        data = FROM_LINE + message(count.value) + b"\n"
        with Lock(path, scheme) as lock:
            lock.file.seek(0, os.SEEK_END)
            # In two pieces, as a mail program would: nobody may see half.
            lock.file.write(data[:len(data) // 2])
            lock.file.flush()
            lock.file.write(data[len(data) // 2:])
            lock.file.flush()
        count.value += 1
        # What a lock has cost is not made up for.
        time.sleep(0.001)


class Writer:
    """A process that delivers into an mbox."""

    def __init__(self, path, scheme):
        with open(path, "wb"):
            pass
        self.count = multiprocessing.Value("Q", 0, lock=False)
        self.stopped = multiprocessing.Event()
        self.process = multiprocessing.Process(
            target=deliver, args=(path, scheme, self.stopped, self.count))
        self.process.start()

    def stop(self):
        self.stopped.set()
        self.process.join(60)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


def scan_while(case, box, writer, seconds):
    """Move what is infected again and again, in both ways; how many runs
    there were, and how many had to leave a message."""
    end = time.monotonic() + seconds
    runs, left = 0, 0
    while time.monotonic() < end:
        run = case.start("--move", case.quarantine, "--mbox-remove=" +
                         ("stub", "expunge")[runs % 2], box).wait()
        runs += 1
        # A message was scanned that was not all there yet.
        left += run.status == 2
        case.expect(run.status in (0, 1, 2), "exit status %s: %s" % (
            run.status, run.stderr[-300:]))
        case.expect(writer.process.is_alive(), "the writer is dead")
    return runs, left


def account(case, box, writer, runs):
    """Every message is in the mailbox or, if it is infected, in quarantine:
    once, and byte for byte."""
    with open(box, "rb") as stream:
        data = stream.read()
    seen = collections.Counter()
    stubs = 0
    pieces = re.split(rb"(?:\A|(?<=\n\n))From [^\n]*\n", data)
    case.equal("before the first message", pieces[0], b"")
    for piece in pieces[1:]:
        if STUB in piece:
            stubs += 1
        else:
            seen[hashlib.sha256(piece[:-1]).digest()] += 1
    stored = collections.Counter(
        hashlib.sha256(piece).digest() for piece in case.stored())
    count = writer.count.value
    lost, doubled, unmoved = [], [], []
    for number in range(count):
        key = hashlib.sha256(message(number)).digest()
        there, moved = seen.pop(key, 0), stored.pop(key, 0)
        if there + moved == 0:
            lost.append(number)
        elif there + moved > 1:
            doubled.append(number)
        if number % 50 == 0 and there:
            unmoved.append(number)
    case.equal("messages lost", lost[:20], [])
    case.equal("messages doubled", doubled[:20], [])
    case.equal("infected messages left in the end", unmoved[:20], [])
    case.equal("messages that nobody wrote",
               (sum(seen.values()), sum(stored.values())), (0, 0))
    case.expect(count > 100 and runs[0] > 0, "%d messages, %d runs" % (
        count, runs[0]))
    case.note = "%d messages, %d runs, %d left some for the next, " \
        "%d notices" % (count, runs[0], runs[1], stubs)
