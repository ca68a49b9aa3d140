"""Bombs (Z), MIME structures that cost (D), and payloads beyond limits (L).
None of them is clean: what carries no payload cannot be read to its end, and
the payload of the others is there for who reads far enough.
"""

import functools
import io
import lzma
import struct
import tarfile
import zipfile
import zlib

import attacks
import mailtest
from attacks import Zip, deflated, squeeze, zeros_crc
from evasion import (B, HEAD, PROGRAMS, VERSION, as_base64, attached)
from evasion_catalogue import deep, in_pieces, many_parts
from evasion_codecs import gz, uu, yenc
from mailtest import MIB

LZMA_RAW = [{"id": 0x21, "preset": 0, "dict_size": 1 << 20}]
PAYLOAD = PROGRAMS[4]
E = as_base64(PAYLOAD)


# Quines: archives whose only member is the archive. The plan of the tokens is
# Russ Cox's: a stored block prints, a block with one match prints again.

class Bits:
    """Bits as deflate packs them."""

    def __init__(self):
        self.value, self.count = 0, 0

    def put(self, value, count):
        self.value |= value << self.count
        self.count += count

    def code(self, value, count):
        self.put(int(format(value, "0%db" % count)[::-1], 2), count)

    def bytes(self):
        return self.value.to_bytes((self.count + 7) // 8, "little")


LENGTHS = [(3 + i, 257 + i, 0) for i in range(8)] + [
    (3 + (4 + group << bits) + (0 if bits else 0), code, bits)
    for bits in range(1, 6) for group, code in
    ((g, 261 + bits * 4 + g) for g in range(4))]
DISTANCES = [(1 + i, i, 0) for i in range(4)] + [
    (1 + (2 + g << bits), 2 + bits * 2 + g, bits)
    for bits in range(1, 14) for g in range(2)]


def put_match(bits, length, distance):
    base, code, extra = max(row for row in LENGTHS if row[0] <= length)
    if code < 280:
        bits.code(code - 256, 7)
    else:
        bits.code(0xc0 + code - 280, 8)
    bits.put(length - base, extra)
    base, code, extra = max(row for row in DISTANCES if row[0] <= distance)
    bits.code(code, 5)
    bits.put(distance - base, extra)


def stored(size):
    return struct.pack("<BHH", 0, size, size ^ 0xffff)


def again(*lengths, empty=0, last=False):
    """A block that repeats the last sum(LENGTHS) bytes, EMPTY blocks without
    content, and, if it is the LAST, a final one."""
    bits = Bits()
    bits.put(2, 3)
    for length in lengths:
        put_match(bits, length, sum(lengths))
    bits.code(0, 7)
    for _ in range(empty):
        bits.put(2, 3)
        bits.code(0, 7)
    if last:
        bits.put(3, 3)
        bits.code(0, 7)
    return bits.bytes()


def quine(prefix, repeat_prefix, suffix):
    """What unpacks to itself: PREFIX, tokens, SUFFIX, of which the suffix
    begins with the block that prints it again."""
    head, five, twenty = stored(len(prefix) + 5), stored(5), stored(20)
    rp, r20, none = repeat_prefix, again(10, 10), stored(0)
    tail = stored(len(suffix))
    return b"".join((
        prefix, head, prefix, head, rp, five, rp, five, five,
        twenty, rp, five, five, twenty, r20,
        twenty, r20, twenty, r20, twenty, r20,
        twenty, r20, none, none, tail, r20, none, none, tail,
        suffix, suffix))


def solve_crc(build):
    """The CRC that makes BUILD(CRC) have that CRC: it depends on it bit by
    bit, so that 32 equations give it."""
    base = zlib.crc32(build(0))
    rows = []
    for bit in range(32):
        # What changes in the CRC, less the bit itself: must add up to BASE.
        change = zlib.crc32(build(1 << bit)) ^ base ^ 1 << bit
        rows.append((change, 1 << bit))
    reduced = {}
    for change, mask in rows:
        for top, (other, its_mask) in reduced.items():
            if change >> top & 1:
                change, mask = change ^ other, mask ^ its_mask
        if change:
            reduced[change.bit_length() - 1] = (change, mask)
    want, answer = base, 0
    for top in sorted(reduced, reverse=True):
        if want >> top & 1:
            want, answer = want ^ reduced[top][0], answer ^ reduced[top][1]
    if want:
        raise ValueError("no CRC will do")
    return answer


def gzip_quine():
    prefix = b"\x1f\x8b\x08\x08\0\0\0\0\0\3aa\0"

    def build(crc):
        rest = again(9, 9) + b"\1\0\0\xff\xff"

        def whole(size):
            return quine(prefix, again(9, 9), rest + struct.pack(
                "<LL", crc, size))
        return whole(len(whole(0)))
    return build(solve_crc(build))


def zip_quine():
    name = b"quine/again.zip"

    def build(crc):
        extra = struct.pack("<HH", 0x6d73, 11) + bytes(11)
        sizes = [0, 0]

        def whole():
            prefix = struct.pack(
                "<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 0x5a62, crc, *sizes,
                len(name), len(extra)) + name + extra
            entry = Zip.central(name, crc, *sizes, 0)
            end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(entry),
                              sizes[0] + len(prefix), 0)
            # The suffix repeats itself: its size decides its first bytes.
            size = next(n for n in range(80, 250) if len(again(
                n, last=True)) + len(entry + end) == n)
            data = quine(prefix, again(65, empty=1),
                         again(size, last=True) + entry + end)
            return data, len(data) - len(prefix) - len(entry + end)
        data, packed = whole()
        sizes[:] = packed, len(data)
        return whole()[0]
    return build(solve_crc(build))


# Archives by hand.

def number(value):
    """A number as 7z writes it."""
    return bytes([value]) if value < 128 else b"\xff" + struct.pack(
        "<Q", value)


def solid_7z(files=300):
    """One folder in LZMA2 of so many members of 1 MiB."""
    data = squeeze(lzma.LZMACompressor(lzma.FORMAT_RAW, filters=LZMA_RAW),
                   files)
    names = "".join("%03d\0" % i for i in range(files)).encode("utf-16-le")
    header = b"".join((
        b"\1\4\6", number(0), number(1), b"\x09", number(len(data)), b"\0",
        b"\7\x0b", number(1), b"\0\1\x21\x21\1\x10\x0c",
        number(files * MIB), b"\0\x08\x0d", number(files), b"\x09",
        number(MIB) * (files - 1), b"\0\0",
        b"\5", number(files), b"\x11", number(1 + len(names)), b"\0", names,
        b"\0\0"))
    start = struct.pack("<QQL", len(data), len(header), zlib.crc32(header))
    return b"7z\xbc\xaf\x27\x1c\0\4" + struct.pack(
        "<L", zlib.crc32(start)) + start + data + header


def vint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes(out) + bytes([value])


def rar_header(fields, data=b""):
    size = vint(len(fields))
    return struct.pack("<L", zlib.crc32(size + fields)) + size + fields + data


def rar_member(name, data, size=None, crc=None, method=0):
    size = len(data) if size is None else size
    crc = zlib.crc32(data) if crc is None else crc
    return rar_header(b"".join((
        vint(2), vint(2), vint(len(data)), vint(4), vint(size), vint(0o644),
        struct.pack("<L", crc), vint(method << 7), vint(1), vint(len(name)),
        name)), data)


def rar(*members):
    return b"Rar!\x1a\x07\x01\0" + rar_header(b"\1\0\0") + \
        b"".join(members) + rar_header(b"\5\0\0")


def many_in_rar(count=100000):
    return rar(*[rar_member(b"%d" % i, b"") for i in range(count)],
               rar_member(b"last", PAYLOAD))


def claiming_rar():
    """A compressed member whose data is noise and that claims 2^50 bytes."""
    return rar(rar_member(b"a", PAYLOAD[::-1] * 20, 1 << 50, 1, 3))


def both_ends(value, size):
    fmt = {2: "H", 4: "L"}[size]
    return struct.pack("<" + fmt, value) + struct.pack(">" + fmt, value)


def iso_record(name, sector, size, flags):
    record = b"\0" + both_ends(sector, 4) + both_ends(size, 4) + \
        b"\x7e\3\2\x09\x0e\7\0" + bytes([flags, 0, 0]) + both_ends(1, 2) + \
        bytes([len(name)]) + name
    record += bytes(len(record) % 2 == 0)
    return bytes([len(record) + 1]) + record


def looping_iso():
    """A directory that is its own child."""
    root = iso_record(b"\0", 20, 2048, 2)
    table = b"\1\0" + struct.pack("<LH", 20, 1) + b"\0\0"
    volume = b"\1CD001\1\0" + b" " * 64 + bytes(8) + both_ends(22, 4) + \
        bytes(32) + both_ends(1, 2) + both_ends(1, 2) + \
        both_ends(2048, 2) + both_ends(len(table), 4) + \
        struct.pack("<LL", 19, 0) + struct.pack(">LL", 19, 0) + root
    volume += b" " * 623 + b"2026030209140700\0" * 4 + b"\1\0"
    directory = root + iso_record(b"\1", 20, 2048, 2) + \
        iso_record(b"A.BIN;1", 21, len(PAYLOAD), 0) + \
        iso_record(b"LOOP", 20, 2048, 2)
    sectors = (volume, b"\xffCD001\1", b"", table, directory, PAYLOAD,
               bytes(10 * 2048))
    return bytes(16 * 2048) + b"".join(
        sector.ljust(2048, b"\0") for sector in sectors)


def zeros_and_payload(compressor, mebibytes):
    out = [compressor.compress(attacks.ZEROS) for _ in range(mebibytes)]
    return b"".join(out) + compressor.compress(PAYLOAD) + compressor.flush()


@functools.lru_cache(None)
def far_payload(mebibytes):
    """Deflated: the payload after so many MiB; with its CRC and size."""
    data = zeros_and_payload(zlib.compressobj(6, zlib.DEFLATED, -15),
                             mebibytes)
    return data, zlib.crc32(PAYLOAD, zeros_crc(mebibytes)), \
        mebibytes * MIB + len(PAYLOAD)


def far_zip(mebibytes):
    data, crc, size = far_payload(mebibytes)
    archive = Zip()
    archive.add(b"a.bin", crc, data, size)
    return archive.close()


def far_gzip(mebibytes):
    data, crc, size = far_payload(mebibytes)
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + data + struct.pack(
        "<LL", crc, size)


def chained_pdf(filters=8):
    """A stream behind several FlateDecodes, the payload after 300 MiB."""
    data = zeros_and_payload(zlib.compressobj(6), 300)
    for _ in range(filters - 1):
        data = zlib.compress(data, 9)
    out, offsets = bytearray(b"%PDF-1.5\n"), []
    for body in (
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>",
            b"<< /Length %d /Filter [%s] >>\nstream\n%s\nendstream" % (
                len(data), b" ".join([b"/FlateDecode"] * filters), data)):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (len(offsets), body)
    start = len(out)
    return bytes(out) + b"xref\n0 5\n0000000000 65535 f \n" + b"".join(
        b"%010d 00000 n \n" % at for at in offsets) + \
        b"trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % \
        start


def laughing_docx():
    """A document of entities of entities, and a picture of 300 MiB."""
    entities = "".join(
        "<!ENTITY l%d \"%s\">" % (i, ("&l%d;" % (i - 1)) * 10)
        for i in range(1, 10))
    document = ("<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY l0 \"ha\">%s"
                "]><w:document><w:t>&l9;</w:t></w:document>" %
                entities).encode()
    types = (b"<?xml version=\"1.0\"?><Types xmlns=\"http://schemas."
             b"openxmlformats.org/package/2006/content-types\"/>")
    archive = Zip()
    for name, data in ((b"[Content_Types].xml", types),
                       (b"word/document.xml", document)):
        archive.add(name, zlib.crc32(data), deflated(data), len(data))
    data, crc, size = far_payload(300)
    archive.add(b"word/media/image1.bin", crc, data, size)
    return archive.close()


def two_headed_zip():
    """The directory lists a harmless member; the payload stands between the
    members, with a local header only."""
    text = b"nothing\n"
    archive = Zip()
    archive.add(b"a.txt", zlib.crc32(text), deflated(text), len(text))
    hidden = deflated(PAYLOAD)
    archive.body += Zip.local(b"b.bin", zlib.crc32(PAYLOAD), len(hidden),
                              len(PAYLOAD)) + hidden
    return archive.close()


BOMBS = attacks.BOMBS + [
    ("Z-20", "zip that holds itself", zip_quine, "a.zip"),
    ("Z-21", "gzip that holds itself", gzip_quine, "a.gz"),
    ("Z-22", "solid 7z, 300 x 1 MiB", solid_7z, "a.7z"),
    ("Z-23", "rar of 100,000 empty members", many_in_rar, "a.rar"),
    ("Z-24", "rar, a damaged member of 2^50 bytes", claiming_rar, "a.rar"),
    ("Z-25", "ISO with a directory in itself", looping_iso, "a.iso"),
    ("Z-26", "PDF, 8 FlateDecodes, 300 MiB", chained_pdf, "a.pdf"),
    ("Z-27", "docx of entities, a picture of 300 MiB", laughing_docx,
     "a.docx"),
    ("Z-28", "zip with a member that its directory does not list",
     two_headed_zip, "a.zip"),
]


# MIME that costs. Line ends are LF here.

def plain(text):
    return text.encode("latin-1")


def body(e=E, name=B):
    return "--%s\n%s--%s--\n" % (name, attached(e), name)


def before_type(fields, kind=None):
    """A mail with FIELDS before its type."""
    return plain(HEAD + VERSION + fields + (
        kind or "Content-Type: multipart/mixed; boundary=" + B) + "\n\n" +
        body())


def type_of(parameters, name=B):
    return plain(HEAD + VERSION + "Content-Type: multipart/mixed;" +
                 parameters + "; boundary=\"" + name + "\"\n\n" +
                 body(name=name))


def preceded(text):
    """A mail with TEXT as its first part."""
    return before_type("").replace(
        b"\n\n", plain("\n\n--%s\nContent-Type: text/plain\n\n%s\n" % (
            B, text)), 1)


def lf(data):
    return data.replace(b"\r\n", b"\n")


def nested_messages(levels):
    return plain(HEAD + VERSION + "Content-Type: message/rfc822\n\n" *
                 levels) + before_type("")


def page_ends():
    """Mails whose header ends at every offset from 4090 to 4100."""
    mails = []
    for at in range(4090, 4101):
        mail = before_type("X-Fill: \n")
        fill = at - mail.index(b"\n\n")
        mails.append(mail.replace(b"X-Fill: ", b"X-Fill: " + b"x" * fill))
    return mailtest.mbox_of(mails)[0]


def many_boundaries(count=100000):
    return plain(HEAD + VERSION + "Content-Type: multipart/mixed" + "".join(
        ";\n boundary=b%d" % i for i in range(count)) + "\n\n" +
        body(name="b%d" % (count - 1)))


STRUCTURES = [
    ("D-01", "10,000 nested multiparts, closed", lambda: lf(deep(10000, E))),
    ("D-02", "10,000 nested multiparts, open", lambda: lf(
        deep(10000, E)).split(b"--d9999--")[0]),
    ("D-03", "10,000 nested messages", lambda: nested_messages(10000)),
    ("D-04", "1 M empty parts", lambda: before_type("").replace(
        b"\n\n", b"\n\n" + plain("--" + B + "\n\n\n") * 1000000, 1)),
    ("D-05", "1 M addresses", lambda: before_type(
        "Cc: " + "a@b," * 1000000 + "a@b\n")),
    ("D-06", "300,000 parameters", lambda: type_of(";\n a=b" * 300000)),
    ("D-07", "header of 32 MiB", lambda: before_type(
        "X-Long: " + "x" * (32 * MIB) + "\n")),
    ("D-08", "1 M folds", lambda: before_type(
        "X-Folds: a" + "\n b" * 1000000 + "\n")),
    ("D-09", "100,000 header fields", lambda: before_type(
        "X-Many: a b\n" * 100000)),
    ("D-10", "100,000 uuencoded files", lambda: plain(
        HEAD + "\n" + "".join("begin 644 a%05d\n#:&D*\n`\nend\n" % i
                              for i in range(100000)) + uu(PAYLOAD))),
    ("D-11", "99,999 colons in From", lambda: before_type(
        "From: " + ":" * 99999 + "\n")),
    ("D-12", "200,000 brackets in To", lambda: before_type(
        "To: " + "(" * 200000 + "\n")),
    ("D-13", "8,000 beginnings of encoded words", lambda: before_type(
        "X-Words: " + "=?" * 8000 + "\n")),
    ("D-14", "100,000 sections of a file name", lambda: lf(before_type(
        "")).replace(b"; filename=\"a.bin\"", b"".join(
            b";\n filename*%d=a" % i for i in range(100000)))),
    ("D-15", "a boundary of 8,000 beginnings of encoded words",
     lambda: type_of("", "=?" * 8000)),
    ("D-16", "base64 messages in base64, 20 times",
     lambda: attacks.base64_in_base64(20, before_type(""))),
    ("D-17", "40,000 brackets before the boundary",
     lambda: type_of(" " + "(" * 40000 + ")" * 40000)),
    ("D-18", "headers that end around 4,096", page_ends),
    ("D-19", "1 M semicolons before the boundary",
     lambda: type_of(";" * 1000000)),
    ("D-20", "1 M lines that begin with hyphens",
     lambda: preceded("--x\n" * 1000000)),
    ("D-21", "100,000 boundaries, the last used", many_boundaries),
    ("D-22", "200,000 beginnings of uuencode without end", lambda: plain(
        HEAD + "\n" + "begin 644 a\n" * 200000 + uu(PAYLOAD))),
    ("D-23", "200,000 beginnings of yEnc without end", lambda: plain(
        HEAD + "\n" + "=ybegin line=128 size=9 name=a\n" * 200000 +
        yenc(PAYLOAD))),
    ("D-24", "200,000 runs of base64", lambda: preceded(
        "QUJDREVGR0hJSktMTU5PUFFSU1RVVldY\n.\n" * 200000)),
    ("D-25", "4 MB of soft breaks", lambda: preceded("=\n" * 2000000)),
    ("D-26", "4 MB of equals signs", lambda: preceded("=" * 4000000)),
    ("D-27", "2 M lines of one base64 character",
     lambda: preceded("A\n" * 2000000)),
    ("D-28", "100,000 transfer encodings", lambda: before_type(
        "Content-Transfer-Encoding: base64\n"
        "Content-Transfer-Encoding: 7bit\n" * 50000)),
]


# Payloads beyond limits.

def file_mail(data, name):
    return mailtest.attached_mail("The file", data, name)


def wrapped(levels, *wrappers):
    data = PAYLOAD
    for level in range(levels):
        data = wrappers[level % len(wrappers)](data)
    return data


def zipped(data):
    return mailtest.zip_of([("a", data)])


def tarred(data, before=0):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) \
            as archive:
        for i in range(before):
            archive.addfile(tarfile.TarInfo("%d" % i))
        info = tarfile.TarInfo("last")
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def crowded_zip(count):
    return mailtest.zip_of([("%d" % i, b"x") for i in range(count)] +
                           [("last", PAYLOAD)], zipfile.ZIP_STORED)


def part_field(text):
    """A mail with TEXT in the part's header, before its encoding."""
    return lf(before_type("")).replace(b"\nContent-Transfer", plain(
        "\n" + text + "Content-Transfer"), 1)


LIMITS = [
    ("L-01", "in part 10,001", lambda: lf(many_parts(10000, E))),
    ("L-02", "101 multiparts deep", lambda: lf(deep(101, E))),
    ("L-03", "30 messages deep", lambda: nested_messages(30)),
    ("L-04", "513 messages deep", lambda: nested_messages(513)),
    ("L-05", "20 zips deep", lambda: file_mail(wrapped(20, zipped),
                                              "a.zip")),
    ("L-06", "40 gzips deep", lambda: file_mail(wrapped(40, gz), "a.gz")),
    ("L-07", "24 deep, zip, tar and gzip in turn", lambda: file_mail(
        wrapped(24, tarred, gz, zipped), "a.zip")),
    ("L-08", "zip, member 20,001", lambda: file_mail(
        crowded_zip(20000), "a.zip")),
    ("L-09", "tar in gzip, member 100,001", lambda: file_mail(
        gz(tarred(PAYLOAD, 100000)), "a.tgz")),
    ("L-10", "zip, after 200 MiB", lambda: file_mail(far_zip(200),
                                                     "a.zip")),
    ("L-11", "gzip, after 300 MiB", lambda: file_mail(far_gzip(300),
                                                      "a.gz")),
    ("L-12", "part's header of 10,001 fields", lambda: part_field(
        "X-Many: a\n" * 10000)),
    ("L-13", "part's header of 2 MiB", lambda: part_field(
        "X-Long: " + "x" * (2 * MIB) + "\n")),
    ("L-14", "boundary as parameter 1,001", lambda: type_of(
        ";\n p=1" * 1000)),
    ("L-15", "12 zips of 40 MiB, the payload in the last",
     lambda: mailtest.multipart_mail("Files", [
         mailtest.attachment(far_zip(40) if i == 11 else zero_zip(40),
                             "%d.zip" % i) for i in range(12)])),
    ("L-16", "2,000 zips, the payload in the last",
     lambda: mailtest.multipart_mail("Files", [
         mailtest.attachment(zipped(PAYLOAD if i == 1999 else b"%d" % i),
                             "%d.zip" % i) for i in range(2000)])),
    ("L-17", "700 pieces of a message", lambda: in_pieces(
        700, payload=PAYLOAD, width=1)),
]


def zero_zip(mebibytes):
    archive = Zip()
    archive.add(b"a.bin", zeros_crc(mebibytes),
                attacks.deflated_zeros(mebibytes), mebibytes * MIB)
    return archive.close()


def cases():
    """(id, what, function that makes it, suffix)."""
    for row in BOMBS:
        yield row[0], row[1], functools.partial(attacks.bomb_mail, row), "eml"
    for ident, text, make in STRUCTURES + LIMITS:
        yield ident, text, make, \
            "mbox" if make is page_ends or ident == "L-17" else "eml"
