"""What the scripts that test and measure the program have in common.

Building mail, running the program under observation (its process tree is
supervisor, zygote, workers and readers; /proc tells which is which), and
reading its reports.
"""

import base64
import ctypes
import io
import json
import os
import resource
import signal
import subprocess
import threading
import time
import zipfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
DATABASE = os.path.join(ROOT, "testdata", "db")

# The EICAR test file is never stored whole: scanners would take it away.
EICAR = (rb"X5O!P%@AP[4\PZX54(P^)7CC)7}" rb"$EICAR-STANDARD"
         rb"-ANTIVIRUS-TEST-FILE!$H+H*")

KIB = 1024
MIB = 1024 * 1024
GIB = 1024 * 1024 * 1024


# Mail.

def header(subject, number=1, extra=b""):
    """A header without the line that ends it."""
    return (b"From: Anna Example <anna@example.org>\n"
            b"To: Otto Example <otto@example.org>\n"
            b"Date: Mon, 02 Mar 2026 09:14:07 +0100\n"
            b"Message-ID: <%d@test.example>\n"
            b"Subject: %s\nMIME-Version: 1.0\n%s" %
            (number, subject.encode(), extra))


def text_mail(subject, text, number=1):
    return header(subject, number, b"Content-Type: text/plain\n\n") + text


def attachment(data, name, kind="application/octet-stream"):
    """A MIME part with DATA in base64."""
    return (b"Content-Type: %s\nContent-Transfer-Encoding: base64\n"
            b"Content-Disposition: attachment; filename=\"%s\"\n\n%s" %
            (kind.encode(), name.encode(), base64.encodebytes(data)))


def nested_message(message):
    """A MIME part that is a message."""
    return b"Content-Type: message/rfc822\n\n" + message


def multipart_mail(subject, parts, number=1, boundary=b"=_part"):
    body = b"".join(b"--%s\n%s\n" % (boundary, part) for part in parts)
    return header(subject, number, b"Content-Type: multipart/mixed; "
                  b"boundary=\"%s\"\n\n" % boundary) + \
        body + b"--%s--\n" % boundary


def attached_mail(subject, data, name, number=1):
    return multipart_mail(subject, [
        b"Content-Type: text/plain\n\nSee the attachment.\n",
        attachment(data, name)], number)


def zip_of(members, method=zipfile.ZIP_DEFLATED):
    """A zip archive of (name, data) pairs."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members:
            info = zipfile.ZipInfo(name, (2026, 3, 2, 9, 14, 6))
            archive.writestr(info, data, method)
    return out.getvalue()


FROM_LINE = b"From anna@example.org Mon Mar  2 09:14:07 2026\n"


def mbox_of(messages):
    """An mbox (mboxrd), and the offset of each message's slice in it."""
    out, offsets, offset = [], [], 0
    for message in messages:
        lines = [b">" + line if line.lstrip(b">").startswith(b"From ")
                 else line for line in message.splitlines(True)]
        piece = FROM_LINE + b"".join(lines)
        piece += b"\n" if piece.endswith(b"\n") else b"\n\n"
        offsets.append(offset)
        offset += len(piece)
        out.append(piece)
    return b"".join(out), offsets


def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as stream:
        stream.write(data)
    return path


# Processes.

def children(pid):
    """The children of PID, the oldest first."""
    pids = []
    try:
        for task in os.listdir("/proc/%d/task" % pid):
            with open("/proc/%d/task/%s/children" % (pid, task),
                      encoding="ascii") as stream:
                pids += [int(word) for word in stream.read().split()]
    except OSError:
        pass
    return sorted(pids)


def status_field(pid, name):
    """A line of /proc/PID/status as text; None if there is none."""
    try:
        with open("/proc/%d/status" % pid, encoding="ascii",
                  errors="replace") as stream:
            for line in stream:
                if line.startswith(name + ":"):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return None


def peak_kib(pid):
    """The most resident memory that PID ever had."""
    text = status_field(pid, "VmHWM")
    return int(text.split()[0]) if text else 0


def is_alive(pid):
    state = status_field(pid, "State")
    return state is not None and state[0] not in "ZX"


def descendants(pid):
    found = []
    for child in children(pid):
        found += [child] + descendants(child)
    return found


def zygote_of(pid):
    """The zygote is started before any reader is."""
    below = children(pid)
    return below[0] if below else None


def workers_of(pid):
    zygote = zygote_of(pid)
    return children(zygote) if zygote else []


def wait_until(condition, seconds):
    """Poll CONDITION until it holds; what it gave last."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value or time.monotonic() > end:
            return value
        time.sleep(0.005)


class Peaks(threading.Thread):
    """Watches a process tree and remembers how much memory each took."""

    def __init__(self, pid, interval=0.01):
        super().__init__(daemon=True)
        self.pid = pid
        self.interval = interval
        self.supervisor = 0
        self.zygote = 0
        self.reader = 0
        self.worker = 0
        self.zombies = 0
        self.done = threading.Event()

    def look(self):
        self.supervisor = max(self.supervisor, peak_kib(self.pid))
        below = children(self.pid)
        if not below:
            return
        self.zygote = max(self.zygote, peak_kib(below[0]))
        zombies = 0
        for pid in below[1:]:
            self.reader = max(self.reader, peak_kib(pid))
            zombies += (status_field(pid, "State") or "")[:1] == "Z"
        self.zombies = max(self.zombies, zombies)
        for pid in children(below[0]):
            self.worker = max(self.worker, peak_kib(pid))

    def run(self):
        while not self.done.is_set():
            self.look()
            self.done.wait(self.interval)

    def stop(self):
        self.done.set()
        self.join()

    @property
    def over_zygote(self):
        """KiB that the largest worker had beyond the zygote's."""
        return max(0, self.worker - self.zygote)


class Report:
    """The JSONL of one run."""

    def __init__(self, path):
        self.records = []
        self.broken = []
        if os.path.exists(path):
            with open(path, encoding="utf-8", newline="\n") as stream:
                for line in stream:
                    try:
                        self.records.append(json.loads(line))
                    except ValueError:
                        self.broken.append(line)
        self.messages = self.of_type("message")
        self.summary = (self.of_type("summary") or [None])[-1]

    def of_type(self, kind):
        return [record for record in self.records if record["type"] == kind]

    def of_source(self, source):
        """All records about one file, or about what is inside it."""
        return [record for record in self.records
                if record.get("source") == source or
                str(record.get("source")).startswith(source + "/")]


class Run:
    """One run of `mailscan scan` with a JSONL report."""

    def __init__(self, mailscan, directory, arguments, stdin=None,
                 database=DATABASE, prefix=(), timeout=300):
        os.makedirs(directory, exist_ok=True)
        self.temp = os.path.join(directory, "tmp")
        os.makedirs(self.temp, exist_ok=True)
        self.jsonl = os.path.join(directory, "report.jsonl")
        if os.path.exists(self.jsonl):
            os.unlink(self.jsonl)
        self.timeout = timeout
        command = list(prefix) + [mailscan, "scan", "--tempdir", self.temp,
                                  "--report", "jsonl:" + self.jsonl]
        if database:
            command += ["-d", database]
        self.out = open(os.path.join(directory, "stdout"), "w+b")
        self.err = open(os.path.join(directory, "stderr"), "w+b")
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            command + list(arguments), stdout=self.out, stderr=self.err,
            stdin=subprocess.DEVNULL if stdin is None else stdin,
            start_new_session=True)
        self.pid = self.process.pid
        self.peaks = Peaks(self.pid)
        self.peaks.start()
        self.status = None
        self.elapsed = None
        self.report = None

    def wait(self):
        """Wait for the end, and read what there is to read."""
        self.peaks.interval = 0.01
        try:
            self.status = self.process.wait(self.timeout)
        except subprocess.TimeoutExpired:
            os.killpg(self.pid, signal.SIGKILL)
            self.process.wait()
            self.status = "timeout after %d s" % self.timeout
        self.elapsed = time.monotonic() - self.started
        self.peaks.stop()
        self.stdout = self.read(self.out)
        self.stderr = self.read(self.err)
        self.report = Report(self.jsonl)
        return self

    @staticmethod
    def read(stream):
        stream.seek(0)
        text = stream.read().decode(errors="replace")
        stream.close()
        return text

    def left_behind(self):
        """What is still in the directory for temporary files."""
        return sorted(os.listdir(self.temp))


def become_subreaper():
    """Orphans become ours, so that their processor time can be counted."""
    pr_set_child_subreaper = 36
    ctypes.CDLL(None, use_errno=True).prctl(pr_set_child_subreaper, 1, 0, 0,
                                            0)


def reap_orphans():
    try:
        while os.waitpid(-1, os.WNOHANG)[0] > 0:
            pass
    except ChildProcessError:
        pass


def cpu_of(command):
    """Run COMMAND: (seconds of processor time of its whole tree, wall
    seconds, exit status). become_subreaper() must have been called."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.monotonic()
    status = subprocess.run(command, stdin=subprocess.DEVNULL,
                            stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL,
                            check=False).returncode
    wall = time.monotonic() - started
    reap_orphans()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = (after.ru_utime - before.ru_utime +
           after.ru_stime - before.ru_stime)
    return cpu, wall, status


class Tally:
    """Passed, failed and skipped tests, told as they come."""

    def __init__(self):
        self.passed = 0
        self.failed = 0
        self.skipped = 0

    def passes(self, name, note=""):
        self.passed += 1
        print("ok - %s%s" % (name, note and " (%s)" % note), flush=True)

    def fails(self, name, reasons):
        self.failed += 1
        print("not ok - %s" % name, flush=True)
        for reason in reasons[:12]:
            print("# %s" % reason, flush=True)
        if len(reasons) > 12:
            print("# ... and %d more" % (len(reasons) - 12), flush=True)

    def skips(self, name, reason):
        self.skipped += 1
        print("SKIPPED - %s: %s" % (name, reason), flush=True)

    def close(self, what):
        """The closing line; the exit status."""
        print("%s: %d passed, %d failed%s" % (
            what, self.passed, self.failed,
            ", %d skipped" % self.skipped if self.skipped else ""))
        return 1 if self.failed else 0
