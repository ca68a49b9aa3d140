"""The programs that mailscan takes the place of, beside what their
configurations become: the same mail to both, and what became of it in words:

    accepted        it goes on
    tagged          it goes on, and says what was found in it
    redirected      it goes on to somebody else
    dropped         the sender is told that all is well, nobody gets it
    held            the mail server keeps it
    refused CODE    for ever
    deferred CODE   until later
"""

import os
import re
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import time

import doorlib
import milterlib
import servelib
from servelib import WAIT, Client, Serve, same

TAGS = (b"X-Virus-Infected:", b"X-Virus-Status: Infected")


def found(*names):
    """Is one of these programs not here?"""
    path = "/usr/sbin:/usr/local/sbin:" + os.environ.get("PATH", "")
    return all(shutil.which(name, path=path) for name in names)


def place():
    """A directory whose name has room for sockets."""
    path = tempfile.mkdtemp(prefix="mailscan-old-", dir="/tmp")
    os.chmod(path, 0o755)
    return path


def write(directory, name, text, mode=0o644):
    path = os.path.join(directory, name)
    with open(path, "w") as f:
        f.write(text)
    os.chmod(path, mode)
    return path


def command(*words):
    """Exit status, output, errors of mailscan."""
    done = subprocess.run([servelib.MAILSCAN, *words], timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          stdin=subprocess.DEVNULL, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def imported(directory, *words, check=True):
    """The path of what "config import" makes of it, which is to be good."""
    status, text, errors = command("config", "import", *words)
    if status != 0:
        raise AssertionError(errors)
    path = write(directory, "imported.conf", text)
    if check:
        status, _, errors = command("config", "check", "--elsewhere", path)
        if status != 0:
            raise AssertionError(errors + text)
    return path


class Old:
    """A program that runs in the foreground until PORT is open."""

    def __init__(self, port, *words, **environment):
        self.log = tempfile.TemporaryFile(dir=servelib.TMP)
        self.process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
            env=dict(os.environ, **environment),
            executable=shutil.which(words[0], path="/usr/sbin:/usr/bin"))
        end = time.monotonic() + WAIT
        while socket.socket().connect_ex(("127.0.0.1", port)) != 0:
            if self.process.poll() is not None or time.monotonic() > end:
                raise AssertionError("%s does not begin: %s" % (
                    words[0], self.text()))
            time.sleep(0.02)

    text = Serve.text

    def end(self):
        """At once: it has nothing to lose, and takes seconds otherwise."""
        self.process.kill()
        self.process.wait()


def word(reply):
    """What a reply that is no 2xx or 3xx means."""
    if not reply[:1] in (b"4", b"5"):
        return "gone"
    return "%s %s" % ("deferred" if reply[:1] == b"4" else "refused",
                      reply[:3].decode())


def is_tagged(mail):
    head = mail.split(b"\r\n\r\n")[0]
    return any(tag in head for tag in TAGS)


def by_smtp(port, sink, mail, recipients=("b@example.org",),
            sender="a@example.org"):
    """What becomes of MAIL through a proxy at PORT before SINK."""
    client = Client(port)
    before = len(sink.mails)
    try:
        reply = client.reply()
        if not reply.startswith(b"220"):
            return word(reply)
        client.say(b"EHLO client.test")
        reply = client.say(b"MAIL FROM:<%s>" % sender.encode())
        if not reply.startswith(b"2"):
            return word(reply)
        replies = [client.say(b"RCPT TO:<%s>" % r.encode())
                   for r in recipients]
        reply = client.say(b"DATA")
        if not reply.startswith(b"354"):
            return word(reply)
        stuffed = (b"\r\n" + mail).replace(b"\r\n.", b"\r\n..")[2:]
        client.send(stuffed + b".\r\n")
        reply = client.reply()
        client.say(b"QUIT")
    finally:
        client.close()
    if not reply.startswith(b"2"):
        return word(reply)
    if len(sink.mails) == before:
        return "dropped"
    del replies
    return "tagged" if is_tagged(sink.mails[-1]) else "accepted"


# All that a mail server can leave out; by command, what says that it is left
# out, and that it has no reply.
STEPS = 0x1fffff & ~0x800
SILENT = {b"C": (0x1, 0x1000), b"H": (0x2, 0x2000), b"M": (0x4, 0x4000),
          b"R": (0x8, 0x8000), b"L": (0x20, 0x80), b"N": (0x40, 0x40000),
          b"B": (0x10, 0x80000)}


class Milter:
    """A mail server that brings one message to a filter at PORT, and does what
    it says as soon as it says it. Without CLIENT, a program of its machine has
    sent it."""

    def __init__(self, port, client="192.0.2.7", name="client.example.net",
                 helo="client.example.net", auth=None):
        self.server = milterlib.Server(port, steps=STEPS)
        self.client, self.name = client, name
        self.helo, self.auth = helo, auth
        self.edits, self.text = [], b""

    def step(self, letter, data):
        """The word for an answer that ends it; None: go on."""
        server = self.server
        left_out, silent = SILENT[letter]
        if server.steps & left_out:
            return None
        server.send(letter, data)
        if server.steps & silent:
            return None
        answer, self.text = server.packet()
        return self.means(answer)

    def means(self, answer):
        if answer == b"y":
            self.text = self.text.rstrip(b"\0")
            return word(self.text)
        return {b"a": "accepted", b"d": "dropped", b"r": "refused 550",
                b"t": "deferred 451", b"": "gone"}.get(answer)

    def begin(self):
        server = self.server
        name = self.name.encode() + b"\0"
        if self.client:
            server.macros(b"C", j="mta.example.com", client_addr=self.client)
            name += (b"6" if ":" in self.client else b"4") + b"\0\x19" + \
                self.client.encode() + b"\0"
        else:
            server.macros(b"C", j="mta.example.com")
            name += b"U"
        return self.step(b"C", name) or \
            self.step(b"H", self.helo.encode() + b"\0")

    def recipients(self, addresses):
        """The last word of those that are refused, if all are."""
        left, last = 0, None
        for address in addresses:
            self.server.macros(b"R")
            last = self.step(b"R", b"<%s>\0" % address.encode())
            if last in ("accepted", "dropped"):
                return last
            left += last is None
        return None if left else last

    def content(self, mail):
        server = self.server
        head, body = mail.split(b"\r\n\r\n", 1)
        for line in head.replace(b"\r\n ", b"\n ").split(b"\r\n"):
            name, value = line.split(b":", 1)
            if not server.steps & milterlib.LEADSPC:
                value = value.lstrip(b" ")
            got = self.step(b"L", name + b"\0" + value + b"\0")
            if got:
                return got
        got = self.step(b"N", b"")
        for i in range(0, len(body), 65535):
            got = got or self.step(b"B", body[i:i + 65535])
        return got

    def end(self):
        server = self.server
        server.macros(b"E", i="4XyZ")
        server.send(b"E")
        while True:
            letter, data = server.packet()
            if not letter or letter in milterlib.ENDS:
                break
            self.edits.append((letter, data))
        self.text = data
        result = self.means(letter) or "accepted"
        if result != "accepted":
            return result
        if any(e[0] == b"q" for e in self.edits):
            return "held"
        if any(e[0] == b"+" for e in self.edits):
            return "redirected"
        return "tagged" if any(b"Infected" in e[1] for e in self.edits) \
            else "accepted"

    def mail(self, mail, recipients=("otto@example.com",),
             sender="anna@example.org"):
        macros = {"auth_authen": self.auth} if self.auth else {}
        self.server.macros(b"M", i="4XyZ", **macros)
        return self.step(b"M", b"<%s>\0" % sender.encode()) or \
            self.recipients(recipients) or self.content(mail) or self.end()


def field(edits, name):
    """What a filter said in the last field NAME that it put there; None: it
    did not."""
    values = [data.split(b"\0")[-2].strip() for letter, data in edits
              if letter in b"him" and name.encode() + b"\0" in data]
    return values[-1].decode() if values and values[-1] else None


def by_milter(port, mail, recipients=("otto@example.com",),
              sender="anna@example.org", **client):
    """What becomes of MAIL; with what was said, and the edits."""
    milter = Milter(port, **client)
    try:
        result = milter.begin() or milter.mail(mail, recipients, sender)
        milter.server.quit()
    except (OSError, struct.error):
        result = "gone"
        milter.server.close()
    return result, milter.text, milter.edits


class Both:
    """mailscan pool and mailscan milter with what was imported at CONF."""

    def __init__(self, directory, conf, port, *options, milter=()):
        scan = os.path.join(directory, "scan.sock")
        options = ("-c", conf, "--scan-socket", scan) + options
        self.pool = Pool(*options)
        try:
            self.filter = milterlib.Filter(
                "-c", conf, *milter, listen="inet:%d@127.0.0.1" % port,
                service=scan)
        except BaseException:
            self.pool.end()
            raise

    def text(self):
        return self.pool.text() + self.filter.text()

    def end(self):
        try:
            self.filter.end()
        finally:
            self.pool.end()


class Pool(Serve):
    """mailscan pool."""

    def __init__(self, *options):
        self.port = 0
        self.log = tempfile.TemporaryFile(dir=servelib.TMP)
        words = [servelib.MAILSCAN, "pool", "--hostname", "gate.test",
                 "--tempdir", servelib.TMP, "--jobs", "1", "--log-to",
                 "stderr", "--max-scantime", "700"]
        if "--engine=clamd" not in options:
            words += ["--database", servelib.DATABASE]
        self.process = subprocess.Popen(words + list(options),
                                        stderr=self.log,
                                        stdin=subprocess.DEVNULL)
        self.wait_for(": ready")


def serve(conf, *options, **how):
    """mailscan serve with what was imported at CONF, listening where that
    says."""
    return Serve("-c", conf, "--engine=clamd", "--max-scantime", "700",
                 *options, listen=False, **how)


def compare(what, old, new):
    """OLD and NEW have a word for each case."""
    wrong = ["%s, %s: it was %s, and is %s" % (what, case, old[case],
                                               new.get(case))
             for case in old if old[case] != new.get(case)]
    if wrong:
        raise AssertionError("\n".join(wrong))


class Listener:
    """Somebody on loopback who reads what a client says to its end of it, and
    answers what ANSWER makes of it."""

    def __init__(self, answer):
        self.answer, self.heard = answer, []
        self.server = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.server.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client = self.server.accept()[0]
            except OSError:
                return
            with client:
                client.settimeout(WAIT)
                data = b""
                while not self.is_whole(data):
                    piece = client.recv(65536)
                    if not piece:
                        break
                    data += piece
                self.heard.append(data)
                client.sendall(self.answer(data))

    @staticmethod
    def is_whole(data):
        """spamc says how long its message is."""
        head, end, body = data.partition(b"\r\n\r\n")
        size = [line for line in head.split(b"\r\n")
                if line.lower().startswith(b"content-length:")]
        return bool(end) and (not size or
                              len(body) >= int(size[0].split(b":")[1]))


SIMCONTROL = """
#hash.example:clam=no
:clam=yes,spam=yes,spam_hits=10,attach=.SCR
clean.example:clam=no,spam=no
example.com:clam=yes,spam=yes,spam_hits=5.5,attach=.exe:.com
postmaster@example.com:clam=no,spam=no,attach=.none
user-list@example.com:clam=no
rx@example.com:regex=lottery
own@example.com:qmailqueue=%(dir)s/other
soft@example.com:spam_hits=100
"""


def spam_mail(hits):
    return doorlib.HEAD + b"worth %d hits\n" % hits


def spamd(heard):
    """A hit for each that the message says it is worth; and, if it is to come
    back, a field more."""
    hits = re.search(rb"worth (\d+) hits", heard)
    hits = int(hits.group(1)) if hits else 0
    mail = b"X-Spam-Flag: YES\n" + heard.split(b"\r\n\r\n", 1)[1]
    if heard.startswith(b"HEADERS"):
        mail = mail.split(b"\n\n")[0] + b"\n\n"
    elif not heard.startswith(b"PROCESS"):
        mail = b""
    return b"SPAMD/1.1 0 EX_OK\r\nContent-length: %d\r\nSpam: %s ; %d / " \
        b"5.0\r\n\r\n%s" % (len(mail), b"True" if hits >= 5 else b"False",
                            hits, mail)


class Qmail:
    """A pool with OPTIONS, and what runs mailscan-queue."""

    def __init__(self, *options, rules=SIMCONTROL, scanner="scan-auth=no",
                 **settings):
        self.directory = place()
        write(self.directory, "other", "#!/bin/sh\nexit 17\n", 0o755)
        self.spamd = Listener(spamd)
        path = write(self.directory, "simcontrol", rules.replace(
            "%(dir)s", self.directory))
        status, text, errors = command("config", "import", "simcontrol", path)
        same((status, errors), (0, ""))
        self.policy = write(self.directory, "policy", text)
        self.scan = self.directory + "/scan.sock"
        self.pool = Pool(
            "--scan-socket", self.scan, "--policy-map", self.policy,
            "--policy-conflict=last", "--scanners=spam type=spamc " +
            scanner + " address=" + self.spamd.address, *options)
        self.parent = doorlib.Parent(self.directory, self.scan, **settings)

    def __enter__(self):
        return self

    def ask(self, sender, recipients, mail, environment):
        """As the table has it."""
        envelope = b"F%s\0%s\0" % (sender.encode(), b"".join(
            b"T%s\0" % r.encode() for r in recipients.split()))
        status, text = self.parent.run(mail, envelope,
                                       environment=environment)
        return status, text[:1], self.parent.got("message") is not None

    def __exit__(self, *_):
        self.pool.end()
        self.spamd.server.close()
        shutil.rmtree(self.directory)
