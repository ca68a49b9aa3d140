"""A clamd of our own, which says and does what real ones should not."""

import array
import os
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import time

import servelib
from servelib import EICAR, WAIT, free_port

CLAMD = shutil.which("clamd", path="/usr/sbin:/usr/local/sbin:" +
                     os.environ.get("PATH", ""))

STAGES = ["connect", "VERSION", "zINSTREAM", "chunk", "end", "reply",
          "mid-reply", "idle"]
EVIL = b"stream: x\r\nX-Evil: 1\0y FOUND\0"
WAYS = {
    "close": b"",
    "hang": None,
    "error": b"something is wrong ERROR\0",
    "garbage": b"\xff\xfe220 hello\r\n\0",
    "endless": b"x" * 10000000,
    "name": EVIL,
}
VERSION = b"ClamAV 1.4.6/27840/Sat Nov 21 08:02:11 2026"


class Fake:
    """A clamd on loopback, or on the unix socket PATH, that fails at STAGE in
    a WAY of WAYS; REPLY is what it says of all contents, or None, for what a
    clamd with EICAR's signature would say, and VERSION of itself."""

    def __init__(self, stage=None, way=None, reply=None, path=None, port=0,
                 takes_descriptors=True, version=VERSION):
        self.stage, self.way, self.reply = stage, way, reply
        self.version = version
        self.takes_descriptors = takes_descriptors
        self.commands = []
        self.open = set()
        if path:
            self.server = socket.socket(socket.AF_UNIX)
            self.server.bind(path)
            self.address = "unix:" + path
        else:
            self.server = socket.socket()
            self.server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.server.bind(("127.0.0.1", port))
            self.address = "127.0.0.1:%d" % self.server.getsockname()[1]
        self.server.listen(20)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        first = True
        while True:
            try:
                client = self.server.accept()[0]
            except OSError:
                return
            self.open.add(client)
            threading.Thread(target=self.serve, args=(client, first),
                             daemon=True).start()
            first = False

    def close(self):
        """As if it were killed."""
        self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()
        for client in list(self.open):
            try:
                client.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def at(self, client, stage):
        """Fail, if it is time to."""
        if stage != self.stage:
            return
        said = WAYS[self.way]
        if said is None:
            time.sleep(60)
            raise OSError("hung as asked")
        client.sendall(said)
        client.shutdown(socket.SHUT_WR)
        # What is on its way must not become a reset of the connection.
        while client.recv(65536):
            pass
        raise OSError("failed as asked")

    def content(self, client, data):
        def take(size):
            nonlocal data
            while len(data) < size:
                piece = client.recv(65536)
                if not piece:
                    raise OSError("gone")
                data += piece
            piece, data = data[:size], data[size:]
            return piece

        whole = b""
        while True:
            size, = struct.unpack(">I", take(4))
            if size == 0:
                return whole
            whole += take(size)
            self.at(client, "chunk")

    def descriptor(self, client):
        space = socket.CMSG_SPACE(4)
        _, control, _, _ = client.recvmsg(1, space)
        numbers = array.array("i")
        numbers.frombytes(control[0][2][:4])
        with os.fdopen(numbers[0], "rb") as f:
            f.seek(0)
            return f.read()

    def say(self, client, subject, content):
        reply = self.reply or subject + (
            b": Test.EICAR FOUND" if EICAR in content else b": OK")
        self.at(client, "reply")
        client.sendall(reply[:8])
        self.at(client, "mid-reply")
        client.sendall(reply[8:] + b"\0")
        self.at(client, "idle")

    def talk(self, client, first):
        if not first:
            self.at(client, "connect")
        command = b""
        # Not a byte more: a descriptor may follow.
        while not command.endswith(b"\0"):
            piece = client.recv(1)
            if not piece:
                return
            command += piece
        command = command[:-1]
        self.commands.append(command)
        if command == b"zVERSION":
            self.at(client, "VERSION")
            client.sendall(self.version + b"\0")
        elif command == b"zINSTREAM":
            self.at(client, "zINSTREAM")
            content = self.content(client, b"")
            self.at(client, "end")
            self.say(client, b"stream", content)
        elif command == b"zFILDES" and self.takes_descriptors:
            self.say(client, b"fd[7]", self.descriptor(client))
        elif command == b"zFILDES":
            client.recv(1)
            client.sendall(b"No file descriptor received. ERROR\0")
        else:
            client.sendall(b"UNKNOWN COMMAND\0")

    def serve(self, client, first):
        try:
            self.talk(client, first)
        except OSError:
            pass
        client.close()
        self.open.discard(client)


class Clamd:
    """A real one, with a configuration of its own."""

    def __init__(self, *lines, port=None):
        self.dir = tempfile.mkdtemp()
        self.port = port or free_port()
        self.path = os.path.join(self.dir, "ctl")
        shutil.copytree(servelib.DATABASE, os.path.join(self.dir, "db"))
        self.lines = lines
        self.start()

    def start(self):
        conf = os.path.join(self.dir, "clamd.conf")
        with open(conf, "w") as f:
            f.write("LocalSocket %s\nTCPSocket %d\nTCPAddr 127.0.0.1\n"
                    "DatabaseDirectory %s/db\nForeground yes\n%s\n" %
                    (self.path, self.port, self.dir, "\n".join(self.lines)))
        self.process = subprocess.Popen(
            [CLAMD, "-c", conf], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        end = time.monotonic() + WAIT
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except OSError:
                assert self.process.poll() is None, "clamd does not start"
                assert time.monotonic() < end, "clamd does not listen"
                time.sleep(0.05)

    def stop(self):
        self.process.terminate()
        self.process.wait(WAIT)

    def close(self):
        self.stop()
        shutil.rmtree(self.dir)
