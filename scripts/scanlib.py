"""The local scan socket of a service, for a program that speaks to it
itself."""

import array
import os
import socket
import struct

import servelib

SCAN, FACT, DONE, REFUSED, ENVELOPE, KEPT = 64, 65, 66, 67, 68, 69
VERSION = 6


class Local:
    """A program that uses the local scan socket."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.settimeout(servelib.WAIT)
        self.socket.connect(path)

    def ask(self, number, mail, version=VERSION, size=None):
        fd = os.memfd_create("mail")
        os.write(fd, mail)
        frame = struct.pack("=BIQQBBBI", SCAN, version, number,
                            len(mail) if size is None else size, 0, 0, 0,
                            0)
        self.socket.sendmsg([frame], [(socket.SOL_SOCKET, socket.SCM_RIGHTS,
                                       array.array("i", [fd]))])
        os.close(fd)

    def envelope(self, number, sender, recipients):
        """Of the next message, which is to be kept."""
        def string(text):
            return struct.pack("=I", len(text)) + text
        none = struct.pack("=I", 0xffffffff)
        self.socket.send(struct.pack("=BIQBBB", ENVELOPE, VERSION, number,
                                     1, 0, 0) +
                         2 * none + string(sender) + 5 * none +
                         struct.pack("=QI", 0, len(recipients)) +
                         b"".join(map(string, recipients)) +
                         struct.pack("=Q", 0))

    def answer(self):
        """Type and frame of DONE or REFUSED, and the facts before it."""
        facts = []
        while True:
            frame = self.socket.recv(65536)
            if not frame:
                return None, b"", facts
            if frame[0] not in (FACT, KEPT):
                return frame[0], frame, facts
            facts.append(frame)
