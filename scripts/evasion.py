"""What the cases of mkevasion are made of: payloads, their encodings, the
databases that know them, and a mail of which every piece can be replaced.

A mail is written as text with \\n at the ends of lines, which becomes CRLF;
a character is a byte (Latin-1). LF and CR stand for bare ones.
"""

import base64
import dataclasses
import glob
import hashlib
import os
import random
import typing

LF, CR = "\ue000", "\ue001"


def version():
    """A digest of all that makes cases."""
    here = os.path.dirname(os.path.abspath(__file__))
    digest = hashlib.sha256()
    for name in sorted(glob.glob(os.path.join(here, "evasion*.py"))) + [
            "attacks.py", "mailtest.py", "mkevasion"]:
        with open(os.path.join(here, name), "rb") as stream:
            digest.update(stream.read())
    return digest.hexdigest()


# Payloads. Each holds one of two marks, behind a lead of its own length, so
# that the mark begins at any of the three places in a base64 group. No byte
# string of a mark of more than a few bytes comes through an encoding as it is.

BINARY_MARK = bytes.fromhex("e8003d5bfc81ebf00d3dc0de0a3d9031c9b1ff3d"
                            "8a065300ff3dfee2f9cc0d0a")
TEXT_MARK = "schlüssel=«défi»=über=«naïve=garçon»=".encode()


def noise(seed, size):
    return random.Random(seed).randbytes(size)


def program(seed):
    """Looks like the beginning of a program, and is none."""
    size = 61 + seed * 7
    return (b"MZ\x90\0\3\0\0\0" + noise(seed, size) + BINARY_MARK +
            noise(seed + 100, 190 + seed % 3))


def script(seed):
    """One line of text, without an end of line: the bytes are the same
    wherever it is saved."""
    words = "".join("var k%d=\"%02x\";" % (i, (i * 37 + seed) & 0xff)
                    for i in range(6 + seed))
    return (words.encode() + TEXT_MARK + words.upper().encode() +
            b"run(k0);")


def lines(seed):
    """Text in lines, with CRLF."""
    return b"".join(b"set k%d=%02x\r\n" % (i, i * 29 + seed)
                    for i in range(5 + seed)) + TEXT_MARK + b"\r\nrun k0"


PROGRAMS = [program(seed) for seed in range(8)]
SCRIPTS = [script(seed) for seed in range(5)]
LINES = [lines(seed) for seed in range(2)]

# What some decoders leave as it is: not an encoding of anything.
LITERALS = [script(20) + rest for rest in (
    b" a=@b=@c;", b" k=0x41;=0xff;", b" a= =b= =c;", b" if(a==b)==c;",
    b" x=Zz;=?;=-1;", b"=")]


def hashed():
    """Every payload, with each form in which it may be saved."""
    out = PROGRAMS + SCRIPTS + LITERALS
    for text in LINES:
        out += [text, text.replace(b"\r\n", b"\n")]
    return out


EXTRA_HASHED = []


def remember(payload):
    """Have PAYLOAD, made for one case, in the database as well."""
    if payload not in EXTRA_HASHED and payload not in hashed():
        EXTRA_HASHED.append(payload)
    return payload


def substring_database():
    rows = (("Binary", BINARY_MARK), ("Text", TEXT_MARK))
    return "".join("Evasion.Substring.%s:0:*:%s\n" % (name, mark.hex())
                   for name, mark in rows)


def exact_database():
    return "".join("%s:%d:Evasion.Exact.%d:73\n" % (
        hashlib.sha256(payload).hexdigest(), len(payload), number)
        for number, payload in enumerate(hashed() + EXTRA_HASHED, 1))


# Encodings.

PLAIN = frozenset(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                  b"abcdefghijklmnopqrstuvwxyz(),;:\"")


def wrap(text, width=76):
    return "".join(text[i:i + width] + "\n"
                   for i in range(0, len(text), width))


def b64(data, width=76):
    return wrap(base64.b64encode(data).decode(), width)


def quote_byte(byte):
    return chr(byte) if byte in PLAIN else "=%02X" % byte


def qp(data, width=72, soft="=\n", quote=quote_byte):
    """DATA without hard breaks, and an end of line."""
    out, line = [], ""
    for byte in data:
        piece = quote(byte)
        if len(line) + len(piece) > width:
            out.append(line)
            line = ""
        line += piece
    return soft.join(out + [line]) + "\n"


@dataclasses.dataclass
class Enc:
    """An encoded payload, and what its encoding is called."""
    name: str
    payload: bytes
    data: str

    @property
    def other(self):
        return "quoted-printable" if self.name == "base64" else "base64"

    @property
    def alone(self):
        """The data of a body that no delimiter ends."""
        if self.name == "quoted-printable":
            return self.data[:-1] + "=\n"
        return self.data


def as_base64(payload):
    return Enc("base64", payload, b64(payload))


def as_qp(payload):
    return Enc("quoted-printable", payload, qp(payload))


# Mail.

HEAD = ("From: Anna Example <anna@example.org>\n"
        "To: Otto Example <otto@example.org>\n"
        "Date: Mon, 02 Mar 2026 09:14:07 +0100\n"
        "Message-ID: <evasion@test.example>\n"
        "Subject: The file\n")
VERSION = "MIME-Version: 1.0\n"
B, OTHER = "Part_7f31", "Other_9c02"
TEXT_PART = "Content-Type: text/plain\n\nSee the attached file.\n"
NOTHING = "Content-Type: text/plain\n\nNothing else.\n"


def finish(text):
    """The bytes of a mail."""
    return text.replace("\n", "\r\n").replace(LF, "\n").replace(
        CR, "\r").encode("latin-1")


MIXED = {
    "head": HEAD, "version": VERSION,
    "type": "Content-Type: multipart/mixed; boundary=\"{B}\"\n",
    "separator": "\n", "preamble": "",
    "first": "--{B}\n" + TEXT_PART, "open": "--{B}\n",
    "part_type": "Content-Type: application/octet-stream; name=\"a.bin\"\n",
    "cte": "Content-Transfer-Encoding: {E}\n",
    "disposition": "Content-Disposition: attachment; filename=\"a.bin\"\n",
    "part_separator": "\n", "data": "{D}", "close": "--{B}--\n",
    "epilogue": "",
}
SINGLE = dict(
    MIXED, type="", separator="", first="", open="", close="",
    data="{A}")


def fill(pieces, e):
    """PIECES in the order of MIXED, with the names of E in their places."""
    text = "".join(pieces[name] for name in MIXED)
    for name, value in (("{B}", B), ("{O}", OTHER), ("{E}", e.name),
                        ("{X}", e.other), ("{D}", e.data),
                        ("{A}", e.alone)):
        text = text.replace(name, value)
    return text


def mixed(e, **pieces):
    return finish(fill(dict(MIXED, **pieces), e))


def single(e, **pieces):
    return finish(fill(dict(SINGLE, **pieces), e))


def attached(e, **pieces):
    """The part alone, from its header on."""
    text = {name: "" for name in MIXED}
    for name in ("part_type", "cte", "disposition", "part_separator",
                 "data"):
        text[name] = MIXED[name]
    text.update(pieces)
    return fill(text, e)


@dataclasses.dataclass
class Case:
    """One case. EXPECT is "found", or "told" where the payload is out of
    reach or may be: then every verdict but clean will do."""
    family: str
    text: str
    build: typing.Callable[[], bytes]
    ambiguous: bool = True
    expect: str = "found"
    exact: bool = True
    suffix: str = "eml"
    ident: str = ""
