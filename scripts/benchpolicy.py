"""A policy map of a million lines: for scripts/bench.

What a look-up takes comes from lib/policy/policymap_bench (make bench builds
it); what the program itself takes of loading and memory, and what those who
send mail notice of a new map, from mailscan serve.
"""

import glob
import os
import signal
import statistics
import subprocess
import time

import benchhold
import benchserve
from servelib import BAD

LINES = 1000000
LOADS = 3
IN_FORCE = benchhold.IN_FORCE


def write_map(path, *lines):
    with open(path + ".new", "w") as stream:
        for number in range(LINES):
            stream.write("user%d@domain%d.example.com:clam=yes,spam=%s,"
                         "attach=.exe:.scr:.com\n" % (
                             number, number % 5000,
                             "yes" if number % 2 else "no"))
        for line in lines:
            stream.write(line + "\n")
    os.rename(path + ".new", path)


def lookup(bench, tell):
    built = glob.glob(os.path.join(os.path.dirname(bench.mailscan),
                                   "lib/*/policymap_bench"))
    if not built:
        bench.skipped += 1
        tell("bench: SKIPPED: policy: no policymap_bench is built (make "
             "bench does)")
        return
    values = {}
    for number in range(bench.options.runs):
        out = subprocess.run(built[:1], check=True,
                             stdout=subprocess.PIPE).stdout.decode()
        tell("bench: %d: %s" % (number + 1, out.replace("\n", "; ")))
        for line in out.splitlines():
            value, _, what = line.partition(" microseconds ")
            if what:
                values.setdefault(what, []).append(float(value))
    for what, took in values.items():
        bench.row("policy: %d lines: %s" % (LINES, what),
                  "%.2f microseconds (%.2f to %.2f)" % (
                      statistics.median(took), min(took), max(took)))


def load(bench, path):
    """One decision in a process of its own, which has to read all of it."""
    took = []
    with open(path + ".conf", "w") as stream:
        stream.write('serve {\n\tpolicy-map = "%s"\n}\n' % path)
    for _ in range(LOADS):
        started = time.monotonic()
        out = subprocess.run(
            [bench.mailscan, "policy", "test", "--config=" + path + ".conf",
             "--from=a@example.org", "--to=user77@domain77.example.com"],
            check=True, stdout=subprocess.PIPE).stdout
        if b"map:78: clam=yes" not in out:
            bench.trouble("policy: its line is not found: %s" % out)
        took.append(time.monotonic() - started)
    bench.row("policy: %d lines: read, and one decision (policy test)" %
              LINES, "%.2f s (%.2f to %.2f)" % (
                  statistics.median(took), min(took), max(took)))


def passes(door):
    """Does infected mail go through, as the second map wants it?"""
    line = benchhold.Line(door.port)
    line.begin()
    line.socket.sendall(BAD + b".\r\n")
    good = line.reply().startswith(b"250")
    line.close()
    return good


def reload(bench, path):
    """Mail goes on while another map is read."""
    hop = benchhold.Hop()
    door = None
    try:
        door = benchserve.Serve(bench, hop.port, "--policy-map", path,
                                name="policy")
        before = benchhold.memory_of(benchhold.front_of(door), "VmRSS")
        if passes(door):
            bench.trouble("policy: infected mail passes")
        senders = [benchhold.Sender(door.port, number)
                   for number in range(benchhold.SENDERS)]
        time.sleep(benchhold.CALM)
        calm = benchhold.waits_of(senders)
        write_map(path, "b@example.com:clam=no")
        # What writing it took away from everybody is none of this.
        time.sleep(1)
        benchhold.waits_of(senders)
        started = time.monotonic()
        os.kill(door.pids[0], signal.SIGHUP)
        log = os.path.join(door.dir, "log")
        benchserve.wait_for("the new map", lambda: IN_FORCE in open(
            log, "rb").read())
        took = time.monotonic() - started
        waits = benchhold.waits_of(senders)
        for sender in senders:
            sender.over = True
            sender.join()
            sender.line.close()
            if sender.bad:
                bench.trouble("policy: %d messages not taken" % sender.bad)
        if not passes(door):
            bench.trouble("policy: the new map is not in force")
        bench.row("policy: a message of 4 KB while a map of %d lines is "
                  "loaded again, %.1f s, %d at once (beside before)" % (
                      LINES, took, len(senders)),
                  benchhold.waits_text(waits), benchhold.waits_text(calm))
        bench.row("policy: memory of the front with that map",
                  "%.1f MB" % (before / 1024))
    finally:
        if door:
            door.stop()
        hop.stop()


def run(bench, tell):
    lookup(bench, tell)
    path = os.path.join(bench.top, "policy-map")
    tell("bench: a policy map of %d lines" % LINES)
    write_map(path)
    load(bench, path)
    reload(bench, path)
    os.unlink(path)
