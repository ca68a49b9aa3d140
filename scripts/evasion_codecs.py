"""Encodings and envelopes that Python has not, each as its specification
says. Those for text give text in which a character is a byte.
"""

import binascii
import gzip
import struct
import zlib

BINHEX = ("!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`"
          "abcdefhijklmpqr")


def uu_lines(data, zero="`", size=45):
    """Lines of uuencode, the empty one not among them."""
    def char(value):
        return zero if value == 0 else chr(32 + value)
    out = []
    for at in range(0, len(data), size):
        line = data[at:at + size]
        text = char(len(line))
        for group in range(0, len(line), 3):
            bits = int.from_bytes(line[group:group + 3].ljust(3, b"\0"),
                                  "big")
            text += "".join(char(bits >> shift & 63)
                            for shift in (18, 12, 6, 0))
        out.append(text + "\n")
    return out


def uu(data, zero="`", name="a.bin"):
    return "begin 644 %s\n%s%s\nend\n" % (
        name, "".join(uu_lines(data, zero)), zero)


def xx(data, name="a.bin"):
    """xxencode: uuencode with other characters."""
    alphabet = ("+-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                "abcdefghijklmnopqrstuvwxyz")
    text = "".join(uu_lines(data))
    text = "".join("\n" if c == "\n" else alphabet[(ord(c) - 32) & 63]
                   for c in text)
    return "begin 644 %s\n%s+\nend\n" % (name, text)


def yenc_bytes(data, width=128):
    out, line = "", ""
    for byte in data:
        value = (byte + 42) & 255
        line += "=" + chr((value + 64) & 255) if value in b"\0\n\r=" or (
            not line and value in b".\t ") else chr(value)
        if len(line) >= width:
            out, line = out + line + "\n", ""
    return out + (line + "\n" if line else "")


def yenc(data, name="a.bin", width=128):
    return "=ybegin line=%d size=%d name=%s\n%s=yend size=%d crc32=%08x\n" \
        % (width, len(data), name, yenc_bytes(data, width), len(data),
           zlib.crc32(data))


def yenc_part(data, begin, end, number, total):
    """One part of several: the bytes from BEGIN up to END."""
    piece = data[begin:end]
    return ("=ybegin part=%d total=%d line=128 size=%d name=a.bin\n"
            "=ypart begin=%d end=%d\n%s=yend size=%d part=%d pcrc32=%08x\n" %
            (number, total, len(data), begin + 1, end, yenc_bytes(piece),
             len(piece), number, zlib.crc32(piece)))


def binhex(data, name="a.bin"):
    def forked(fork):
        return fork + struct.pack(">H", binascii.crc_hqx(fork, 0))
    head = bytes([len(name)]) + name.encode() + b"\0BINA????\0\0" + \
        struct.pack(">LL", len(data), 0)
    raw = (forked(head) + forked(data) + forked(b"")).replace(
        b"\x90", b"\x90\0")
    text = ":"
    for group in range(0, len(raw), 3):
        piece = raw[group:group + 3]
        bits = int.from_bytes(piece.ljust(3, b"\0"), "big")
        text += "".join(BINHEX[bits >> shift & 63]
                        for shift in (18, 12, 6, 0)[:len(piece) + 1])
    text += ":"
    return "(This file must be converted with BinHex 4.0)\n\n" + "".join(
        text[i:i + 64] + "\n" for i in range(0, len(text), 64))


def tnef(data, name=b"a.bin\0"):
    """winmail.dat with one attachment."""
    def attribute(level, kind, value):
        return struct.pack("<BLL", level, kind, len(value)) + value + \
            struct.pack("<H", sum(value) & 0xffff)
    return struct.pack("<LH", 0x223e9f78, 1) + \
        attribute(1, 0x00089006, struct.pack("<L", 0x10000)) + \
        attribute(2, 0x00069002, struct.pack("<HLHHL", 1, 0xffffffff, 0, 0,
                                             0)) + \
        attribute(2, 0x00018010, name) + attribute(2, 0x0006800f, data)


def der(tag, *values):
    """A DER element of definite length."""
    value = b"".join(values)
    size = len(value)
    if size < 128:
        return bytes([tag, size]) + value
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 128 + len(octets)]) + octets + value


# 1.2.840.113549.1.7.2, .1 and 1.9.16.1.9 of the same arc.
SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
DATA = bytes.fromhex("06092a864886f70d010701")
COMPRESSED = bytes.fromhex("060b2a864886f70d0109100109")
ZLIB = bytes.fromhex("060b2a864886f70d0109100308")


def signed(data, chunk=0):
    """A CMS SignedData that holds DATA and no signature. With CHUNK, the
    content is a constructed string in pieces of that size (BER)."""
    if chunk:
        pieces = b"".join(der(4, data[i:i + chunk])
                          for i in range(0, len(data), chunk))
        content = b"\x24\x80" + pieces + b"\0\0"
        inner = b"\x30\x80" + DATA + b"\xa0\x80" + content + bytes(4)
        body = b"\x30\x80" + der(2, b"\1") + der(0x31) + inner + \
            der(0x31) + b"\0\0"
        return b"\x30\x80" + SIGNED_DATA + b"\xa0\x80" + body + bytes(4)
    inner = der(0x30, DATA, der(0xa0, der(4, data)))
    body = der(0x30, der(2, b"\1"), der(0x31), inner, der(0x31))
    return der(0x30, SIGNED_DATA, der(0xa0, body))


def compressed(data):
    """A CMS CompressedData (RFC 3274)."""
    inner = der(0x30, DATA, der(0xa0, der(4, zlib.compress(data, 9))))
    body = der(0x30, der(2, b"\0"), der(0x30, ZLIB), inner)
    return der(0x30, COMPRESSED, der(0xa0, body))


def packet(tag, body):
    """An OpenPGP packet, new format."""
    size = len(body)
    length = bytes([size]) if size < 192 else bytes(
        [((size - 192) >> 8) + 192, (size - 192) & 255]) if size < 8384 \
        else b"\xff" + struct.pack(">L", size)
    return bytes([0xc0 | tag]) + length + body


def literal(data, name=b"a.bin"):
    return packet(11, b"b" + bytes([len(name)]) + name + bytes(4) + data)


def pgp_compressed(data):
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packet(8, b"\1" + deflate.compress(literal(data)) +
                  deflate.flush())


def armor(data, kind="MESSAGE"):
    text = binascii.b2a_base64(data, newline=False).decode()
    crc = 0xb704ce
    for byte in data:
        crc ^= byte << 16
        for _ in range(8):
            crc = crc << 1 ^ (0x1864cfb if crc & 0x800000 else 0)
    crc &= 0xffffff
    check = binascii.b2a_base64(crc.to_bytes(3, "big"),
                                newline=False).decode()
    return "-----BEGIN PGP %s-----\n\n%s=%s\n-----END PGP %s-----\n" % (
        kind, "".join(text[i:i + 64] + "\n"
                      for i in range(0, len(text), 64)), check, kind)


def apple_single(data, magic=0x00051600):
    name = b"a.bin"
    start = 26 + 24
    return struct.pack(">LL16sH", magic, 0x00020000, b"", 2) + \
        struct.pack(">LLL", 3, start, len(name)) + \
        struct.pack(">LLL", 1, start + len(name), len(data)) + name + data


def mac_binary(data):
    head = bytearray(128)
    head[1] = 5
    head[2:7] = b"a.bin"
    head[65:73] = b"BINA????"
    head[83:87] = struct.pack(">L", len(data))
    head[122:124] = b"\x81\x81"
    head[124:126] = struct.pack(">H", binascii.crc_hqx(bytes(head[:124]), 0))
    return bytes(head) + data + bytes(-len(data) % 128)


def gz(data):
    return gzip.compress(data, mtime=0)
