"""What the checks of filter and queue have in common: a pool, a parent that
hands in messages as qmail's programs do, and a next program that keeps exactly
what it gets."""

import os
import signal
import subprocess
import tempfile

import servelib

EICAR = servelib.EICAR
HEAD = (b"From: Anna <anna@example.org>\nTo: bert@example.org\n"
        b"Subject: hello\nMessage-ID: <1@example.org>\n\n")
CLEAN = HEAD + b"How are you?\n"
BAD = HEAD + EICAR + b"\n"
ENVELOPE = b"Fanna@example.org\0Tbert@example.org\0Tcarl@example.org\0\0"


class Pool(servelib.Serve):
    """mailscan pool, or serve with a scan socket."""

    def __init__(self, directory, *options, command=("pool",)):
        self.path = os.path.join(directory, "scan.sock")
        self.port = 0
        self.log = tempfile.TemporaryFile(dir=servelib.TMP)
        self.process = subprocess.Popen(
            [servelib.MAILSCAN, *command, "--hostname", "gate.test",
             "--tempdir", servelib.TMP, "--jobs", "1", "--database",
             servelib.DATABASE, "--scan-socket", self.path, *options],
            stderr=self.log, stdin=subprocess.DEVNULL)
        self.wait_for('"text":"ready"' if "json" in options else
                      ": ready")


NEXT = """#!/usr/bin/env python3
# Keep all that a program in place of qmail-queue can see.
import os, sys
def all_of(fd):
    data = b""
    while True:
        piece = os.read(fd, 65536)
        if not piece:
            return data
        data += piece
open(%(at)r + "/next.message", "wb").write(all_of(0))
open(%(at)r + "/next.envelope", "wb").write(all_of(1))
open(%(at)r + "/next.arguments", "w").write("\\0".join(sys.argv))
open(%(at)r + "/next.environment", "wb").write(
    b"\\n".join(b"%%s=%%s" %% e for e in os.environb.items()))
fds = []
for fd in range(3, 64):
    try:
        os.fstat(fd)
        fds.append(fd)
    except OSError:
        pass
open(%(at)r + "/next.fds", "w").write(repr(fds))
%(more)s
os._exit(%(status)s)
"""


def with_hyphens(settings):
    return {key.replace("_", "-"): value for key, value in settings.items()}


class Parent:
    """Somebody who runs mailscan-queue, in DIRECTORY."""

    def __init__(self, directory, path, **settings):
        self.directory = directory
        self.program = os.path.join(directory, "mailscan-queue")
        os.symlink(os.path.abspath(servelib.MAILSCAN), self.program)
        self.called = "mailscan-queue"      # None: by its path
        self.config = os.path.join(directory, "mailscan.conf")
        self.next = os.path.join(directory, "next")
        self.settings = {"scan-socket": path, "next": self.next,
                         "tempdir": directory, **with_hyphens(settings)}
        self.set_next()

    def set_next(self, status=0, more=""):
        with open(self.next, "w") as f:
            f.write(NEXT % {"at": self.directory, "status": status,
                            "more": more})
        os.chmod(self.next, 0o755)

    def got(self, what, mode="rb"):
        """What the next program got; None: it was not run."""
        path = os.path.join(self.directory, "next." + what)
        if not os.path.exists(path):
            return None
        with open(path, mode) as f:
            return f.read()

    def run(self, message=CLEAN, envelope=ENVELOPE, say=True, closed=(),
            before=None, environment=None, pieces=None, **settings):
        """Exit status (or minus the signal), and what was said on descriptor
        4, which is open if SAY."""
        for name in os.listdir(self.directory):
            if name.startswith("next."):
                os.unlink(os.path.join(self.directory, name))
        with open(self.config, "w") as f:
            f.write("".join('%s = "%s"\n' % row for row in {
                **self.settings, **with_hyphens(settings)}.items()))
        env = {"PATH": os.environ["PATH"], "MAILSCAN_CONFIG": self.config,
               **(environment or {})}
        ends = [os.pipe() for _ in range(3)]
        errors = tempfile.TemporaryFile(dir=servelib.TMP)
        pid = os.fork()
        if pid == 0:
            try:
                high = [os.dup2(fd, 500 + i) for i, fd in enumerate(
                    (ends[0][0], ends[1][0], errors.fileno(), ends[2][1]))]
                os.closerange(3, 500)
                for fd, source in zip((0, 1, 2, 4), high):
                    os.dup2(source, fd)
                if not say:
                    os.close(4)
                os.closerange(500, 510)
                for fd in closed:
                    os.close(fd)
                if before:
                    before()
                signal.signal(signal.SIGPIPE, signal.SIG_DFL)
                os.execve(self.program, [self.called or self.program],
                          env)
            finally:
                os._exit(99)
        for end, data in ((ends[0], message), (ends[1], envelope)):
            os.close(end[0])
            try:
                for at in range(0, len(data), pieces or len(data) or 1):
                    os.write(end[1], data[at:at + (pieces or len(data))])
            except BrokenPipeError:
                pass
            os.close(end[1])
        os.close(ends[2][1])
        text = b""
        while True:
            piece = os.read(ends[2][0], 4096)
            if not piece:
                break
            text += piece
        os.close(ends[2][0])
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        errors.seek(0)
        self.errors = errors.read()
        return status, text
