"""Mail made to wear a scanner out: decompression bombs and MIME structures
without end. Each function writes one message or archive, quickly, and says so
in a row of BOMBS or STRUCTURES.
"""

import base64
import bz2
import functools
import gzip
import lzma
import struct
import zlib

import mailtest
from mailtest import MIB

ZEROS = bytes(MIB)


# Archives.

def squeeze(compressor, mebibytes):
    """So many MiB of zeros through COMPRESSOR."""
    out = [compressor.compress(ZEROS) for _ in range(mebibytes)]
    return b"".join(out) + compressor.flush()


@functools.lru_cache(None)
def zeros_crc(mebibytes):
    crc = 0
    for _ in range(mebibytes):
        crc = zlib.crc32(ZEROS, crc)
    return crc


class Zip:
    """A zip archive of which every field can be lied about."""

    def __init__(self):
        self.body = bytearray()
        self.directory = []

    @staticmethod
    def local(name, crc, stored, size, flags=0, method=8):
        return struct.pack("<4s5H3L2H", b"PK\3\4", 20, flags, method, 0,
                           0x5a62, crc, stored, size, len(name), 0) + name

    @staticmethod
    def central(name, crc, stored, size, offset, flags=0, method=8,
                extra=b""):
        return struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, 20, flags, method,
                           0, 0x5a62, crc, stored, size, len(name),
                           len(extra), 0, 0, 0, 0, offset) + name + extra

    def add(self, name, crc, data, size, flags=0, method=8):
        self.directory.append(self.central(name, crc, len(data), size,
                                           len(self.body), flags, method))
        self.body += self.local(name, crc, len(data), size, flags, method)
        self.body += data

    def close(self):
        directory = b"".join(self.directory)
        return bytes(self.body) + directory + struct.pack(
            "<4s4H2LH", b"PK\5\6", 0, 0, len(self.directory) & 0xffff,
            len(self.directory) & 0xffff, len(directory), len(self.body), 0)


def deflated(data):
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    return compressor.compress(data) + compressor.flush()


@functools.lru_cache(None)
def deflated_zeros(mebibytes):
    return squeeze(zlib.compressobj(6, zlib.DEFLATED, -15), mebibytes)


def nested_zip(levels, width=16, distinct=False):
    """WIDTH archives in each of WIDTH archives, LEVELS deep. Without
    DISTINCT, all members of one level have the same content."""
    data = bytes(100 * 1024)
    for level in range(levels):
        members = []
        for i in range(width):
            mark = b"%d.%d" % (level, i) if distinct and level == 0 else b""
            members.append(("lib %x.zip" % i, data + mark))
        data = mailtest.zip_of(members)
    return data


def flat_zip():
    archive = Zip()
    archive.add(b"zeros", zeros_crc(200), deflated_zeros(200), 200 * MIB)
    return archive.close()


def overlapping_zip(files=250, mebibytes=1):
    """After David Fifield's: every member's data quotes the header of the
    next one and then runs on into it, so that one kernel serves all."""
    kernel = deflated_zeros(mebibytes)
    size = mebibytes * MIB
    content_crc, stored, plain = zeros_crc(mebibytes), len(kernel), size
    names = [b"%05d" % i for i in range(files)]
    pieces = [Zip.local(names[-1], content_crc, stored, plain) + kernel]
    rows = [(names[-1], content_crc, stored, plain)]
    quoted = []
    for name in reversed(names[:-1]):
        inner = pieces[-1][:30 + len(name)]
        quoted.append(inner)
        crc = 0
        for piece in reversed(quoted):
            crc = zlib.crc32(piece, crc)
        for _ in range(mebibytes):
            crc = zlib.crc32(ZEROS, crc)
        stored += 5 + len(inner)
        plain += len(inner)
        block = struct.pack("<BHH", 0, len(inner), len(inner) ^ 0xffff)
        pieces.append(Zip.local(name, crc, stored, plain) + block)
        rows.append((name, crc, stored, plain))
    pieces.reverse()
    archive = Zip()
    for piece, row in zip(pieces, reversed(rows)):
        archive.directory.append(Zip.central(*row, len(archive.body)))
        archive.body += piece
    return archive.close()


def repeating_zip(files=2000, mebibytes=10):
    """All entries of the directory name the same member."""
    kernel = deflated_zeros(mebibytes)
    crc = zeros_crc(mebibytes)
    archive = Zip()
    archive.body += Zip.local(b"a", crc, len(kernel),
                              mebibytes * MIB) + kernel
    archive.directory = [Zip.central(b"%04d" % i, crc, len(kernel),
                                     mebibytes * MIB, 0)
                         for i in range(files)]
    return archive.close()


def zip64_sizes():
    """Both sizes of the member are 2^63."""
    data = deflated(b"small")
    extra = struct.pack("<HHQQ", 1, 16, 1 << 63, 1 << 63)
    local = struct.pack("<4s5H3L2H", b"PK\3\4", 45, 0, 8, 0, 0x5a62,
                        zlib.crc32(b"small"), 0xffffffff, 0xffffffff, 1,
                        len(extra)) + b"a" + extra
    archive = Zip()
    archive.body += local + data
    archive.directory.append(Zip.central(
        b"a", zlib.crc32(b"small"), 0xffffffff, 0xffffffff, 0, extra=extra))
    return archive.close()


def wrong_crc():
    archive = Zip()
    archive.add(b"a.txt", 0x12345678, deflated(b"some text\n" * 100), 1000)
    return archive.close()


def wrong_size():
    """The headers say 10 bytes, the data unpacks to 300 MiB."""
    archive = Zip()
    archive.add(b"a.txt", zeros_crc(300), deflated_zeros(300), 10)
    return archive.close()


def encrypted_zip():
    archive = Zip()
    archive.add(b"secret.txt", 0x3b7a9f10, bytes(range(7, 207)), 300,
                flags=1)
    return archive.close()


def gzip_zeros(mebibytes=300):
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + deflated_zeros(mebibytes) + \
        struct.pack("<LL", zeros_crc(mebibytes), mebibytes * MIB)


def bzip2_zeros():
    return squeeze(bz2.BZ2Compressor(9), 300)


def xz_zeros():
    return squeeze(lzma.LZMACompressor(preset=0), 300)


def zstd_zeros():
    """Blocks that say one byte and how often."""
    size = 128 * 1024
    blocks = [struct.pack("<L", size << 3 | 1 << 1 | (i == 2399))[:3] + b"\0"
              for i in range(2400)]
    return b"\x28\xb5\x2f\xfd\0\x38" + b"".join(blocks)


def lz4_zeros():
    """Blocks of 4 MiB: one literal, copied on and on, and five at the
    end."""
    length = 4 * MIB - 1 - 5 - 19
    match = b"\x1f\0\1\0" + b"\xff" * (length // 255) + \
        bytes([length % 255])
    block = match + b"\x50" + bytes(5)
    return b"\x04\x22\x4d\x18\x60\x70\x73" + \
        (struct.pack("<L", len(block)) + block) * 75 + bytes(4)


def gzip_cubed():
    return gzip.compress(gzip.compress(gzip_zeros(300), mtime=0), mtime=0)


def tar_header(name, size, kind=b"0"):
    block = bytearray(512)
    block[0:len(name)] = name
    block[100:108] = b"0000644\0"
    block[124:136] = b"%011o\0" % size
    block[136:148] = b"15150000000\0"
    block[156:157] = kind
    block[257:265] = b"ustar  \0"
    return block


def tar_sum(block):
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def sparse_tar():
    """An old GNU sparse member of 8 EiB with one byte at its end."""
    size = (1 << 63) - 1
    number = b"\x80" + size.to_bytes(11, "big")
    block = tar_header(b"huge", 512, b"S")
    block[386:398] = b"\x80" + (size - 512).to_bytes(11, "big")
    block[398:410] = b"%011o\0" % 512
    block[483:495] = number
    return tar_sum(block) + b"x" * 512 + bytes(1024)


def negative_cpio():
    name = b"negative\0"
    fields = (1, 0o100644, 0, 0, 1, 0, 0xffffffff, 0, 0, 0, 0, len(name), 0)
    return b"070701" + b"".join(b"%08x" % f for f in fields) + name + \
        b"\0" * 3 + b"x" * 100


def mail_in_gzip(levels=20):
    """A mail in a gzip in a mail in a gzip ..."""
    data = b"the end\n"
    for level in range(levels):
        data = gzip.compress(mailtest.attached_mail(
            "level %d" % level, data, "mail.gz"), mtime=0)
    return data


# (id, what, function, file name). None of them is clean.
BOMBS = [
    ("Z-01", "zip 16^5, the same members", lambda: nested_zip(5), "a.zip"),
    ("Z-02", "zip 16^4, distinct members",
     lambda: nested_zip(4, distinct=True), "a.zip"),
    ("Z-03", "overlapping zip, 250 x 1 MiB", overlapping_zip, "a.zip"),
    ("Z-04", "repeating zip, 2000 x 10 MiB", repeating_zip, "a.zip"),
    ("Z-05", "flat zip of 200 MiB", flat_zip, "a.zip"),
    ("Z-06", "gzip of 300 MiB", gzip_zeros, "a.gz"),
    ("Z-07", "bzip2 of 300 MiB", bzip2_zeros, "a.bz2"),
    ("Z-08", "xz of 300 MiB", xz_zeros, "a.xz"),
    ("Z-09", "zstd of 300 MiB", zstd_zeros, "a.zst"),
    ("Z-10", "lz4 of 300 MiB", lz4_zeros, "a.lz4"),
    ("Z-11", "gzip in gzip in gzip of 300 MiB", gzip_cubed, "a.gz.gz.gz"),
    ("Z-12", "zip64 with sizes of 2^63", zip64_sizes, "a.zip"),
    ("Z-13", "zip with a wrong checksum", wrong_crc, "a.zip"),
    ("Z-14", "zip with wrong sizes, 300 MiB", wrong_size, "a.zip"),
    ("Z-15", "encrypted zip", encrypted_zip, "a.zip"),
    ("Z-16", "tar with a sparse member of 8 EiB", sparse_tar, "a.tar"),
    ("Z-17", "cpio with a negative size", negative_cpio, "a.cpio"),
    ("Z-18", "mail in gzip in mail, 20 times", mail_in_gzip, "mail.gz"),
    ("Z-19", "repeating zip, 250 x 1 MiB", lambda: repeating_zip(250, 1),
     "a.zip"),
]


def bomb_mail(row, number=1):
    """The message that carries a row of BOMBS."""
    ident, what, function, name = row
    return mailtest.attached_mail("%s %s" % (ident, what), function(), name,
                                  number)


# MIME structures.

def nested_multiparts(levels=10000, closed=True):
    out = [mailtest.header("nested multiparts")]
    for i in range(levels):
        out.append(b"Content-Type: multipart/mixed; boundary=\"b%05d\"\n\n"
                   b"--b%05d\n" % (i, i))
    out.append(b"Content-Type: text/plain\n\nthe end\n")
    if closed:
        out += [b"--b%05d--\n" % i for i in reversed(range(levels))]
    return b"".join(out)


def nested_messages(levels=10000):
    return mailtest.header("nested messages") + \
        b"Content-Type: message/rfc822\n\n" * levels + \
        mailtest.text_mail("the end", b"text\n")


def empty_parts(count=1000000):
    return mailtest.header(
        "parts", 1, b"Content-Type: multipart/mixed; boundary=b\n\n") + \
        b"--b\n\n\n" * count + b"--b--\n"


def addresses(count=1000000):
    return mailtest.header("addresses", 1, b"Cc: " +
                           b"a@b," * count + b"a@b\n\n") + b"text\n"


def parameters(count=300000):
    return mailtest.header("parameters", 1, b"Content-Type: text/plain" +
                           b";\n a=b" * count + b"\n\n") + b"text\n"


def long_header(mebibytes=32):
    return mailtest.header("long header", 1, b"X-Long: " +
                           b"x" * (mebibytes * MIB) + b"\n\n") + b"text\n"


def folds(count=1000000):
    return mailtest.header("folds", 1, b"X-Folds: a" + b"\n b" * count +
                           b"\n\n") + b"text\n"


def headers(count=100000):
    return mailtest.header("headers", 1, b"X-Many: a b\n" * count +
                           b"\n") + b"text\n"


def uuencoded(count=100000):
    return mailtest.text_mail(
        "uuencode", b"".join(b"begin 644 a%05d\n#:&D*\n`\nend\n" % i
                             for i in range(count)))


def colons():
    return mailtest.header("colons", 1, b"From: " + b":" * 99999 +
                           b"\n\n") + b"text\n"


def brackets():
    return mailtest.header("brackets", 1, b"To: " + b"(" * 200000 +
                           b"\n\n") + b"text\n"


def encoded_words(count=8000):
    return mailtest.header("words", 1, b"X-Words: " + b"=?" * count +
                           b"\n\n") + b"text\n"


def sections(count=100000):
    lines = b"".join(b";\n name*%d=a" % i for i in range(count))
    return mailtest.header("sections", 1, b"Content-Type: text/plain" +
                           lines + b"\n\n") + b"text\n"


def boundary_words(count=8000):
    boundary = b"=?" * count
    return mailtest.multipart_mail(
        "boundary", [b"Content-Type: text/plain\n\ntext\n"] * 3,
        boundary=boundary)


def base64_in_base64(levels=20, data=b"the end\n"):
    for _ in range(levels):
        data = mailtest.header("base64", 1, b"Content-Type: message/rfc822\n"
                               b"Content-Transfer-Encoding: base64\n\n") + \
            base64.encodebytes(data)
    return data


# (id, what, function, the verdicts that it may have: None means any but that
# the program must come through it).
NOT_CLEAN = ("incomplete", "error")
STRUCTURES = [
    ("D-01", "10,000 nested multiparts, closed", nested_multiparts,
     NOT_CLEAN),
    ("D-02", "10,000 nested multiparts, open",
     lambda: nested_multiparts(closed=False), NOT_CLEAN),
    ("D-03", "10,000 nested messages", nested_messages, NOT_CLEAN),
    ("D-04", "1 M empty parts", empty_parts, NOT_CLEAN),
    ("D-05", "1 M addresses", addresses, None),
    ("D-06", "300,000 parameters", parameters, None),
    ("D-07", "header of 32 MiB", long_header, NOT_CLEAN),
    ("D-08", "1 M folds", folds, NOT_CLEAN),
    ("D-09", "100,000 header fields", headers, None),
    ("D-10", "100,000 uuencoded files", uuencoded, NOT_CLEAN),
    ("D-11", "99,999 colons in From", colons, None),
    ("D-12", "200,000 brackets", brackets, None),
    ("D-13", "8,000 encoded words", encoded_words, None),
    ("D-14", "100,000 sections of a parameter", sections, None),
    ("D-15", "a boundary of 8,000 encoded words", boundary_words, None),
    ("D-16", "base64 messages in base64, 20 times", base64_in_base64, None),
]
