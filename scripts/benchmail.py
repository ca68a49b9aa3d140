"""Mail for scripts/bench that the generators of corpora do not make: small
messages, and one newsletter in many mailboxes."""

import base64
import os
import random
import zlib

CONSONANTS, VOWELS = "bcdfghjklmnprstvwz", "aeiou"


class Writer:
    """Text as in a language that nobody speaks; the same for a seed."""

    def __init__(self, seed):
        # Not the generators' own stream of numbers: equal bytes in mail and
        # in signatures would be found.
        self.random = random.Random("benchmail-%d" % seed)
        self.words = ["".join(
            self.random.choice(CONSONANTS) + self.random.choice(VOWELS)
            for _ in range(self.random.randrange(1, 5))) for _ in range(2000)]

    def text(self, size):
        lines, line = [], ""
        while sum(map(len, lines)) + len(line) < size:
            line += self.random.choice(self.words) + " "
            if len(line) > 68:
                lines.append(line.strip() + "\n")
                line = ""
        return "".join(lines) + line.strip() + "\n"

    def html(self, size):
        out = "<!DOCTYPE html>\n<html><head><title>%s</title></head><body>\n" \
            % self.random.choice(self.words)
        while len(out) < size:
            out += '<p style="margin:%dpx">%s</p>\n<a href="https://www.%s' \
                '.example/%x">%s</a>\n' % (
                    self.random.randrange(20),
                    self.text(self.random.randrange(100, 600)).strip(),
                    self.random.choice(self.words),
                    self.random.getrandbits(60),
                    self.random.choice(self.words))
        return out + "</body></html>\n"

    def header(self, number):
        word = self.random.choice
        return "Return-Path: <%s@%s.example>\nReceived: from mx.%s.example " \
            "by mail.example; Mon, 2 Mar 2026 09:14:07 +0100\nFrom: %s <%s@" \
            "%s.example>\nTo: you@mail.example\nSubject: %s %s\nDate: Mon, " \
            "02 Mar 2026 09:14:07 +0100\nMessage-ID: <%d.%x@%s.example>\n" \
            "MIME-Version: 1.0\n" % (
                word(self.words), word(self.words), word(self.words),
                word(self.words), word(self.words), word(self.words),
                word(self.words), word(self.words), number,
                self.random.getrandbits(60), word(self.words))

    def picture(self, size):
        data = zlib.compress(self.random.randbytes(size))
        text = base64.b64encode(b"\x89PNG\r\n\x1a\n" + data).decode()
        return "\n".join(text[i:i + 76] for i in range(0, len(text), 76))


def alternative(writer, text, html, more=""):
    return "Content-Type: multipart/mixed; boundary=mixed\n\n--mixed\n" \
        "Content-Type: multipart/alternative; boundary=alt\n\n--alt\n" \
        "Content-Type: text/plain; charset=utf-8\n\n%s\n--alt\n" \
        "Content-Type: text/html; charset=utf-8\n\n%s\n--alt--\n%s" \
        "--mixed--\n" % (writer.text(text), writer.html(html), more)


def write(directory, number, text):
    path = os.path.join(directory, "%05d.eml" % number)
    with open(path, "w", encoding="ascii") as stream:
        stream.write(text)
    return len(text)


def small(directory, count, seed=1):
    """COUNT messages of 2 to 20 KB: text, or text and HTML. Their bytes."""
    writer = Writer(seed)
    total = 0
    os.makedirs(directory)
    for number in range(count):
        size = int(2000 * 10 ** writer.random.random())
        if number % 2:
            body = "Content-Type: text/plain; charset=utf-8\n\n" + \
                writer.text(size)
        else:
            body = alternative(writer, size // 4, size * 3 // 4)
        total += write(directory, number, writer.header(number) + body)
    return total


def newsletter(directory, count, same):
    """One newsletter of some 70 KB in COUNT mailboxes: wholly the same, or
    with other last lines of the header. Its bytes in all."""
    writer = Writer(99)
    header = writer.header(1)
    picture = "--mixed\nContent-Type: image/png; name=a.png\n" \
        "Content-Transfer-Encoding: base64\n\n%s\n" % writer.picture(30000)
    body = alternative(writer, 3000, 25000, picture)
    total = 0
    os.makedirs(directory)
    for number in range(count):
        own = "" if same else \
            "Delivered-To: user%d@mail.example\nX-UID: %d\n" % (number,
                                                                number)
        total += write(directory, number, header + own + body)
    return total


def one(directory):
    """A single message of a few bytes, for what a run costs without mail."""
    os.makedirs(directory)
    return write(directory, 0, "Subject: one\n\none\n")


def maildir(directory, first, count):
    """COUNT small messages more in a Maildir, delivered long ago."""
    for part in ("cur", "new", "tmp"):
        os.makedirs(os.path.join(directory, part), exist_ok=True)
    folder = os.open(os.path.join(directory, "cur"), os.O_RDONLY)
    for number in range(first, first + count):
        name = "%d.M%dP1.mx:2,S" % (1500000000 + number, number)
        fd = os.open(name, os.O_WRONLY | os.O_CREAT, 0o600, dir_fd=folder)
        os.write(fd, b"From: a%d@mail.example\nTo: you@mail.example\n"
                 b"Subject: %d\nMessage-ID: <%d@mail.example>\n\nThe text "
                 b"of number %d, and no more than that.\n" % (
                     number, number, number, number))
        os.utime(fd, (1, 1500000000 + number))
        os.close(fd)
    os.close(folder)
    for part in ("cur", "new", ""):
        os.utime(os.path.join(directory, part), (1, 1500000000 + first))


def holes(path, gigabytes):
    """An mbox of messages that are a hole of 256 MiB each."""
    with open(path, "wb") as stream:
        for number in range(4 * gigabytes):
            stream.write(b"From a@mail.example Mon Mar  2 09:14:07 2026\n"
                         b"Subject: %d\n\n" % number)
            stream.seek(256 << 20, os.SEEK_CUR)
            stream.write(b"\n\n")
    os.utime(path, (1, 1600000000))
