"""Files of many formats, made by hand for mkparity.

Each is as small as libclamav lets it be and the same on every run. None does
anything when it is opened.
"""

import binascii
import bz2
import gzip
import hashlib
import io
import lzma
import struct
import tarfile
import zipfile
import zlib

SECTOR = 512


def pad(data, size):
    """DATA and zeros up to a multiple of SIZE."""
    return data + bytes(-len(data) % size)


# Archives.

def zip_of(members, method=zipfile.ZIP_DEFLATED, password=None):
    """A zip of (name, data) pairs."""
    if password:
        return zipcrypt(members, password)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name, (2026, 3, 2, 9, 14, 6)),
                             data, method)
    return out.getvalue()


class Zipcrypt:
    """The cipher of APPNOTE.TXT 6.1."""

    def __init__(self, password):
        self.keys = [0x12345678, 0x23456789, 0x34567890]
        for byte in password:
            self.update(byte)

    @staticmethod
    def crc(crc, byte):
        return zlib.crc32(bytes([byte]), crc ^ 0xffffffff) ^ 0xffffffff

    def update(self, byte):
        keys = self.keys
        keys[0] = self.crc(keys[0], byte)
        keys[1] = (keys[1] + (keys[0] & 0xff)) & 0xffffffff
        keys[1] = (keys[1] * 134775813 + 1) & 0xffffffff
        keys[2] = self.crc(keys[2], keys[1] >> 24)

    def encrypt(self, data):
        out = bytearray()
        for byte in data:
            temp = (self.keys[2] | 2) & 0xffff
            out.append(byte ^ (((temp * (temp ^ 1)) >> 8) & 0xff))
            self.update(byte)
        return bytes(out)


def zipcrypt(members, password):
    """A zip whose members are stored and encrypted."""
    body, directory = b"", b""
    for name, data in members:
        crc = zlib.crc32(data)
        secret = Zipcrypt(password).encrypt(
            b"ten bytes." + struct.pack("<H", crc >> 16) + data)
        fields = struct.pack("<HHHHHIIIHH", 20, 1, 0, 0, 0x5c62, crc,
                             len(secret), len(data), len(name), 0)
        directory += b"PK\1\2" + struct.pack("<H", 20) + fields + \
            struct.pack("<HHHII", 0, 0, 0, 0, len(body)) + name.encode()
        body += b"PK\3\4" + fields + name.encode() + secret
    return body + directory + b"PK\5\6" + struct.pack(
        "<HHHHIIH", 0, 0, len(members), len(members), len(directory),
        len(body), 0)


def tar_of(members):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            info.mtime = 1772439247
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def cpio_of(members):
    """The format that SVR4 calls newc."""
    out = b""
    members = list(members) + [("TRAILER!!!", b"")]
    for number, (name, data) in enumerate(members):
        fields = [number + 1, 0o100644, 0, 0, 1, 1772439247, len(data), 0, 0,
                  0, 0, len(name) + 1, 0]
        out += pad(b"070701" + b"".join(b"%08X" % f for f in fields) +
                   name.encode() + b"\0", 4) + pad(data, 4)
    return out


def gz(data):
    return gzip.compress(data, mtime=0)


def bz(data):
    return bz2.compress(data)


def xz(data):
    return lzma.compress(data)


def uuencode(data, name):
    lines = b"".join(binascii.b2a_uu(data[i:i + 45], backtick=True)
                     for i in range(0, len(data), 45))
    return b"begin 644 %s\n%s`\nend\n" % (name.encode(), lines)


def tnef(name, data):
    """winmail.dat with one attachment (MS-OXTNEF 2.1.3)."""
    def attribute(level, number, value):
        return struct.pack("<BII", level, number, len(value)) + value + \
            struct.pack("<H", sum(value) & 0xffff)
    return struct.pack("<IH", 0x223e9f78, 1) + \
        attribute(1, 0x00089006, struct.pack("<I", 0x00010000)) + \
        attribute(1, 0x00078008, b"IPM.Microsoft Mail.Note\0") + \
        attribute(2, 0x00069002, struct.pack("<HIHHII", 1, 0xffffffff, 32,
                                             32, 0, 0)) + \
        attribute(2, 0x00018010, name.encode() + b"\0") + \
        attribute(2, 0x0006800f, data)


# Documents.

CONTENT_TYPES = (
    b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/'
    b'package/2006/content-types"><Default Extension="xml" ContentType='
    b'"application/xml"/></Types>')


def docx(members):
    return zip_of([
        ("[Content_Types].xml", CONTENT_TYPES),
        ("_rels/.rels", b'<?xml version="1.0"?><Relationships xmlns="http://'
         b'schemas.openxmlformats.org/package/2006/relationships"/>'),
        ("word/document.xml", b'<?xml version="1.0"?><w:document><w:p>Text'
         b'</w:p></w:document>')] + list(members))


def pdf(stream, extra=b"", flate=True):
    """A PDF with STREAM in an object, and EXTRA in its catalogue."""
    body = zlib.compress(stream) if flate else stream
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R %s >>" % extra,
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>",
        b"<< /Length %d %s>>\nstream\n%s\nendstream" % (
            len(body), b"/Filter /FlateDecode " if flate else b"", body)]
    out, offsets = b"%PDF-1.4\n", []
    for number, text in enumerate(objects):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number + 1, text)
    rows = b"".join(b"%010d 00000 n \n" % at for at in offsets)
    return out + b"xref\n0 5\n0000000000 65535 f \n%strailer\n<< /Size 5 " \
        b"/Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (rows, len(out))


def ole2(streams):
    """A compound file (MS-CFB) with STREAMS of (name, data): each is padded
    to the size from which streams have sectors of their own."""
    end, free, fat_sector = 0xfffffffe, 0xffffffff, 0xfffffffd
    fat, sectors, entries = [fat_sector], [b""], []

    def store(data):
        first, count = len(fat), -(-len(data) // SECTOR)
        fat.extend(list(range(first + 1, first + count)) + [end])
        sectors.append(pad(data, SECTOR))
        return first

    def entry(name, kind, child, right, start, size):
        text = name.encode("utf-16-le") + b"\0\0"
        return pad(text, 64)[:64] + struct.pack(
            "<HBBIII16sI8s8sIII", len(text), kind, 1, free, right, child,
            bytes(16), 0, bytes(8), bytes(8), start, size, 0)

    streams = [(name, data + bytes(max(0, 4096 - len(data))))
               for name, data in streams]
    entries.append(entry("Root Entry", 5, 1, free, end, 0))
    for number, (name, data) in enumerate(streams):
        right = number + 2 if number + 1 < len(streams) else free
        entries.append(entry(name, 2, free, right, store(data), len(data)))
    directory = store(pad(b"".join(entries), SECTOR))
    table = fat + [free] * (SECTOR // 4 - len(fat))
    sectors[0] = struct.pack("<128I", *table)
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack(
        "<HHHHH6sIIIIIIIIII", 0x3e, 3, 0xfffe, 9, 6, bytes(6), 0, 1,
        directory, 0, 4096, end, 0, end, 0, 0) + struct.pack(
        "<108I", *([free] * 108))
    return header[:SECTOR] + b"".join(sectors)


def rtf(data):
    """A document with DATA as an embedded object."""
    native = struct.pack("<II", 0x501, 2) + \
        struct.pack("<I", 8) + b"Package\0" + bytes(8)
    body = struct.pack("<H", 2) + b"a.bin\0C:\\a.bin\0" + \
        struct.pack("<HHI", 0, 3, 9) + b"C:\\a.bin\0" + \
        struct.pack("<I", len(data)) + data
    whole = native + struct.pack("<I", len(body)) + body
    return b"{\\rtf1\\ansi{\\object\\objemb\\objw100\\objh100{\\*\\objclass " \
        b"Package}{\\*\\objdata %s}}}" % binascii.hexlify(whole)


# Programs and pictures.

def section(name, size, address, at, flags):
    return struct.pack("<8sIIIIIIHHI", name, size, address, -(-size // 512) *
                       512, at, 0, 0, 0, 0, flags)


def imports(address, function):
    """A table for FUNCTION of KERNEL32.dll, to be at ADDRESS."""
    hint = address + 0x60
    name = address + 0x50
    table = struct.pack("<IIIII", address + 0x40, 0, 0, name,
                        address + 0x48) + bytes(20)
    return (table.ljust(0x40, b"\0") + struct.pack("<II", hint, 0) +
            struct.pack("<II", hint, 0) + b"KERNEL32.dll\0".ljust(16, b"\0") +
            struct.pack("<H", 0) + function + b"\0")


def resource_directory(address, leaves):
    """A section of resources at ADDRESS: (type, data) pairs."""
    count = len(leaves)
    level2, level3 = 16 + 8 * count, 16 + 8 * count + 24 * count
    data_at = level3 + 24 * count
    blob_at = data_at + 16 * count
    head = struct.pack("<IIHHHH", 0, 0, 0, 0, 0, count)
    tops, middle, bottom, entries, blobs = b"", b"", b"", b"", b""
    for i, (kind, data) in enumerate(leaves):
        one = struct.pack("<IIHHHH", 0, 0, 0, 0, 0, 1)
        tops += struct.pack("<II", kind, 0x80000000 | (level2 + 24 * i))
        middle += one + struct.pack("<II", 1,
                                    0x80000000 | (level3 + 24 * i))
        bottom += one + struct.pack("<II", 1033, data_at + 16 * i)
        entries += struct.pack("<IIII", address + blob_at + len(blobs),
                               len(data), 0, 0)
        blobs += pad(data, 4)
    return head + tops + middle + bottom + entries + blobs


def version_block(key, value, children=b"", text=False):
    head = key.encode("utf-16-le") + b"\0\0"
    body = pad(bytes(6) + head, 4)[6:]
    raw = value.encode("utf-16-le") + b"\0\0" if text else value
    size = 6 + len(body) + len(raw)
    inner = pad(raw, 4) + children if children else raw
    size = 6 + len(body) + len(inner)
    return pad(struct.pack("<HHH", size, len(raw) // 2 if text else len(raw),
                           int(text)) + body + inner, 4)


def version_info(name, value):
    """A VS_VERSIONINFO with one string."""
    fixed = struct.pack("<13I", 0xfeef04bd, 0x10000, *([0] * 11))
    string = version_block(name, value, text=True)
    table = version_block("040904b0", b"", string)
    return version_block("VS_VERSION_INFO", fixed,
                         version_block("StringFileInfo", b"", table))


def icon():
    """A picture for an icon resource: 32 by 32 points of 32 bits."""
    rows = b"".join(
        struct.pack("<BBBB", (x * 8) & 0xff, (y * 8) & 0xff,
                    255 if 8 < x < 24 and 8 < y < 24 else 0, 255)
        for y in range(32) for x in range(32))
    return struct.pack("<IiiHHIIiiII", 40, 32, 64, 1, 32, 0, len(rows), 0, 0,
                       0, 0) + rows + bytes(128)


def icon_group():
    return struct.pack("<HHH", 0, 1, 1) + struct.pack(
        "<BBBBHHIH", 32, 32, 0, 0, 1, 32, 40 + 4096 + 128, 1)


def pe(code, version=None, with_icon=False, function=b"ExitProcess"):
    """A PE32 for i386 whose section of code, of 512 bytes, begins with
    CODE."""
    text = pad(code, 512)
    table = pad(imports(0x2000, function), 512)
    leaves = []
    if with_icon:
        leaves += [(3, icon()), (14, icon_group())]
    if version:
        leaves.append((16, version_info(*version)))
    resources = resource_directory(0x3000, leaves) if leaves else b"\0" * 16
    sections = section(b".text", len(text), 0x1000, 512, 0x60000020) + \
        section(b".idata", len(table), 0x2000, 512 + len(text), 0xc0000040) + \
        section(b".rsrc", len(resources), 0x3000,
                512 + len(text) + len(table), 0x40000040)
    directories = bytearray(128)
    struct.pack_into("<II", directories, 8, 0x2000, 0x80)
    if leaves:
        struct.pack_into("<II", directories, 16, 0x3000, len(resources))
    image = -(-(0x3000 + len(resources)) // 0x1000) * 0x1000
    optional = struct.pack(
        "<HBBIIIIIIIIIHHHHHHIIIIHHIIIIII", 0x10b, 6, 0, len(text),
        len(table), 0, 0x1000, 0x1000, 0x2000, 0x400000, 0x1000, 512, 4, 0,
        0, 0, 4, 0, 0, image, 512, 0, 3, 0, 0x100000, 0x1000, 0x100000,
        0x1000, 0, 16) + bytes(directories)
    header = b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\0\0" + \
        struct.pack("<HHIIIHH", 0x14c, 3, 0, 0, 0, len(optional), 0x102) + \
        optional + sections
    return pad(header, 512) + text + table + pad(resources, 512)


def elf(data):
    """An ELF64 whose one segment is all of it."""
    size = 64 + 56 + len(data)
    return b"\x7fELF\2\1\1" + bytes(9) + struct.pack(
        "<HHIQQQIHHHHHH", 2, 62, 1, 0x400078, 64, 0, 0, 64, 56, 1, 64, 0,
        0) + struct.pack("<IIQQQQQQ", 1, 5, 0, 0x400000, 0x400000, size,
                         size, 4096) + data


def macho(data):
    """A Mach-O for x86_64 with one segment and one section."""
    at = 32 + 72 + 80
    segment = struct.pack("<II16sQQQQIIII", 0x19, 152, b"__TEXT", 0, 4096, 0,
                          at + len(data), 7, 5, 1, 0)
    part = struct.pack("<16s16sQQIIIIIIII", b"__text", b"__TEXT", at,
                       len(data), at, 0, 0, 0, 0, 0, 0, 0)
    return struct.pack("<IIIIIIII", 0xfeedfacf, 0x01000007, 3, 2, 1, 152, 0,
                       0) + segment + part + data


def java(data):
    """The first bytes of a class, and DATA as a string constant."""
    return b"\xca\xfe\xba\xbe" + struct.pack(">HHHBH", 0, 52, 2, 1,
                                             len(data)) + data + bytes(32)


def swf(data, packed=False):
    body = b"\x78\0\x05\x5f\0\0\x0f\xa0\0" + struct.pack("<BHBBB", 24, 1,
                                                      0x44, 0x11, 0) + data
    head = struct.pack("<BI", 6, 8 + len(body))
    return b"CWS" + head + zlib.compress(body) if packed else \
        b"FWS" + head + body


def gif(data):
    """One point, and DATA as a comment."""
    comment = b"!\xfe" + bytes([len(data)]) + data + b"\0"
    return b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff" + comment + \
        b",\0\0\0\0\1\0\1\0\0\2\2D\1\0;"


def png(shade):
    """64 by 64 points in a pattern that SHADE changes."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + \
            struct.pack(">I", zlib.crc32(kind + data))
    rows = b"".join(b"\0" + bytes((x * y * shade // 16) & 0xff
                                  for x in range(64)) for y in range(64))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(
        ">IIBBBBB", 64, 64, 8, 0, 0, 0, 0)) + \
        chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def digest(kind, data):
    return hashlib.new(kind, data).hexdigest()
