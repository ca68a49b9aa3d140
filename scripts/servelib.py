"""What the checks of mailscan serve have in common: a next hop that keeps every
byte, the service, a client."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}" + b"$EICAR-STANDARD" + \
    b"-ANTIVIRUS-TEST-FILE!$H+H*"
CLEAN = b"From: a@example.org\r\nTo: b@example.org\r\nSubject: hello\r\n" \
    b"Message-ID: <1@example.org>\r\n\r\nHow are you?\r\n"
BAD = CLEAN.replace(b"How are you?", EICAR)
WAIT = 20


HELLO = b"250-sink\r\n250-PIPELINING\r\n250-SIZE 200000000\r\n250 8BITMIME"


class Sink:
    """A next hop on loopback. It normalises nothing: only CR LF ends a line,
    only CR LF . CR LF a message. RULES answer commands, or "end", the end of
    a message, or "chunk", one that is not the last: a reply, b"" to close,
    None to say nothing any more, or a function of the connection that answers
    one of these. TLS is an ssl.SSLContext for STARTTLS, or, if AT_ONCE, for all
    connections. In LMTP the end is answered for each recipient that was
    accepted, whose address is its key in RULES."""

    def __init__(self, rules=None, family=socket.AF_INET, greeting=b"220 sink",
                 tls=None, at_once=False, lmtp=False, port=0,
                 host="127.0.0.1"):
        self.rules = dict(rules or {})
        self.tls, self.at_once, self.lmtp = tls, at_once, lmtp
        self.greeting = greeting
        self.hello = HELLO
        self.mails = []         # contents that were acknowledged
        self.seen = []          # contents that came whole
        self.raw = []           # all bytes of each connection
        self.commands = []
        self.lock = threading.Lock()
        self.server = socket.socket(family)
        self.server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.server.bind((host, port))
        self.server.listen(100)
        self.port = self.server.getsockname()[1]
        self.address = "127.0.0.1:%d" % self.port
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client = self.server.accept()[0]
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,),
                             daemon=True).start()

    def answer(self, client, key, usual):
        reply = self.rules.get(key, usual)
        if callable(reply):
            reply = reply(client)
        if reply is None:
            time.sleep(3600)
        if reply == b"":
            client.shutdown(socket.SHUT_RDWR)
            raise OSError("closed as asked")
        client.sendall(reply + b"\r\n")
        return reply

    def keep(self, client, mail, accepted):
        """It came whole; is it acknowledged?"""
        with self.lock:
            self.seen.append(mail)
        for key in accepted if self.lmtp else ["end"]:
            good = self.rules.get(key, b"2") or b""
            if not callable(good) and good.startswith(b"2"):
                with self.lock:
                    self.mails.append(mail)
            self.answer(client, key, b"250 2.0.0 kept")
        accepted.clear()

    def serve(self, client):
        data = b""
        raw = bytearray()
        chunks = b""
        accepted = []
        secured = self.at_once
        self.raw.append(raw)

        def more():
            nonlocal data
            piece = client.recv(65536)
            if not piece:
                raise OSError("gone")
            raw.extend(piece)
            data += piece

        def upto(end):
            nonlocal data
            while end not in data:
                more()
            piece, data = data.split(end, 1)
            return piece

        def content():
            nonlocal data
            data = b"\r\n" + data
            mail = (upto(b"\r\n.\r\n") + b"\r\n").replace(b"\r\n..",
                                                         b"\r\n.")
            self.keep(client, mail[2:], accepted)

        def chunk(words):
            nonlocal data, chunks
            size = int(words[1])
            while len(data) < size:
                more()
            chunks, data = chunks + data[:size], data[size:]
            if len(words) > 2:
                self.keep(client, chunks, accepted)
                chunks = b""
            else:
                self.answer(client, "chunk", b"250 2.0.0 go on")

        try:
            if self.at_once:
                client = self.tls.wrap_socket(client, server_side=True)
            self.answer(client, "greeting", self.greeting)
            while True:
                line = upto(b"\r\n")
                with self.lock:
                    self.commands.append(line)
                verb = line[:4].upper().decode("latin-1").strip()
                if verb == "BDAT" and "BDAT" not in self.rules:
                    chunk(line.split())
                    continue
                hello = self.hello if secured or not self.tls else \
                    self.hello.replace(b"-sink", b"-sink\r\n250-STARTTLS")
                usual = {"EHLO": hello, "LHLO": hello,
                         "DATA": b"354 go on",
                         "QUIT": b"221 bye"}.get(verb, b"250 2.0.0 fine")
                reply = self.answer(client, verb, usual)
                if verb == "QUIT":
                    break
                if verb == "STAR" and reply.startswith(b"2"):
                    client = self.tls.wrap_socket(client, server_side=True)
                    data, secured = b"", True
                if verb in ("MAIL", "RSET"):
                    accepted.clear()
                if verb == "RCPT" and reply.startswith(b"2"):
                    accepted.append(line.split(b"<")[-1].split(b">")[0]
                                    .decode("latin-1"))
                if verb == "DATA" and reply.startswith(b"354"):
                    content()
        except OSError:
            pass
        client.close()

    def close(self):
        self.server.close()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Serve:
    def __init__(self, *options, upstream=(), ready=True, port=None,
                 listen=True, host="127.0.0.1", tempdir=True):
        self.port = port or free_port()
        self.log = tempfile.TemporaryFile(dir=TMP)
        command = [MAILSCAN, "serve", "--hostname", "gate.test", "--jobs", "1"]
        if tempdir:
            command += ["--tempdir", TMP]
        if "--engine=clamd" not in options:
            command += ["--database", DATABASE]
        if listen:
            command += ["--listen", "%s:%d" % (host, self.port)]
        for address in upstream:
            command += ["--upstream", address]
        self.process = subprocess.Popen(command + list(options),
                                        stderr=self.log,
                                        stdin=subprocess.DEVNULL)
        if ready:
            try:
                self.wait_for(": ready")
            except AssertionError:
                # Nobody has it, who could end it.
                self.process.kill()
                self.process.wait()
                raise

    def text(self):
        # Its place is the service's, too, which may be writing.
        fd = self.log.fileno()
        return os.pread(fd, os.fstat(fd).st_size, 0).decode()

    def wait_for(self, words, count=1):
        end = time.monotonic() + WAIT
        while self.text().count(words) < count:
            if time.monotonic() > end or (self.process.poll() is not None
                                          and words not in self.text()):
                raise AssertionError("no %r in the log:\n%s" %
                                     (words, self.text()))
            time.sleep(0.02)

    def children(self):
        """Of the master, in the order in which they were started."""
        path = "/proc/%d/task/%d/children" % ((self.process.pid,) * 2)
        with open(path) as f:
            return sorted(int(p) for p in f.read().split())

    def end(self, how=signal.SIGTERM):
        for client in list(Client.there.get(self.port, ())):
            client.close()
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            status = self.process.wait(WAIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError("does not end:\n" + self.text())
        return status


class Client:
    """Of the service at PORT. They are closed before it is to end, which
    would wait some seconds for them."""
    there = {}                  # by port

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), WAIT)
        self.stream = self.socket.makefile("rb")
        Client.there.setdefault(port, set()).add(self)
        self.port = port

    def reply(self):
        lines = []
        while True:
            line = self.stream.readline()
            if not line:
                return b"closed"
            lines.append(line)
            if line[3:4] != b"-":
                return b"".join(lines).rstrip(b"\r\n")

    def send(self, data):
        self.socket.sendall(data)

    def say(self, line):
        self.send(line + b"\r\n")
        return self.reply()

    def hello(self):
        want(self.reply(), b"220 gate.test")
        return self.say(b"EHLO client.test")

    def secure(self, context):
        """The handshake; nothing may be left to be read."""
        self.stream.close()
        self.socket = context.wrap_socket(self.socket)
        self.stream = self.socket.makefile("rb")

    def envelope(self):
        want(self.say(b"MAIL FROM:<a@example.org>"), b"250")
        want(self.say(b"RCPT TO:<b@example.org>"), b"250")

    def content(self, mail):
        want(self.say(b"DATA"), b"354")
        stuffed = (b"\r\n" + mail).replace(b"\r\n.", b"\r\n..")[2:]
        self.send(stuffed + b".\r\n")
        return self.reply()

    def mail(self, mail):
        self.envelope()
        return self.content(mail)

    def close(self):
        Client.there[self.port].discard(self)
        self.stream.close()
        self.socket.close()


def want(got, start):
    if not got.startswith(start):
        raise AssertionError("%r, and not %r" % (got, start))
    return got


def same(got, expected):
    if got != expected:
        raise AssertionError("%r, and not %r" % (got, expected))


def wait_until(condition):
    end = time.monotonic() + WAIT
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("it does not become so")
        time.sleep(0.02)


def once(sink, mail, *options):
    """One message through a server of its own: its last reply, its log."""
    serve = Serve(*options, upstream=[sink.address])
    try:
        client = Client(serve.port)
        client.hello()
        reply = client.mail(mail)
        client.say(b"QUIT")
        client.close()
    finally:
        status = serve.end()
    same(status, 0)
    return reply, serve.text()


def without_fields(mail):
    head = b"X-Virus-Scanned: mailscan "
    want(mail, head)
    lines = mail.split(b"\r\n")
    return b"\r\n".join(lines[2 if lines[1].startswith(b"X-Virus-Status: ")
                              else 1:])


def run(name, cases, last=None):
    """Run those of CASES (functions by name) that begin with "case_" and have
    the word in them that stands behind MAILSCAN and DATABASE on the command
    line; and LAST in the end."""
    global MAILSCAN, DATABASE, TMP
    MAILSCAN, DATABASE = sys.argv[1:3]
    TMP = tempfile.mkdtemp()
    word = sys.argv[3] if len(sys.argv) > 3 else ""
    passed = failed = 0
    try:
        for key, case in list(cases.items()):
            if not key.startswith("case_") or word not in key:
                continue
            begun = time.monotonic()
            try:
                case()
                passed += 1
            except Exception as e:
                failed += 1
                print("%s: %s: %s" % (name, key[5:], e))
            if os.environ.get("TIMES"):
                print("%6.2f s %s" % (time.monotonic() - begun, key[5:]))
        if last:
            last()
    finally:
        shutil.rmtree(TMP, ignore_errors=True)
    print("%s: %d passed, %d failed" % (name, passed, failed))
    return 1 if failed or not passed else 0
