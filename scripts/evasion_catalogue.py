"""The catalogue E-001 to E-505: structures in both encodings, odd encodings,
published evasions of mail scanners as recipes of our own, file names, what is
encoded twice, mail in pieces, mail that is hard to tell for mail, limits.
"""

import mailtest
import evasion_codecs as codecs
import evasion_structures as structures
from evasion import (B, CR, HEAD, LF, LINES, LITERALS, MIXED,
                     OTHER, PLAIN, PROGRAMS, SCRIPTS, VERSION, Case, Enc,
                     as_base64, as_qp, attached, b64, finish, mixed, noise,
                     qp, quote_byte, remember, wrap)

STRUCTURES = 201
SPARE = len(structures.ROWS) - STRUCTURES


def is_spare(index):
    """A row in so many is kept for the held-out cases."""
    step = len(structures.ROWS) // SPARE
    return index % step == step // 2 and index // step < SPARE


def both(index):
    """The encodings of a row, with payloads that change from row to row."""
    texts = SCRIPTS if index % 2 else PROGRAMS
    return (as_base64(PROGRAMS[index % len(PROGRAMS)]),
            as_qp(texts[index // 2 % len(texts)]))


def structure_cases(family, want_spare):
    for index, (text, ambiguous, make) in enumerate(structures.ROWS):
        if is_spare(index) == want_spare:
            for e in both(index):
                yield Case(family, "%s (%s)" % (text, e.name),
                           lambda make=make, e=e: make(e), ambiguous)


# Encodings of the payload.

def sprinkle(text, junk, every):
    return "".join(text[i:i + every] + junk[i // every % len(junk)]
                   for i in range(0, len(text), every))


def of_rest(rest):
    """A payload whose size leaves REST when divided by three."""
    return next(p for p in PROGRAMS if len(p) % 3 == rest)


def base64_tricks():
    whole, one, two = of_rest(0), of_rest(1), of_rest(2)
    text = b64(whole, 1 << 20)[:-1]
    yield "lines of 6", False, one, b64(one, 6)
    yield "lines of 1", False, two, b64(two, 1)
    yield "full stops between", True, whole, wrap(sprinkle(text, ".", 7))
    yield "hyphens between", True, whole, wrap(sprinkle(text, "-", 11))
    yield "number signs and more between", True, whole, \
        wrap(sprinkle(text, "#!%*", 9))
    yield "blanks between", False, whole, wrap(sprinkle(text, " ", 5))
    yield "equals signs between", True, whole, wrap(sprinkle(text, "=", 22))
    yield "every line padded", True, whole, "".join(
        b64(whole[i:i + 19]) for i in range(0, len(whole), 19))
    yield "in two halves, each padded", True, one, wrap(
        b64(one[:40], 100)[:-1] + b64(one[40:], 1 << 20)[:-1])
    yield "final padding left out", True, one, b64(one).rstrip("=\n") + "\n"
    yield "too much padding", True, two, b64(two) + "====\n==\n"


def qp_lines(text, end):
    return "".join("".join(map(quote_byte, line)) + end
                   for line in text.split(b"\r\n"))


def unquoted(*allowed):
    def quote(byte):
        return chr(byte) if byte in PLAIN or byte in allowed else \
            "=%02X" % byte
    return quote


def every(size, soft):
    """QP of a payload with SOFT after so many characters."""
    return lambda payload: qp(payload, size, soft)


def qp_tricks():
    number = 0
    for text, ambiguous, encode in (
            ("lower-case digits", False, lambda p: qp(
                p, quote=lambda b: quote_byte(b).lower()
                if b not in PLAIN else chr(b))),
            ("digits in mixed case", False, lambda p: qp(
                p, quote=lambda b: quote_byte(b) if b in PLAIN else
                "=%X%x" % (b >> 4, b & 15))),
            ("every byte encoded", False, lambda p: qp(
                p, quote=lambda b: "=%02X" % b)),
            ("blanks after soft breaks", False, every(60, "=   \n")),
            ("a tab after soft breaks", False, every(60, "=\t\n")),
            ("LF in soft breaks", True, every(60, "=" + LF)),
            ("CR in soft breaks", True, every(60, "=" + CR)),
            ("CR CR LF in soft breaks", True, every(60, "=" + CR + "\n")),
            ("LF CR in soft breaks", True, every(60, "=" + LF + CR)),
            ("100 blanks after soft breaks", False,
             every(60, "=" + " " * 100 + "\n")),
            ("vertical tabs after soft breaks", True, every(60, "=\x0b\n")),
            ("lines of 990", False, every(990, "=\n")),
            ("one line", False, every(1 << 20, "=\n")),
            ("a line for each byte", False, every(1, "=\n")),
            ("several soft breaks in a row", False, every(40, "=\n=\n=\n")),
            ("a NUL after the digits", True, lambda p: qp(
                p, quote=lambda b: chr(b) if b in PLAIN else
                "=%02X\0" % b))):
        sources = SCRIPTS if number % 2 else PROGRAMS
        payload = sources[number % len(sources)]
        number += 1
        yield text, ambiguous, payload, encode(payload)
    for text, end in (("lines", "\n"), ("lines with blanks at the end",
                                        "   \n"),
                      ("lines with tabs at the end", "\t\t\n")):
        yield text, False, LINES[number % 2], qp_lines(
            LINES[number % 2], end)[:-len(end)] + "\n"
    yield "bytes over 127 as they are", True, SCRIPTS[2], \
        qp(SCRIPTS[2], quote=unquoted(*range(128, 256)))
    yield "controls as they are", True, PROGRAMS[3], qp(
        PROGRAMS[3], quote=unquoted(*set(range(1, 32)) - {9, 10, 13}))
    yield "NULs as they are", True, PROGRAMS[4], \
        qp(PROGRAMS[4], quote=unquoted(0))
    yield "an equals sign before each soft break", True, SCRIPTS[3], qp(
        SCRIPTS[3], quote=lambda b: "==\n" if b == 61 else quote_byte(b))
    head = LITERALS[0][:-len(b" a=@b=@c;")]
    for text, payload in zip(
            ("=@", "=0x", "= =", "==", "=Z", "= at the end"), LITERALS):
        yield "%s that encodes nothing" % text, True, payload, \
            qp(head)[:-1] + payload[len(head):].decode() + "\n"


def encoding_cases():
    for name, tricks in (("base64", base64_tricks),
                         ("quoted-printable", qp_tricks)):
        for text, ambiguous, payload, data in tricks():
            e = Enc(name, payload, data)
            yield Case("payload encodings", "%s: %s" % (name, text),
                       lambda e=e: mixed(e), ambiguous)


# Published ones.

def typed(value, used=B, extra=""):
    """A mail with this Content-Type and more, delimited with USED."""
    def make(e):
        return finish(HEAD + VERSION + value + extra + "\n" +
                      structures.around(e, used))
    return make


MULTI = "Content-Type: multipart/mixed;\n "


def published(family, rows):
    for number, (text, make) in enumerate(rows):
        e = both(number)[number % 3 == 2]
        yield Case(family, text, lambda make=make, e=e: make(e))


def clamav_cases():
    real = MULTI + "boundary=\"%s\"\n" % B
    yield from published("header tricks, first series", (
        ("comment after the field's name", typed(
            "Content-Type(purr): multipart/mixed; boundary=%s\n" % B)),
        ("nested comment after the field's name", typed(
            "Content-Type(pu(rr)r): multipart/mixed; boundary=%s\n" % B)),
        ("two boundaries on two lines, the last used", typed(
            MULTI + "boundary=%s;\n boundary=%s\n" % (OTHER, B))),
        ("two type fields far from each other, the last used", typed(
            "Content-Type: multipart/mixed; boundary=%s\nX-Between: yes\n"
            % OTHER, extra=real)),
        ("another boundary in the disposition", typed(
            real, extra="Content-Disposition: inline; boundary=\"%s\"\n" %
            OTHER)),
        ("another boundary in the disposition, extended", typed(
            real, extra="Content-Disposition: inline;\n "
            "boundary*=utf-8''%s\n" % OTHER)),
        ("semicolon at the end of the boundary", typed(
            MULTI + "boundary=\"%s;\"\n" % B, B + ";"))))
    yield from published("boundary parameters", (
        ("blank before it, type folded", typed(
            MULTI + "boundary=\"  %s\"\n" % B, "  " + B)),
        ("blanks inside, no quotes", typed(
            MULTI + "boundary=one two three; charset=utf-8\n",
            "one two three")),
        ("quoted backslash", typed(
            MULTI + "boundary=\"one\\\\two\"\n", "one\\two")),
        ("quoted quotes", typed(
            MULTI + "boundary=\"\\\"one\\\"\"\n", "\"one\"")),
        ("three sections on three lines", typed(
            MULTI + "boundary*0=\"one\";\n boundary*1=\"two\";\n "
            "boundary*2=\"three\"\n", "onetwothree")),
        ("encoded sections between plain ones", typed(
            MULTI + "boundary*0*=us-ascii''o%6Ee;\n boundary*1=two;\n "
            "boundary*2*=%74hree\n", "onetwothree"))))


def parameter_cases():
    plain = "boundary=%s\n" % B
    yield from published("parameters", (
        ("one that is none hides the next", typed(
            MULTI + "x:y=1; " + plain)),
        ("one without a name", typed(MULTI + "=1; " + plain)),
        ("one without a value", typed(MULTI + "x; " + plain)),
        ("one with a blank in its name", typed(MULTI + "x y=1; " + plain)),
        ("section 0 twice, the first used", typed(
            MULTI + "boundary*0=%s; boundary*0=%s\n" % (B, OTHER))),
        ("section 0 twice, the last used", typed(
            MULTI + "boundary*0=%s; boundary*0=%s\n" % (OTHER, B))),
        ("no section 0", typed(MULTI + "boundary*1=%s\n" % B)),
        ("encoded word inside, decoded", typed(
            MULTI + "boundary=\"abc=?us-ascii?Q?def?=\"\n", "abcdef")),
        ("nested comment before the equals sign", typed(
            MULTI + "boundary((c))=\"%s\"\n" % B)),
        ("open quote in one before it", typed(
            MULTI + "x=\"1; " + plain))))


def named(text, ambiguous, type_rest, disposition):
    def make(e):
        return mixed(
            e, part_type="Content-Type: application/octet-stream%s\n" %
            type_rest, disposition="Content-Disposition: attachment%s\n" %
            disposition)
    return text, ambiguous, make


def name_cases():
    rows = (
        named("sections on three lines", False, "",
              ";\n filename*0=\"in\";\n filename*1=\"voice\";\n "
              "filename*2=\".exe\""),
        named("sections, one encoded, in quotes", True,
              "; name*0*=\"''attached%2E\"; name*1*=\"%62\"; name*2=at", ""),
        named("encoded word in quotes", False, "",
              "; filename=\"=?utf-8?B?aW52b2ljZS5leGU=?=\""),
        named("encoded word cut in two", False, "",
              "; filename=\"=?utf-8?Q?invoice?=\n =?utf-8?Q?=2Eexe?=\""),
        named("two names that differ", False, "; name=\"a.txt\"",
              "; filename=\"a.exe\""),
        named("two file names", True, "",
              "; filename=\"a.txt\"; filename=\"a.exe\""),
        named("full stops and blanks at the end", False, "",
              "; filename=\"a.exe. . \""),
        named("right-to-left override", False, "",
              "; filename*=utf-8''a%E2%80%AEtxt.exe"),
        named("NUL inside", True, "", "; filename=\"a.txt\0.exe\""),
        named("path", False, "", "; filename=\"..\\..\\a/../a.exe\""),
        named("language tag with a hyphen", False, "",
              "; filename*=utf-8'en-GB'a%2Eexe"),
        named("open quote", True, "", "; filename=\"a.exe"))
    for number, (text, ambiguous, make) in enumerate(rows):
        e = both(number)[number % 2]
        yield Case("file names", text, lambda make=make, e=e: make(e),
                   ambiguous)


# In something else.

def in_text(text):
    """A mail whose text is TEXT."""
    return finish(HEAD + VERSION + "Content-Type: text/plain\n\n"
                  "Here it is.\n\n" + text + "\nRegards\n")


def in_part(header, data, encoding="base64", width=76):
    """A mail with DATA as the part that HEADER describes."""
    if encoding == "base64":
        data = b64(data, width)
    return finish(HEAD + VERSION + MIXED["type"].replace("{B}", B) + "\n" +
                  (MIXED["first"] + "--{B}\n" + header).replace("{B}", B) +
                  "Content-Transfer-Encoding: " + encoding + "\n\n" + data +
                  "--" + B + "--\n")


def file_part(data, kind="application/octet-stream", name="a.bin"):
    return in_part("Content-Type: %s; name=\"%s\"\n"
                   "Content-Disposition: attachment; filename=\"%s\"\n" % (
                       kind, name, name), data)


def nested_cases():
    def add(text, ambiguous, make):
        return Case("nested encodings", text, make, ambiguous)
    mail = mixed(as_base64(PROGRAMS[1]))
    yield add("base64 of base64", False, lambda: file_part(
        b64(PROGRAMS[0]).encode()))
    yield add("message in base64", True, lambda: in_part(
        "Content-Type: message/rfc822\n", mail))
    yield add("message in quoted-printable", True, lambda: in_part(
        "Content-Type: message/rfc822\n", qp(mail), "quoted-printable"))
    yield add("multipart in base64", True, lambda: in_part(
        "Content-Type: multipart/mixed; boundary=\"%s\"\n" % OTHER,
        finish(structures.around(as_base64(PROGRAMS[2]), OTHER))))
    yield add("uuencode in text", False,
              lambda: in_text(codecs.uu(PROGRAMS[3])))
    yield add("yEnc in text", False,
              lambda: in_text(codecs.yenc(PROGRAMS[4])))
    yield add("BinHex in text", False,
              lambda: in_text(codecs.binhex(PROGRAMS[5])))
    yield add("x-gzip64", True, lambda: in_part(
        MIXED["part_type"], b64(codecs.gz(PROGRAMS[6])), "x-gzip64"))
    yield add("winmail.dat", False, lambda: file_part(
        codecs.tnef(PROGRAMS[7]), "application/ms-tnef", "winmail.dat"))
    yield add("mail as an octet stream", False, lambda: file_part(
        mixed(as_qp(SCRIPTS[0])), name="a.eml"))


def partial(number, total, ident, text):
    """A fragment of a message; TEXT has LF."""
    count = "; total=%d" % total if total else ""
    return (HEAD.replace("evasion@", "evasion.%d@" % number) + VERSION +
            "Content-Type: message/partial; id=\"%s\"; number=%d%s\n\n" % (
                ident, number, count) + text).encode()


def fragments(text, count):
    rows = text.splitlines(True)
    bounds = [len(rows) * i // count for i in range(count + 1)]
    return ["".join(rows[a:b]) for a, b in zip(bounds, bounds[1:])]


def whole_mail(payload, width=76):
    """The text of a message, with LF."""
    e = Enc("base64", payload, b64(payload, width))
    return mixed(e).replace(b"\r\n", b"\n").decode("latin-1")


def in_pieces(count, total=None, ident="p@test.example", order=1, **more):
    pieces = fragments(whole_mail(**more), count)
    mails = [partial(number, total or count, ident, piece)
             for number, piece in enumerate(pieces, 1)][::order]
    return mailtest.mbox_of(mails)[0]


def partial_cases():
    long = remember(PROGRAMS[0] + noise(7, 1100))
    for text, expect, arguments in (
            ("two pieces", "found", dict(count=2, payload=PROGRAMS[1])),
            ("three pieces, the last first", "found",
             dict(count=3, order=-1, payload=PROGRAMS[2])),
            ("two pieces that claim to be three", "told",
             dict(count=2, total=3, payload=PROGRAMS[3])),
            ("1,025 pieces", "told",
             dict(count=1025, payload=long, width=1)),
            ("two pieces, a path for an id", "found",
             dict(count=2, ident="../../tmp/p", payload=PROGRAMS[4]))):
        yield Case("message/partial", text,
                   lambda a=arguments: in_pieces(**a), False, expect,
                   suffix="mbox")


def recognition_cases():
    e = as_base64(PROGRAMS[5])
    plain = mixed(e)
    for text, ambiguous, make in (
            ("nothing but its type before the body", False,
             lambda: mixed(e, head="X-A: b\n", version="")),
            ("an empty line first", True, lambda: b"\r\n" + plain),
            ("a first field of 1 MB", False,
             lambda: b"X-Long: " + b"x" * 1000000 + b"\r\n" + plain),
            ("a byte order mark first", True,
             lambda: b"\xef\xbb\xbf" + plain),
            ("in UTF-16", True, lambda: b"\xff\xfe" + plain.decode(
                "latin-1").encode("utf-16-le")),
            ("after a From_ line, little else", False, lambda: mixed(
                e, head=mailtest.FROM_LINE.decode(), version="").replace(
                    b"\r\n", b"\n"))):
        yield Case("recognition", text, make, ambiguous)


# Limits.

def deep(levels, e):
    head = "".join(
        "Content-Type: multipart/mixed; boundary=\"d%d\"\n\n--d%d\n" % (i, i)
        for i in range(levels))
    foot = "".join("--d%d--\n" % i for i in reversed(range(levels)))
    return finish(HEAD + VERSION + head + attached(e) + foot)


def many_parts(count, e):
    return mixed(e, first=("--%s\n\nx\n" % B) * count)


def limit_cases():
    e = as_base64(PROGRAMS[6])
    for text, make in (
            ("20 multiparts deep", lambda: deep(20, e)),
            ("100 multiparts deep", lambda: deep(100, e)),
            ("1,030 multiparts deep", lambda: deep(1030, e)),
            ("262,145 folds before the type", lambda: mixed(
                e, version=VERSION + "X-Folds: a" + "\n b" * 262145 + "\n")),
            ("300 kB of one field before the type", lambda: mixed(
                e, version=VERSION + "X-Long: " + "x" * 300000 + "\n")),
            ("in part 20,001", lambda: many_parts(20000, e)),
            ("boundary as parameter 257", lambda: mixed(
                e, type=MULTI + "".join("p%d=1;\n " % i for i in range(256))
                + "boundary=%s\n" % B))):
        yield Case("limits", text, make, False, "told")


def cases():
    for group in (
            structure_cases("structures", False), encoding_cases(),
            clamav_cases(), parameter_cases(), name_cases(), nested_cases(),
            partial_cases(), recognition_cases(), limit_cases()):
        yield from group
