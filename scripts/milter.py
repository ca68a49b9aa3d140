"""A milter that edits every message, for tests with a real mail server.

It speaks just enough of version 6 of the protocol: a packet is a length of
four bytes, a letter and data. At the end of each message it sends the edits
that it was given.
"""

import socket
import struct
import threading

# What it may do: add and change headers, replace the body, add and remove
# recipients.
ACTIONS = 0x01 | 0x02 | 0x04 | 0x08 | 0x10


def add_header(name, value):
    return b"h" + name + b"\0" + value + b"\0"


def change_header(name, number, value):
    """An empty VALUE removes it."""
    return b"m" + struct.pack("!I", number) + name + b"\0" + value + b"\0"


def replace_body(data):
    return b"b" + data


def add_recipient(address):
    return b"+" + address + b"\0"


def delete_recipient(address):
    return b"-" + address + b"\0"


class Milter:
    """Listens on a port of its own until close()."""

    def __init__(self, edits):
        self.edits = edits
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.listener.close()

    def _accept(self):
        while True:
            try:
                connection = self.listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,),
                             daemon=True).start()

    def _serve(self, connection):
        stream = connection.makefile("rwb")

        def answer(packet):
            stream.write(struct.pack("!I", len(packet)) + packet)
            stream.flush()

        while True:
            size = stream.read(4)
            if len(size) < 4:
                return
            packet = stream.read(struct.unpack("!I", size)[0])
            command = packet[:1]
            if command == b"O":
                answer(b"O" + struct.pack("!III", 6, ACTIONS, 0))
            elif command == b"E":
                for edit in self.edits:
                    answer(edit)
                answer(b"c")
            elif command == b"Q":
                return
            elif command not in b"DAK":
                answer(b"c")
