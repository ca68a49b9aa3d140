"""A Postfix of one's own, behind or before mailscan serve, and swaks."""

import os
import re
import shutil
import smtplib
import subprocess
import sys
import tempfile
import time

from servelib import EICAR, WAIT, Serve, Sink, free_port, same

PROGRAMS = ("postfix", "smtp-source", "swaks", "postqueue")

MAIN = """
compatibility_level = 3.6
queue_directory = {dir}/queue
data_directory = {dir}/data
maillog_file = {dir}/log/mail.log
maillog_file_prefixes = {dir}
myhostname = host.example.org
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
alias_database =
local_recipient_maps =
relay_domains = example.com
smtpd_recipient_restrictions =
    check_recipient_access inline:{{{{gone@example.com=REJECT no more}}}},
    permit_mynetworks, permit_sasl_authenticated, permit_auth_destination,
    reject
smtpd_authorized_xclient_hosts = 127.0.0.0/8
default_transport = smtp:[127.0.0.1]:{sink}
relay_transport = smtp:[127.0.0.1]:{sink}
smtp_tls_security_level = none
smtpd_client_connection_rate_limit = 0
smtpd_client_connection_count_limit = 0
default_process_limit = 150
multi_instance_enable = no
"""

# What is not from the manual.
MASTER = """
127.0.0.1:{plain} inet n - n - - smtpd
127.0.0.1:{after} inet n - n - - smtpd
    -o {content_filter}
127.0.0.1:{risky} inet n - n - - smtpd
    -o cleanup_service_name=risky
risky unix n - n - 0 cleanup
    -o {mime_header_checks}
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
showq unix n - n - - showq
discard unix - - n - - discard
smtp unix - - n - - smtp
anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000? 1 tlsmgr
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
"""

PORTS = ("plain", "after", "before", "risky", "back", "scanner")


def manual(title, known):
    """The examples below a title in the manual, with ports and paths of
    ours."""
    page = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..",
                        "man", "mailscan-serve.8")
    with open(page) as f:
        section = f.read().split(".Ss Postfix: %s\n" % title)[1]
    section = re.split(r"^\.S[sh] ", section, flags=re.M)[0]
    blocks = re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed", section,
                        re.S | re.M)
    for old, new in (("10026", str(known["scanner"])),
                     ("10025", str(known["back"])), ("\\e", "\\"),
                     ("smtp inet", "127.0.0.1:%d inet" % known["before"]),
                     ("/etc/postfix", known["dir"] + "/etc")):
        blocks = [block.replace(old, new) for block in blocks]
    return blocks


def until(what, condition):
    end = time.monotonic() + WAIT
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("waited in vain for " + what)
        time.sleep(0.02)


def succeeds(etc, *words):
    return subprocess.run(("postfix", "-c", etc) + words,
                          stdout=subprocess.DEVNULL, timeout=WAIT,
                          stderr=subprocess.DEVNULL).returncode == 0


def begin(etc, listens):
    """Its checks fail while processes of a turn before still change the
    queue."""
    until("postfix start", lambda: succeeds(etc, "start"))
    until("Postfix to listen", listens)


class Postfix:
    """It hands on to SINK what has come back from the scanner."""

    def __init__(self, sink, **main):
        self.dir = tempfile.mkdtemp(prefix="check-postfix")
        os.chmod(self.dir, 0o755)
        for name in ("etc", "queue", "data", "log"):
            os.makedirs(os.path.join(self.dir, name), 0o755)
        shutil.chown(os.path.join(self.dir, "data"), "postfix")
        self.ports = {name: free_port() for name in PORTS}
        self.etc = os.path.join(self.dir, "etc")
        known = dict(self.ports, dir=self.dir, sink=sink.port)
        after = manual("after the queue", known)
        risky = manual("only what looks dangerous", known)
        for setting in (after[0], risky[0]):
            name, value = setting.strip().split(" = ")
            known[name] = "%s=%s" % (name, value)
        usual = [line for line in MAIN.format(**known).splitlines(True)
                 if line.split(" =")[0] not in main]
        self.write("main.cf", "".join(usual + [
            "%s = %s\n" % item for item in main.items()]))
        self.write("master.cf", MASTER.format(**known) + after[1] +
                   manual("before the queue", known)[0])
        self.write("mime_header_checks", risky[1])
        self.start()

    def write(self, name, text):
        with open(os.path.join(self.etc, name), "w") as f:
            f.write(text)

    def command(self, *words):
        if not succeeds(self.etc, *words):
            raise AssertionError("postfix %s fails:\n%s" % (
                " ".join(words), self.log()))

    def start(self):
        begin(self.etc, self.listens)

    def end(self, how="stop"):
        """Also where "stop" loses its patience: it fails if that was then no
        longer necessary."""
        succeeds(self.etc, how)
        until("the end of Postfix", lambda: not succeeds(
            self.etc, "status"))

    def listens(self):
        try:
            with smtplib.SMTP("127.0.0.1", self.ports["plain"], timeout=WAIT):
                return True
        except OSError:
            return False

    def log(self):
        with open(os.path.join(self.dir, "log", "mail.log")) as f:
            return f.read()

    def is_idle(self):
        return "Mail queue is empty" in subprocess.run(
            ["postqueue", "-c", self.etc, "-p"], stdout=subprocess.PIPE,
            timeout=WAIT).stdout.decode()

    def __getattr__(self, name):
        return self.ports[name]

    def stop(self):
        self.end()
        shutil.rmtree(self.dir, ignore_errors=True)


class Site:
    """A Postfix with a scanner, and a sink behind both."""

    def __init__(self, *options, **main):
        self.sink = Sink()
        self.postfix = Postfix(self.sink, **main)
        self.serve = None
        try:
            self.serve = Serve(*options, port=self.postfix.scanner, upstream=[
                "127.0.0.1:%d" % self.postfix.back])
        except BaseException:
            self.end(AssertionError)
            raise

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.end(kind)

    def end(self, kind):
        if kind:
            print(self.postfix.log(), self.serve and self.serve.text(),
                  file=sys.stderr)
        if self.serve:
            self.serve.end()
        self.postfix.stop()
        self.sink.close()

    def arrive(self, count):
        """COUNT messages come to the sink, and no more are on their way."""
        until("%d messages" % count, lambda: len(self.sink.mails) >= count)
        until("an empty queue", self.postfix.is_idle)
        same(len(self.sink.mails), count)
        return [mail.decode() for mail in self.sink.mails]


BAD = ("--body", EICAR.decode())


def swaks(port, *words):
    """Its exit status (26: the message was refused) and what was said."""
    done = subprocess.run(
        ["swaks", "--server", "127.0.0.1", "--port", str(port), "--helo",
         "client.example.net", "--from", "anna@example.org", "--to",
         "otto@example.com", *words], stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=WAIT)
    return done.returncode, done.stdout.decode()


def missing():
    """Why there can be no Postfix here, or None."""
    gone = [p for p in PROGRAMS if not shutil.which(p)]
    if gone:
        return gone[0] + " is not there"
    return None if os.geteuid() == 0 else "not root"
