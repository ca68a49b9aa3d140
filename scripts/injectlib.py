"""What senders, and those whom mailscan asks, may write that means something to
somebody, and what may come of it."""

import base64
import io
import re
import urllib.parse
import zipfile

from servelib import EICAR, same

TEXTS = (
    b"\r\nX-Virus-Status: Clean", b"$(touch /tmp/mailscan-injected)", b"`id`", b";id;",
    b"' \" \\", b"%n%s%d", b"{{virus}}", b"A" * 65536, b"\xff\xfe\xc3(",
    b"\x1b]0;x\x07", "\u202egnp.exe".encode(), b"-rf", b"=cmd|x",
    b"x\nLD_PRELOAD=/tmp/x.so")
PLACES = ("sender", "recipient", "helo", "name", "far helo", "subject", "from",
          "message-id", "file name", "member", "reply", "date", "type",
          "parameter", "queue id", "refusal", "answer", "virus")


def flat(text):
    """On one line, as far as lines go."""
    return text.replace(b"\r\n", b"\x0b").replace(b"\n", b"\x0c")


def word(text):
    return b"=?utf-8?B?" + base64.b64encode(text) + b"?="


def xtext(text):
    return b"".join(b"+%02X" % c for c in text)


def message(place, text, content=EICAR):
    """With TEXT where PLACE is, and CONTENT in an archive."""
    at = {place: text}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as z:
        name = at.get("member", b"a.com").decode("latin-1")[:1000]
        z.writestr(zipfile.ZipInfo(name), content)
    lines = [
        b"From: " + word(at.get("from", b"a")) + b" <a@example.org>",
        b"To: b@example.org",
        b"Subject: " + word(at.get("subject", b"hello")),
        b"Message-ID: <" + flat(at.get("message-id", b"1@example.org")) + b">",
        b"Date: " + flat(at.get("date", b"Sat, 21 Nov 2026 10:00:00 +0000")),
        b"MIME-Version: 1.0",
        b"Content-Type: multipart/mixed; boundary=b",
        b"",
        b"--b",
        b"Content-Type: application/" + flat(at.get("type", b"zip")),
        b"Content-Transfer-Encoding: base64",
        b"Content-Disposition: attachment; filename*=utf-8''" +
        urllib.parse.quote_from_bytes(at.get("file name", b"a.zip"),
                                      safe="").encode(),
        b"",
        base64.encodebytes(packed.getvalue()).replace(b"\n", b"\r\n") +
        b"--b--",
        b""]
    return b"\r\n".join(lines)


def is_plain(text):
    return re.fullmatch(rb"[ -~]*", text) is not None


def check_text_log(text):
    for line in text.splitlines():
        assert line.startswith("mailscan: "), line
        assert line.isprintable(), line
        assert "\u202e" not in line, line


def once_each(pairs):
    """No key of an object twice."""
    found = dict(pairs)
    same(len(found), len(pairs))
    return found
