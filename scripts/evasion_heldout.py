"""Cases of kinds that are not in the catalogue: what a sender might try next.
Their scores are kept apart.
"""

import base64
import urllib.parse

import mailtest
import evasion_catalogue as catalogue
import evasion_codecs as codecs
import evasion_structures as structures
from evasion import (B, CR, HEAD, LF, MIXED, NOTHING, OTHER, PLAIN, PROGRAMS,
                     SCRIPTS, VERSION, Case, Enc, as_base64, as_qp, attached,
                     b64, fill, finish, mixed, qp, wrap)
from evasion_catalogue import (both, file_part, in_part, in_text, sprinkle,
                               typed)

CTE = "Content-Transfer-Encoding: "
MULTI = "Content-Type: multipart/mixed; "
ODD, RARE = True, False


def case(family, text, make, ambiguous=True, expect="found", exact=True,
         suffix="eml"):
    return Case(family, text, make, ambiguous, expect, exact, suffix)


# Two tricks at once.

def pair_cases():
    """Every structure of a selection with an odd encoding, in turn."""
    tricks = {"base64": list(catalogue.base64_tricks()),
              "quoted-printable": list(catalogue.qp_tricks())}
    for number in range(40):
        name = ("base64", "quoted-printable")[number % 2]
        text, odd, payload, data = tricks[name][
            number * 3 % len(tricks[name])]
        e = Enc(name, payload, data)
        what, ambiguous, make = structures.ROWS[
            number * 11 % len(structures.ROWS)]
        yield case("two tricks", "%s; %s: %s" % (what, name, text),
                   lambda make=make, e=e: make(e), ambiguous or odd)


# Headers.

def version_cases():
    for text, ambiguous, version in (
            ("none", False, ""), ("2.0", True, "MIME-Version: 2.0\n"),
            ("two that differ", True, VERSION + "MIME-Version: 1.1\n"),
            ("empty", True, "MIME-Version:\n"),
            ("comment inside", False, "MIME-Version: 1.(so)0\n"),
            ("after the type", False, None),
            ("MIME_Version", False, "MIME_Version: 1.0\n")):
        pieces = {"version": version} if version is not None else {
            "version": "", "separator": VERSION + "\n"}
        for e in both(len(text)):
            yield case("MIME version", "%s (%s)" % (text, e.name),
                       lambda e=e, p=pieces: mixed(e, **p), ambiguous)


def header_cases():
    rows = (
        ("NEL before the encoding", ODD, dict(
            part_type=MIXED["part_type"][:-1] + "\x85")),
        ("U+2028 before the encoding", ODD, dict(
            part_type=MIXED["part_type"][:-1] + "\xe2\x80\xa8")),
        ("form feed before the encoding", ODD, dict(
            part_type=MIXED["part_type"][:-1] + "\x0c")),
        ("NUL for the line end before the encoding", ODD, dict(
            part_type=MIXED["part_type"][:-1] + "\0")),
        ("encoding after a literal \\n", ODD, dict(
            part_type=MIXED["part_type"][:-1] + "\\n")),
        ("underscores in the field's name", ODD, dict(
            cte="Content_Transfer_Encoding: {E}\n")),
        ("blanks for the hyphens in the field's name", ODD, dict(
            cte="Content Transfer Encoding: {E}\n")),
        ("soft hyphen in the field's name", ODD, dict(
            cte="Content-\xadTransfer-Encoding: {E}\n")),
        ("zero-width blank after the colon", ODD, dict(
            cte="Content-Transfer-Encoding:\xe2\x80\x8b{E}\n")),
        ("byte order mark before the field", ODD, dict(
            cte="\xef\xbb\xbf" + CTE + "{E}\n")),
        ("delete characters around the value", ODD, dict(
            cte=CTE + "\x7f{E}\x7f\n")),
        ("backspaces before the value", ODD, dict(
            cte=CTE + "7bit\b\b\b\b{E}\n")),
        ("value in angle brackets", ODD, dict(cte=CTE + "<{E}>\n")),
        ("value in single quotes", ODD, dict(cte=CTE + "'{E}'\n")),
        ("value quoted with a quoted pair", ODD, dict(
            cte=CTE + "\"\\{E}\"\n")),
        ("value with an equals sign before it", ODD, dict(cte=CTE + "={E}\n")),
        ("value named as a parameter", ODD, dict(
            cte=CTE + "encoding={E}\n")),
        ("full stop at the end of the line and a comment", ODD, dict(
            cte=CTE + "{E}. (really)\n")),
        ("comment that holds the other encoding", ODD, dict(
            cte=CTE + "({X}) {E} ({X})\n")),
        ("encoding hidden by an open comment in the type", ODD, dict(
            part_type="Content-Type: application/octet-stream (a.bin\n")),
        ("encoding hidden by an open quote in the type", ODD, dict(
            part_type="Content-Type: application/octet-stream; name=\"a\n")),
        ("encoding far below 2,000 other fields", RARE, dict(
            cte="X-Field: x\n" * 2000 + CTE + "{E}\n")),
        ("encoding declared for the mail only", ODD, dict(
            version=VERSION + CTE + "{E}\n", cte="")),
        ("encoding declared before the type of the mail", ODD, dict(
            version=CTE + "{E}\n" + VERSION, cte=CTE + "{E}\n")),
        ("base64 under Content-Encoding", ODD, dict(
            cte="Content-Encoding: {E}\n")),
        ("mail without any field before the type", RARE, dict(
            head="", version="")),
        ("UTF-16 in a field before the type", RARE, dict(
            version=VERSION + "X-A: \xff\xfea\0b\0\n")),
        ("part with an empty header", ODD, dict(
            part_type="", cte="", disposition="")),
    )
    for number, (text, ambiguous, pieces) in enumerate(rows):
        e = both(number)[number % 2 if "base64" not in text else 0]
        yield case("headers", "%s (%s)" % (text, e.name),
                   lambda e=e, p=pieces: mixed(e, **p), ambiguous)


# Delimiters.

def boundary_cases():
    dashes = "-" * 20
    rows = [
        ("nothing but dashes", False, typed(
            MULTI + "boundary=\"%s\"\n" % dashes, dashes)),
        ("ends with two dashes", True, typed(
            MULTI + "boundary=\"ab--\"\n", "ab--")),
        ("a blank", True, typed(MULTI + "boundary=\" \"\n", " ")),
        ("a tab inside", True, typed(
            MULTI + "boundary=\"a\tb\"\n", "a\tb")),
        ("like an encoded byte", False, typed(
            MULTI + "boundary=\"=41=42\"\n", "=41=42")),
        ("like base64", False, typed(
            MULTI + "boundary=\"QUJDREVGR0hJSktM\"\n", "QUJDREVGR0hJSktM")),
        ("percent escapes, decoded", True, typed(
            MULTI + "boundary=\"a%62c\"\n", "abc")),
        ("with the quotes in the body", True, typed(
            MULTI + "boundary=\"%s\"\n" % B, "\"%s\"" % B)),
        ("with the dashes in the parameter", True, typed(
            MULTI + "boundary=\"--%s\"\n" % B, B)),
        ("typographic quotes", True, typed(
            MULTI + "boundary=\xe2\x80\x9c%s\xe2\x80\x9d\n" % B, B)),
        ("colon for the equals sign", True, typed(
            MULTI + "boundary:\"%s\"\n" % B, B)),
        ("charset parameter inside the quotes", True, typed(
            MULTI + "boundary=\"%s; charset=us-ascii\"\n" % B, B)),
        ("declared in the subject's field as well", False, typed(
            "Subject: boundary=\"%s\"\n%sboundary=\"%s\"\n" %
            (OTHER, MULTI, B))),
        ("declared in an X-Content-Type", True, typed(
            "X-Content-Type: multipart/mixed; boundary=\"%s\"\n" % B)),
        ("declared below the empty line", True, typed(
            VERSION + "\n" + MULTI + "boundary=\"%s\"\n" % B)),
    ]
    for text, line, after in (
            ("no dashes", "{B}\n", ""), ("three dashes", "---{B}\n", ""),
            ("one dash", "-{B}\n", ""),
            ("a tab before it", "\t--{B}\n", ""),
            ("quoted as in a reply", "> --{B}\n", ""),
            ("a no-break space after it", "--{B}\xa0\n", ""),
            ("a comment after it", "--{B} (so)\n", ""),
            ("half of it", "--{B}"[:-1] + "\n", ""),
            ("a backspace after it", "--{B}\b\n", ""),
            ("VT at its end", "--{B}\x0b", ""),
            ("LF CR at its end", "--{B}" + LF + CR, ""),
            ("the close in its stead", "--{B}--\n", "")):
        rows.append(("delimiter: " + text, True, lambda e, line=line: mixed(
            e, open=line)))
    rows += [
        ("three levels, one boundary", True, three_levels),
        ("outer close inside the inner multipart", True, early_close),
        ("delimiter inside a folded field of the part", True, lambda e: mixed(
            e, disposition="X-Fold: a\n --{B}\n" + MIXED["disposition"])),
        ("delimiter right after the data, on its line", True,
         lambda e: mixed(e, data=e.data[:-1])),
        ("header of the part in the delimiter's line", True,
         lambda e: mixed(e, open="--{B} ", part_type="")),
        ("second file in a section after two closes", True,
         lambda e: mixed(e, first="--{B}\n" + NOTHING + "--{B}--\n--{B}--\n")),
    ]
    for number, (text, ambiguous, make) in enumerate(rows):
        e = both(number + 3)[number % 2]
        yield case("boundaries", "%s (%s)" % (text, e.name),
                   lambda make=make, e=e: make(e), ambiguous)


def three_levels(e):
    field = MULTI + "boundary=\"" + B + "\"\n\n"
    return finish(HEAD + VERSION + field + ("--" + B + "\n" + field) * 2 +
                  structures.around(e, B) + ("--" + B + "--\n") * 2)


def early_close(e):
    inner = "--%s\n%s--%s--\n--%s\n%s--%s--\n" % (
        OTHER, NOTHING, B, OTHER, attached(e), OTHER)
    return finish(HEAD + VERSION + MULTI + "boundary=\"" + B + "\"\n\n--" +
                  B + "\n" + MULTI + "boundary=\"" + OTHER + "\"\n\n" +
                  inner + "--" + B + "--\n")


# Odd base64 and quoted-printable, and what resembles them.

def base64_cases():
    p = PROGRAMS[2]
    text = base64.b64encode(p).decode()
    safe = base64.urlsafe_b64encode(p).decode()
    rows = [
        ("URL-safe alphabet", True, wrap(safe)),
        ("URL-safe alphabet, no padding", True, wrap(safe.rstrip("="))),
        ("comma and full stop for the last two", True,
         wrap(text.replace("+", ".").replace("/", ","))),
        ("bytes over 127 between", True, wrap(sprinkle(text, "\xe9\x80", 9))),
        ("NULs between", True, wrap(sprinkle(text, "\0", 13))),
        ("escape sequences between", True,
         wrap(sprinkle(text, ["\x1b[0m"], 30))),
        ("tabs before each line", False,
         "".join("\t" + line + "\n" for line in wrap(text).split())),
        ("quoted as in a reply", True,
         "".join("> " + line + "\n" for line in wrap(text).split())),
        ("ends of lines as bare CR", True, wrap(text).replace("\n", CR)),
        ("ends of lines as LF CR", True,
         wrap(text).replace("\n", LF + CR)),
        ("ends of lines as NEL", True, wrap(text).replace("\n", "\x85")),
        ("empty lines between", False, wrap(text).replace("\n", "\n\n")),
        ("many empty lines before it", False, "\n" * 500 + wrap(text)),
        ("comment line before it", True, "(see below)\n\n" + wrap(text)),
        ("one stray character before it", True, "A\n" + wrap(text)),
        ("stray bits in the last group", True,
         wrap(stray_bits(PROGRAMS[0]))),
        ("padding before it", True, "====\n" + wrap(text)),
        ("padding alone on each second line", True,
         wrap(text, 60).replace("\n", "\n=\n")),
        ("soft breaks of quoted-printable", True,
         wrap(text).replace("\n", "=\n")),
        ("escaped ends of lines", True, wrap(text).replace("\n", "\\r\\n\n")),
        ("a header of its own before it", True,
         "Content-Description: file\n\n" + wrap(text)),
        ("dot-stuffed lines", True,
         "".join("." + line + "\n" for line in wrap(text, 30).split())),
        ("a line of another length each time", False, uneven(text)),
        ("armour around it", True, "-----BEGIN FILE-----\n" + wrap(text) +
         "-----END FILE-----\n"),
        ("the word EOF and text after it", True,
         wrap(text) + "\nEOF. That is all.\n"),
    ]
    for what, ambiguous, data in rows:
        payload = PROGRAMS[0] if what.startswith("stray bits") else p
        e = Enc("base64", payload, data)
        yield case("odd base64", what, lambda e=e: mixed(e), ambiguous)


def stray_bits(payload):
    """The last character before the padding with bits that decode to
    nothing, if there is padding; else one group more."""
    text = base64.b64encode(payload).decode()
    if not text.endswith("="):
        return text + "="
    bare = text.rstrip("=")
    alphabet = ("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                "0123456789+/")
    return bare[:-1] + alphabet[alphabet.index(bare[-1]) | 1] + \
        text[len(bare):]


def uneven(text):
    out, at, width = [], 0, 1
    while at < len(text):
        out.append(text[at:at + width])
        at += width
        width = width * 7 % 61 + 1
    return "\n".join(out) + "\n"


def qp_cases():
    p, q = SCRIPTS[3], PROGRAMS[5]
    rows = [
        ("soft breaks at NEL", True, p, qp(p, 60, "=\x85")),
        ("a NUL in soft breaks", True, p, qp(p, 60, "=\0\n")),
        ("no-break space in soft breaks", True, p, qp(p, 60, "=\xa0\n")),
        ("blanks between the sign and the digits", True, p,
         qp(p, quote=lambda b: chr(b) if b in PLAIN else "= %02X" % b)),
        ("a soft break inside each escape", True, p,
         qp(p, quote=lambda b: chr(b) if b in PLAIN else "=%X=\n%X" %
            (b >> 4, b & 15))),
        ("encoded words, one a line", True, q, "".join(
            "=?utf-8?Q?%s?=\n" % "".join("=%02X" % b for b in q[i:i + 15])
            for i in range(0, len(q), 15))),
        ("bytes as =XX without soft breaks, lines of one byte", False, q,
         qp(q, 3, "=\n")),
        ("spaces as underscores, digits as numbers", True, p,
         qp(p).replace("=20", "_")),
        ("backslash escapes", True, p, qp(p).replace("=3D", "\\=")),
    ]
    for what, ambiguous, payload, data in rows:
        e = Enc("quoted-printable", payload, data)
        yield case("odd quoted-printable", what, lambda e=e: mixed(e),
                   ambiguous)


# Names of encodings that some programs know.

def alias_cases():
    p, q = PROGRAMS[6], SCRIPTS[4]
    for name, data, payload in (
            ("x-base64", b64(p), p), ("b", b64(p), p), ("b64", b64(p), p),
            ("base-64", b64(p), p), ("base64-encoded", b64(p), p),
            ("mime64", b64(p), p), ("q", qp(q), q),
            ("quoted_printable", qp(q), q), ("quotedprintable", qp(q), q),
            ("x-quoted-printable", qp(q), q), ("qp", qp(q), q),
            ("7-bit", b64(p), p), ("none", b64(p), p),
            ("8bit, with escapes all the same", qp(q), q),
            ("x-uuencode", codecs.uu(p), p), ("x-uue", codecs.uu(p), p),
            ("uuencode", codecs.uu(p), p), ("uue", codecs.uu(p), p),
            ("x-yenc", codecs.yenc(p), p), ("yenc", codecs.yenc(p), p),
            ("binhex", codecs.binhex(p), p),
            ("x-binhex40", codecs.binhex(p), p),
            ("mac-binhex40", codecs.binhex(p), p)):
        e = Enc(name.split(",")[0], payload, data)
        yield case("names of encodings", name, lambda e=e: mixed(e))


# Encodings without MIME.

def inline_cases():
    p = PROGRAMS[7]
    uu = codecs.uu(p)
    rows = [
        ("uuencode with blanks for zeros", codecs.uu(p, " ")),
        ("uuencode, blanks at ends of lines cut off",
         "".join(line.rstrip(" ") + "\n" for line in
                 codecs.uu(p, " ").splitlines())),
        ("uuencode without end", uu[:uu.index("`\n")]),
        ("uuencode without the empty line", uu.replace("\n`\nend", "\nend")),
        ("uuencode, a checksum character on each line", "".join(
            line + ("" if line[:3] in ("beg", "end") or line == "`"
                    else "x") + "\n" for line in uu.splitlines())),
        ("uuencode, mode of four digits, a name with blanks",
         uu.replace("begin 644 a.bin", "begin 0644 my own file.bin")),
        ("uuencode without a name", uu.replace(" a.bin", " ")),
        ("uuencode, empty lines between", uu.replace("\n", "\n\n")),
        ("uuencode, a false begin before it", "begin 644 nothing\n" + uu),
        ("uuencode, indented", "".join("  " + line for line in
                                       uu.splitlines(True))),
        ("uuencode, quoted as in a reply", "".join(
            "> " + line for line in uu.splitlines(True))),
        ("begin-base64", "begin-base64 644 a.bin\n%s====\n" % b64(p)),
        ("begin-base64 without end",
         "begin-base64 644 a.bin\n%s" % b64(p)),
        ("xxencode", codecs.xx(p)),
        ("yEnc, lines of 997", codecs.yenc(p, width=997)),
        ("yEnc, two parts", codecs.yenc_part(p, 0, 150, 1, 2) + "\n" +
         codecs.yenc_part(p, 150, len(p), 2, 2)),
        ("yEnc, parts the wrong way round",
         codecs.yenc_part(p, 150, len(p), 2, 2) + "\n" +
         codecs.yenc_part(p, 0, 150, 1, 2)),
        ("yEnc without the end", codecs.yenc(p).split("=yend")[0]),
        ("yEnc with a wrong size", codecs.yenc(p).replace(
            "size=%d " % len(p), "size=1 ")),
        ("BinHex without its first line", codecs.binhex(p).split(
            "\n\n")[1]),
        ("BinHex in lines of 20", "(This file must be converted with "
         "BinHex 4.0)\n\n" + wrap(codecs.binhex(p).split("\n\n")[1].replace(
             "\n", ""), 20)),
        ("base64 in plain text, nothing around it", b64(p)),
        ("base64 between lines of text", "Decode this:\n" + b64(p)),
        ("a whole mail in the text", "-----Original Message-----\n" +
         catalogue.whole_mail(p)),
        ("OpenPGP, literal data", codecs.armor(codecs.literal(p))),
        ("OpenPGP, compressed", codecs.armor(codecs.pgp_compressed(p))),
    ]
    for text, body in rows:
        yield case("without MIME", text,
                   lambda body=body: in_text(body), False)
    yield case("without MIME", "uuencode in base64", lambda: finish(
        HEAD + VERSION + "Content-Type: text/plain\n" + CTE + "base64\n\n" +
        b64(uu.encode())), False)
    yield case("without MIME", "uuencode in quoted-printable", lambda: finish(
        HEAD + VERSION + "Content-Type: text/plain\n" + CTE +
        "quoted-printable\n\n" + catalogue.qp_lines(uu.replace(
            "\n", "\r\n").encode(), "\n")), False)
    yield case("without MIME", "uuencode in a mail without MIME",
               lambda: finish(HEAD + "\n" + uu), False)
    yield case("without MIME", "uuencode before the first delimiter",
               lambda: mixed(as_base64(b"nothing"), preamble=uu))
    yield case("without MIME", "uuencode after the closing delimiter",
               lambda: mixed(as_base64(b"nothing"), epilogue=uu))
    yield case("without MIME", "uuencode between header and body",
               lambda: finish(HEAD + VERSION + uu + "\nText\n"))


# What a browser decodes.

def html_mail(body, charset="utf-8", encoding="7bit"):
    return finish(HEAD + VERSION + "Content-Type: text/html; charset=" +
                  charset + "\n" + CTE + encoding + "\n\n<html><body>\n" +
                  body + "</body></html>\n")


def html_cases():
    p = PROGRAMS[3]
    text = base64.b64encode(p).decode()
    uri = "data:application/octet-stream;base64,"
    link = "<a download=\"a.bin\" href=\"%s\">File</a>\n"
    escaped = "".join("%%%02x" % b for b in p)
    rows = [
        ("data URI", link % (uri + text)),
        ("data URI, folded", link % (uri + "\n" + wrap(text))),
        ("data URI, percent escapes", link % (
            "data:application/octet-stream," + escaped)),
        ("data URI, base64 with percent escapes", link % (
            uri + urllib.parse.quote(text, safe=""))),
        ("data URI with character references", link % (
            "".join("&#%d;" % ord(c) for c in uri) + text)),
        ("data URI, parameters before base64", link % (
            "data:text/plain;charset=utf-8;x=y;base64," + text)),
        ("data URI in a style", "<div style=\"background:url('%s%s')\">\n" %
         (uri, text)),
        ("data URI, type in upper case", link % (
            uri.upper() + text)),
        ("script that decodes base64",
         "<script>var a=atob(\"%s\");save(a)</script>\n" % text),
        ("script with pieces of base64",
         "<script>var a=atob(%s);save(a)</script>\n" % "+".join(
             "\"%s\"" % text[i:i + 40] for i in range(0, len(text), 40))),
    ]
    for what, body in rows:
        yield case("HTML", what, lambda body=body: html_mail(body), False)
    yield case("HTML", "data URI in quoted-printable", lambda: html_mail(
        qp((link % (uri + text)).encode(), quote=lambda b: "=3D"
           if b == 61 else chr(b) if b > 31 else "=%02X" % b),
        encoding="quoted-printable"), False)
    yield case("HTML", "data URI in base64", lambda: html_mail(b64(
        (link % (uri + text)).encode()), encoding="base64").replace(
            b"<html><body>\r\n", b"").replace(b"</body></html>\r\n", b""),
        False)
    yield case("HTML", "data URI in an attached page", lambda: file_part(
        (link % (uri + text)).encode(), "text/html", "a.html"), False)
    yield case("HTML", "data URI in an attached picture (SVG)",
               lambda: file_part(
                   ("<svg xmlns='http://www.w3.org/2000/svg'><image href='"
                    "%s%s'/></svg>" % (uri, text)).encode(),
                   "image/svg+xml", "a.svg"), False)


# Character sets.

def charset_cases():
    text = SCRIPTS[1].decode()
    for name, label, codec in (
            ("UTF-16LE", "utf-16le", "utf-16-le"),
            ("UTF-16BE", "utf-16be", "utf-16-be"),
            ("UTF-7", "utf-7", "utf-7"),
            ("UTF-32", "utf-32le", "utf-32-le")):
        for kind in ("plain", "html"):
            yield case("character sets", "%s text/%s" % (name, kind),
                       lambda label=label, codec=codec, kind=kind: finish(
                           HEAD + VERSION + "Content-Type: text/%s; charset"
                           "=%s\n" % (kind, label) + CTE + "base64\n\n" +
                           b64(text.encode(codec))), False, exact=False)
    e = as_base64(PROGRAMS[4])
    yield case("character sets", "base64 in UTF-16, declared", lambda:
               finish(HEAD + VERSION + "Content-Type: text/plain; charset="
                      "utf-16\n" + CTE + "base64\n\n") +
               e.data.encode("utf-16-le"))
    yield case("character sets", "mail in UTF-16BE", lambda: b"\xfe\xff" +
               mixed(e).decode("latin-1").encode("utf-16-be"))
    yield case("character sets", "mail in UTF-16 without a mark", lambda:
               mixed(e).decode("latin-1").encode("utf-16-le"))
    yield case("character sets", "full-width letters in the encoding's name",
               lambda: mixed(e, cte=CTE + "".join(
                   chr(ord(c) + 0xfee0) for c in "base64").encode().decode(
                       "latin-1") + "\n"))


# Containers of mail and of files.

def container_cases():
    e, p = as_base64(PROGRAMS[1]), PROGRAMS[1]
    mail = mixed(e)
    other = mixed(as_qp(SCRIPTS[2]))

    def add(text, make, ambiguous=False, expect="found"):
        return case("containers", text, make, ambiguous, expect)
    yield add("digest, parts without a type", lambda: finish(
        HEAD + VERSION + "Content-Type: multipart/digest; boundary=\"" + B +
        "\"\n\n--" + B + "\n\n" + fill(MIXED, e).replace(B, OTHER) +
        "--" + B + "--\n"))
    for kind in ("message/global", "message/news", "message/rfc2822",
                 "text/rfc822", "application/mbox", "message/x-unknown",
                 "application/x-mimearchive", "multipart/related"):
        yield add("mail as %s in base64" % kind, lambda kind=kind: file_part(
            mail, kind, "a.eml"))
    yield add("mail in text/plain, attached as a.eml", lambda: file_part(
        other, "text/plain", "a.eml"))
    yield add("mbox as an attachment", lambda: file_part(mailtest.mbox_of(
        [other.replace(b"\r\n", b"\n"),
         mail.replace(b"\r\n", b"\n")])[0], name="old.mbox"))
    yield add("message in base64 in a message in base64", lambda: in_part(
        "Content-Type: message/rfc822\n", in_part(
            "Content-Type: message/rfc822\n", mail)), True)
    yield add("message in uuencode", lambda: in_part(
        "Content-Type: message/rfc822\n", codecs.uu(mail), "x-uuencode"),
        True)
    yield add("message in base64 in quoted-printable", lambda: in_part(
        "Content-Type: message/rfc822\n", qp(in_part(
            "Content-Type: message/rfc822\n", mail)), "quoted-printable"),
        True)
    yield add("multipart in quoted-printable", lambda: in_part(
        "Content-Type: multipart/mixed; boundary=\"%s\"\n" % OTHER,
        qp(finish(structures.around(e, OTHER))), "quoted-printable"), True)
    yield add("base64 of base64 of base64", lambda: file_part(
        b64(b64(p).encode()).encode()))
    yield add("quoted-printable of base64, both declared", lambda: finish(
        HEAD + VERSION + MIXED["part_type"] + CTE + "base64\n" + CTE +
        "quoted-printable\n\n" + qp(b64(p).encode())), True)
    yield add("S/MIME, opaque signature, of a mail", lambda: file_part(
        codecs.signed(attached(e).replace("\n", "\r\n").encode()),
        "application/pkcs7-mime; smime-type=signed-data", "smime.p7m"))
    yield add("S/MIME, opaque signature, in chunks of 40", lambda: file_part(
        codecs.signed(attached(e).replace("\n", "\r\n").encode(), 40),
        "application/pkcs7-mime; smime-type=signed-data", "smime.p7m"))
    yield add("S/MIME, compressed", lambda: file_part(
        codecs.compressed(attached(e).replace("\n", "\r\n").encode()),
        "application/pkcs7-mime; smime-type=compressed-data", "smime.p7z"))
    yield add("OpenPGP, compressed, as a file", lambda: file_part(
        codecs.pgp_compressed(p), name="a.gpg"))
    yield add("AppleSingle", lambda: file_part(
        codecs.apple_single(p), "application/applefile"))
    yield add("MacBinary", lambda: file_part(
        codecs.mac_binary(p), "application/x-macbinary"))
    yield add("BinHex as a file", lambda: file_part(
        codecs.binhex(p).encode(), "application/mac-binhex40", "a.hqx"))
    yield add("uuencode as a file", lambda: file_part(
        codecs.uu(p).encode(), name="a.uue"))
    yield add("yEnc as a file", lambda: file_part(
        codecs.yenc(p).replace("\n", "\r\n").encode("latin-1"),
        name="a.ync"))
    yield add("gzip under Content-Encoding", lambda: in_part(
        MIXED["part_type"] + "Content-Encoding: gzip\n", codecs.gz(p)))
    yield add("winmail.dat in a message in base64", lambda: in_part(
        "Content-Type: message/rfc822\n", file_part(codecs.tnef(p),
                                                    "application/ms-tnef",
                                                    "winmail.dat")), True)
    yield add("winmail.dat under another name and type",
              lambda: file_part(codecs.tnef(p), "image/png", "a.png"))
    yield add("winmail.dat with a wrong checksum", lambda: file_part(
        codecs.tnef(p)[:-2] + b"\0\0", "application/ms-tnef",
        "winmail.dat"))
    yield add("zip in base64 in text", lambda: in_text(b64(
        mailtest.zip_of([("a.bin", p)]))))
    yield add("zip with bytes before it", lambda: file_part(
        b"\xff" * 300 + mailtest.zip_of([("a.bin", p)]), name="a.zip"))
    yield add("calendar with a file", lambda: file_part(
        ("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nATTACH;ENCODING=BASE64;VALUE="
         "BINARY:\r\n " + b64(p, 70).replace("\n", "\r\n ")[:-1] +
         "END:VEVENT\r\nEND:VCALENDAR\r\n").encode(), "text/calendar",
        "a.ics"))
    yield add("rich text with an object", lambda: file_part(
        b"{\\rtf1{\\object\\objemb{\\*\\objdata " + p.hex().encode() +
        b"}}}", "application/rtf", "a.rtf"))
    yield add("one fragment of two", lambda: catalogue.partial(
        1, 2, "one@test.example", catalogue.fragments(
            catalogue.whole_mail(p), 2)[0]), expect="told")
    yield add("one fragment, number 1 of 1", lambda: catalogue.partial(
        1, 1, "all@test.example", catalogue.whole_mail(p)))
    yield add("fragment in base64", lambda: finish(
        HEAD + VERSION + "Content-Type: message/partial; id=\"b@test\"; "
        "number=1; total=1\n" + CTE + "base64\n\n" + b64(mail)), True)
    yield add("body elsewhere (external-body)", lambda: finish(
        HEAD + VERSION + "Content-Type: message/external-body; access-type="
        "URL;\n URL=\"https://files.example/a.bin\"\n\n" + MIXED[
            "part_type"] + "\n"), expect="told")
    yield add("external-body that holds the file all the same",
              lambda: finish(HEAD + VERSION + "Content-Type: message/"
                             "external-body; access-type=LOCAL-FILE;\n name="
                             "\"a.bin\"\n\n" + attached(e)))


# The structures once more, inside something, or stored as a Maildir does.

def carriers():
    def part(kind, name):
        return lambda mail: file_part(mail, kind, name)
    return (
        ("a message in a message", lambda mail: finish(
            HEAD + VERSION + "Content-Type: message/rfc822\n\n") + mail),
        ("a message in base64", part("message/rfc822", "a.eml")),
        ("a file a.eml", part("application/octet-stream", "a.eml")),
        ("a.eml in a zip", lambda mail: file_part(
            mailtest.zip_of([("a.eml", mail)]), "application/zip",
            "a.zip")),
        ("an mbox in gzip", lambda mail: file_part(codecs.gz(
            mailtest.mbox_of([mail.replace(b"\r\n", b"\n")])[0]),
            "application/gzip", "a.gz")),
        ("a digest", lambda mail: finish(
            HEAD + VERSION + "Content-Type: multipart/digest; boundary="
            "digest\n\n--digest\n\n") + mail + b"\r\n--digest--\r\n"))


def carried_cases():
    rows = structures.ROWS
    for number in range(36):
        what, ambiguous, make = rows[(number * 23 + 5) % len(rows)]
        e = both(number)[number // 6 % 2]
        name, carry = carriers()[number % 6]
        yield case("inside another mail", "%s: %s (%s)" % (
            name, what, e.name), lambda c=carry, make=make, e=e: c(make(e)),
                   ambiguous)


def stored_cases():
    rows = structures.ROWS
    for number in range(36):
        what, ambiguous, make = rows[(number * 17 + 2) % len(rows)]
        e = both(number + 1)[number % 2]
        yield case("with LF for CRLF", "%s (%s)" % (what, e.name),
                   lambda make=make, e=e: make(e).replace(b"\r\n", b"\n"),
                   ambiguous)


def cases():
    for group in (
            catalogue.structure_cases("structures kept back", True),
            pair_cases(), version_cases(), header_cases(), boundary_cases(),
            base64_cases(), qp_cases(), alias_cases(), inline_cases(),
            html_cases(), charset_cases(), container_cases(),
            carried_cases(), stored_cases()):
        yield from group
