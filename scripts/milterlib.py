"""A mail server's side of the milter protocol (version 6), and mailscan milter
with the service that it asks: what a real mail server never does is done here.
"""

import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time

import servelib
from servelib import WAIT, Serve, free_port

# What a filter may ask for: all of it.
ACTIONS = 0x1ff
# No reply to anything but the end; white space behind the colon.
SILENT = 0x1ff380 & ~0x800
LEADSPC = 0x100000

ENDS = {b"a": "accept", b"c": "continue", b"d": "discard", b"r": "reject",
        b"t": "tempfail", b"y": "reply"}


def parted(mail):
    """Header and body."""
    if mail.startswith(b"\r\n"):
        return b"", mail[2:]
    return mail.split(b"\r\n\r\n", 1)


def fields_of(head):
    """As Postfix hands them over."""
    fields = []
    for line in head.split(b"\r\n"):
        if line[:1] in (b" ", b"\t") and fields:
            fields[-1] += b"\n" + line
        elif line:
            fields.append(line)
    return [field.split(b":", 1) for field in fields]


def edited(mail, edits):
    """The mail, as a server with LEADSPC makes it by EDITS."""
    head, body = parted(mail)
    fields, pieces = fields_of(head), []
    for letter, data in edits:
        if letter == b"b":
            pieces.append(data)
            continue
        number, = struct.unpack("!I", data[:4])
        name, value = data[4:].split(b"\0")[:2]
        at = [i for i, field in enumerate(fields)
              if field[0].lower() == name.lower()]
        if letter == b"i":
            fields.insert(number, [name, value])
        elif letter == b"m" and value:
            fields[at[number - 1]][1] = value
        elif letter == b"m":
            del fields[at[number - 1]]
        else:
            raise AssertionError(letter)
    return b"".join(b"%s:%s\r\n" % (name, value.replace(b"\n", b"\r\n"))
                    for name, value in fields) + b"\r\n" + \
        (b"".join(pieces) if pieces else body)


class Server:
    """One connection to the filter at PORT, or at a path."""

    def __init__(self, where, actions=ACTIONS, steps=SILENT, negotiate=True):
        if isinstance(where, int):
            self.socket = socket.create_connection(("127.0.0.1", where), WAIT)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        else:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(WAIT)
            self.socket.connect(where)
        self.stream = self.socket.makefile("rb")
        self.steps = 0
        if negotiate:
            self.send(b"O", struct.pack("!III", 6, actions, steps))
            letter, data = self.packet()
            assert letter == b"O", letter
            self.version, self.actions, self.steps = struct.unpack(
                "!III", data[:12])

    def send(self, letter, data=b""):
        self.socket.sendall(struct.pack("!I", len(data) + 1) + letter + data)

    def packet(self):
        """The next one, but for those that only ask for patience."""
        while True:
            size = self.stream.read(4)
            if len(size) < 4:
                return b"", b""
            data = self.stream.read(struct.unpack("!I", size)[0])
            if data[:1] != b"p":
                return data[:1], data[1:]

    def say(self, letter, data=b"", silent=0):
        """A command, and its answer, if there is one by what was agreed."""
        self.send(letter, data)
        if self.steps & silent:
            return b"c"
        return self.packet()[0]

    def macros(self, letter, **names):
        data = b"".join((b"{%s}\0%s\0" if len(k) > 1 else b"%s\0%s\0") % (
            k.encode(), v if isinstance(v, bytes) else v.encode())
            for k, v in names.items())
        self.send(b"D", letter + data)

    def hello(self, address=b"192.0.2.7", name=b"client.example.net",
              helo=None):
        self.macros(b"C", j="mta.example.com", client_addr=address.decode())
        self.say(b"C", b"%s\0%s\0\x19%s\0" % (
            name, b"6" if b":" in address else b"4",
            b"IPv6:" * (b":" in address) + address), 0x1000)
        return self.say(b"H", (helo or name) + b"\0", 0x2000)

    def envelope(self, sender=b"<anna@example.org>",
                 recipients=(b"<otto@example.com>",), **macros):
        self.macros(b"M", **macros)
        answer = self.say(b"M", sender + b"\0", 0x4000)
        for recipient in recipients:
            self.say(b"R", recipient + b"\0", 0x8000)
        return answer

    def field(self, name, value):
        return self.say(b"L", name + b"\0" + value + b"\0", 0x80)

    def header(self, head):
        for name, value in fields_of(head):
            if not self.steps & LEADSPC:
                value = value.lstrip(b" ")
            self.field(name, value)
        return self.say(b"N", b"", 0x40000)

    def body(self, data):
        for i in range(0, len(data), 65535):
            self.say(b"B", data[i:i + 65535], 0x80000)

    def end(self, **macros):
        """The verdict, and the edits before it."""
        self.macros(b"E", **(macros or {"i": "4XyZ"}))
        self.send(b"E")
        edits = []
        while True:
            letter, data = self.packet()
            if letter in ENDS or not letter:
                return ENDS.get(letter, "gone"), data.rstrip(b"\0"), edits
            edits.append((letter, data))

    def mail(self, mail, **envelope):
        self.envelope(**envelope)
        head, body = parted(mail)
        self.header(head)
        self.body(body)
        return self.end()

    def abort(self):
        self.send(b"A")

    def quit(self):
        self.send(b"Q")
        self.close()

    def close(self):
        self.stream.close()
        self.socket.close()


class Filter:
    """mailscan milter; its log is read as that of a service."""

    def __init__(self, *options, listen=None, service, ready=True, **how):
        self.port = None
        if listen is None:
            self.port = free_port()
            listen = "inet:%d@127.0.0.1" % self.port
        self.log = tempfile.TemporaryFile(dir=servelib.TMP)
        self.process = subprocess.Popen(
            [servelib.MAILSCAN, "milter", "--listen", listen,
             "--scan-socket", service, "--tempdir", servelib.TMP,
             "--debug=4", *options], stderr=self.log,
            stdin=subprocess.DEVNULL, **how)
        if ready:
            self.wait_for(": ready")

    text = Serve.text
    wait_for = Serve.wait_for
    children = Serve.children

    def end(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            return self.process.wait(WAIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError("does not end:\n" + self.text())


class Pair:
    """A service with a scan socket, and a filter that asks it."""

    def __init__(self, *options, milter=(), listen=None):
        self.dir = tempfile.mkdtemp(prefix="mailscan-milter-", dir="/tmp")
        os.chmod(self.dir, 0o755)
        self.path = os.path.join(self.dir, "scan.sock")
        self.options = options
        self.serve = None
        try:
            self.start_service()
            self.filter = Filter(*milter, listen=listen, service=self.path)
        except BaseException:
            if self.serve:
                self.serve.end()
            shutil.rmtree(self.dir, ignore_errors=True)
            raise

    def start_service(self):
        self.serve = Serve("--sink", "--scan-socket", self.path,
                           *self.options)

    def __enter__(self):
        return self

    def server(self, **options):
        server = Server(self.filter.port, **options)
        server.hello()
        return server

    def __exit__(self, kind, value, trace):
        if kind:
            print(self.serve.text(), self.filter.text())
        try:
            status = self.filter.end()
        finally:
            self.serve.end()
            shutil.rmtree(self.dir, ignore_errors=True)
        if not kind and status != 0:
            raise AssertionError("the filter ended with %d" % status)


def once(mail, *options, milter=()):
    """One message through a pair of its own."""
    with Pair(*options, milter=milter) as pair:
        server = pair.server()
        answer = server.mail(mail)
        server.quit()
        return answer


def descendants(pid):
    with open("/proc/%d/task/%d/children" % (pid, pid)) as f:
        children = [int(p) for p in f.read().split()]
    return [d for c in children for d in [c] + descendants(c)]


def stuck(pair):
    """The service's scanner and its workers, stopped."""
    pids = []
    for child in pair.serve.children():
        pids += descendants(child)
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    return pids
