"""Scanners besides the engine, for the checks of them: a real spamd, somebody
who says what he likes, programs."""

import os
import re
import signal
import socket
import subprocess
import tempfile
import threading
import time

import servelib
from servelib import CLEAN, free_port

GTUBE = b"XJS*C4JDBQADN1.NSBN3*2IDNEN*" + \
    b"GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
SPAM = CLEAN.replace(b"How are you?", GTUBE)
RCPT = b"b@example.org"


class Spamd:
    """A spamd on loopback, with settings for RCPT, who minds nothing."""

    def __init__(self):
        self.place = tempfile.TemporaryDirectory(dir=servelib.TMP)
        path = self.place.name
        os.chmod(servelib.TMP, 0o711)
        users = os.path.join(path, "users", RCPT.decode())
        os.makedirs(users)
        with open(os.path.join(users, "user_prefs"), "w") as f:
            f.write("required_score 2000\n")
        home = os.path.join(path, "home")
        os.mkdir(home)
        subprocess.run(["chown", "-R", "nobody:nogroup", path], check=True)
        self.port = free_port()
        self.log = os.path.join(path, "log")
        with open(os.path.join(path, "out"), "wb") as out:
            self.process = subprocess.Popen(
                ["spamd", "--local", "-i", "127.0.0.1", "-p", str(self.port),
                 "-m", "2", "-u", "nobody", "-x", "-H", home,
                 "--virtual-config-dir", os.path.join(path, "users", "%u"),
                 "-s", self.log], stdin=subprocess.DEVNULL, stdout=out,
                stderr=out, start_new_session=True)
        end = time.monotonic() + 60
        while b"PONG" not in self.ping():
            assert time.monotonic() < end and self.process.poll() is None, \
                "spamd does not start"
            time.sleep(0.2)

    def ping(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), 5) as s:
                s.sendall(b"PING SPAMC/1.5\r\n\r\n")
                return s.recv(100)
        except OSError:
            return b""

    def end(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.place.cleanup()


class Fake:
    """Somebody at a port who reads what comes and says SAID; or None: who
    never says anything."""

    def __init__(self, said, unix=None):
        self.said, self.heard = said, []
        self.server = socket.socket(socket.AF_UNIX if unix else
                                    socket.AF_INET)
        self.server.bind(unix or ("127.0.0.1", 0))
        self.server.listen(10)
        self.address = "unix:" + unix if unix else \
            "127.0.0.1:%d" % self.server.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        kept = []
        while True:
            try:
                client = self.server.accept()[0]
            except OSError:
                return
            client.settimeout(1)
            heard = client.recv(65536)
            # Who does not listen to the end is not listened to either.
            size = re.search(rb"\nContent-length: (\d+)\r", heard)
            while size and len(heard) < size.end() + int(size.group(1)):
                heard += client.recv(65536) or b" " * int(size.group(1))
            self.heard.append(heard)
            if self.said is None:
                kept.append(client)
                continue
            said = self.said(self.heard[-1]) if callable(self.said) else \
                self.said
            client.sendall(said)
            client.close()


def program(text):
    handle, path = tempfile.mkstemp(dir=servelib.TMP)
    os.write(handle, ("#!/bin/sh\n" + text).encode())
    os.fchmod(handle, 0o755)
    os.close(handle)
    return path
