"""A server of SMTP and LMTP for tests that notes every byte it gets."""

import os
import socket
import ssl
import subprocess
import threading


def certificate(directory):
    """A key and a certificate of our own for localhost, in one file."""
    path = os.path.join(directory, "localhost.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days",
         "2", "-subj", "/CN=localhost", "-addext",
         "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", path,
         "-out", path + ".crt"], check=True, stderr=subprocess.DEVNULL)
    with open(path, "ab") as both, open(path + ".crt", "rb") as crt:
        both.write(crt.read())
    return path


class Session:
    """One connection: what came, and in which pieces."""

    def __init__(self):
        self.data = b""         # all bytes, of TLS those inside
        self.pieces = []        # as they were received
        self.messages = []      # as they came over the wire, or of BDAT
        self.commands = []
        self.tls = self.ended = self.reset = False


class Sink:
    """Answers OVERRIDES[verb] where there is one: bytes, "" closes."""

    def __init__(self, overrides=None, pem=None, smtps=False, lmtp=False):
        self.overrides = overrides or {}
        self.smtps, self.lmtp = smtps, lmtp
        self.context = None
        if pem:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(pem)
        self.sessions = []
        self.threads = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.accepting = threading.Thread(target=self.accept, daemon=True)
        self.accepting.start()

    def accept(self):
        while True:
            try:
                client = self.listener.accept()[0]
            except OSError:
                return
            client.settimeout(20)
            session = Session()
            self.sessions.append(session)
            thread = threading.Thread(target=Talk(self, session, client).run,
                                      daemon=True)
            thread.start()
            self.threads.append(thread)

    def wait(self):
        """All that was said by those who have connected was heard."""
        for thread in self.threads:
            thread.join(20)

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.accepting.join(5)
        self.wait()


class Over(Exception):
    pass


class Talk:
    def __init__(self, sink, session, client):
        self.sink, self.session, self.client = sink, session, client
        self.waiting = b""

    def fill(self):
        try:
            piece = self.client.recv(65536)
        except ConnectionResetError:
            self.session.reset = True
            raise Over
        if not piece:
            self.session.ended = True
            raise Over
        self.session.pieces.append(piece)
        self.session.data += piece
        self.waiting += piece

    def until(self, end):
        while end not in self.waiting:
            self.fill()
        line, _, self.waiting = self.waiting.partition(end)
        return line + end

    def exactly(self, size):
        while len(self.waiting) < size:
            self.fill()
        data, self.waiting = self.waiting[:size], self.waiting[size:]
        return data

    def say(self, key, otherwise):
        reply = self.sink.overrides.get(key, otherwise)
        if not reply:
            raise Over
        self.client.sendall(reply.encode() + b"\r\n")
        return reply[:1]

    def start_tls(self):
        self.client = self.sink.context.wrap_socket(self.client,
                                                    server_side=True)
        self.session.tls = True

    def run(self):
        try:
            if self.sink.smtps:
                self.start_tls()
            self.serve()
        except (Over, OSError):
            pass
        self.client.close()

    def end_message(self, accepted):
        for _ in range(accepted if self.sink.lmtp else 1):
            self.say("end", "250 2.0.0 kept")

    def content(self):
        data = b""
        while not data.endswith(b"\r\n.\r\n") and data != b".\r\n":
            data += self.until(b"\n")
        self.session.messages.append(data)

    def hello(self):
        offers = ["sink", "PIPELINING", "SIZE 10000000", "8BITMIME",
                  "CHUNKING", "XCLIENT ADDR NAME", "XFORWARD ADDR NAME",
                  "AUTH " + self.sink.overrides.get("mechanisms",
                                                    "PLAIN LOGIN")]
        if self.sink.context and not self.session.tls:
            offers.append("STARTTLS")
        self.say("EHLO", "\r\n".join(
            "250%s%s" % (" " if o == offers[-1] else "-", o)
            for o in offers))

    def login(self, line):
        if b"LOGIN" in line.upper():
            for prompt in "334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6":
                self.say("334", prompt)
                self.session.commands.append(self.until(b"\r\n"))
        self.say("AUTH", "235 2.7.0 welcome")

    def serve(self):
        # A line of the PROXY protocol comes before the greeting.
        if self.sink.overrides.get("proxy"):
            self.session.commands.append(self.until(b"\r\n"))
        self.say("greeting", "220 sink")
        accepted, chunks = 0, b""
        while True:
            line = self.until(b"\n")
            self.session.commands.append(line)
            verb = line.split()[0].decode("latin-1").upper() \
                if line.split() else ""
            if verb in ("EHLO", "LHLO", "HELO"):
                self.hello()
            elif verb == "RCPT":
                key = "RCPT " + line.partition(b"<")[2].partition(b">")[
                    0].decode("latin-1")
                default = self.sink.overrides.get("RCPT", "250 2.1.5 ok")
                accepted += self.say(key, default) == "2"
            elif verb == "DATA":
                if self.say("DATA", "354 go on") == "3":
                    self.content()
                    self.end_message(accepted)
                    accepted = 0
            elif verb == "BDAT":
                chunks += self.exactly(int(line.split()[1]))
                if line.upper().endswith(b"LAST\r\n"):
                    self.session.messages.append(chunks)
                    self.end_message(accepted)
                    accepted, chunks = 0, b""
                else:
                    self.say("BDAT", "250 2.0.0 chunk")
            elif verb == "STARTTLS":
                if self.say("STARTTLS", "220 2.0.0 go") == "2":
                    self.start_tls()
            elif verb == "AUTH":
                self.login(line)
            elif verb == "QUIT":
                self.say("QUIT", "221 2.0.0 bye")
                return
            else:
                self.say(verb, "220 sink" if verb == "XCLIENT"
                         else "250 2.0.0 ok")
