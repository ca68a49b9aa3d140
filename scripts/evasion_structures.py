"""Structures in which mail readers see different things. A row says what is
wrong, whether it is ambiguous (or only rare, and allowed), and which pieces
of an ordinary mail with an attachment to replace.
"""

from evasion import (B, CR, LF, MIXED, NOTHING, OTHER, TEXT_PART, fill,
                     finish, mixed, single)

CTE = "Content-Transfer-Encoding: "
REAL = CTE + "{E}\n"
MULTI = "Content-Type: multipart/mixed"
BINARY = "Content-Type: application/octet-stream; name=\"a.bin\"\n"
PART = MIXED["part_type"] + REAL + MIXED["disposition"] + "\n{D}"
ROWS = []


def row(text, ambiguous, make=mixed, **pieces):
    ROWS.append((text, ambiguous, lambda e: make(e, **pieces)))


def either(text, ambiguous, **pieces):
    """Every other pair of rows in the header of a mail that is nothing but the
    file."""
    if len(ROWS) // 2 % 2:
        row(text + ", of the whole mail", ambiguous, single, **pieces)
    else:
        row(text, ambiguous, **pieces)


def around(e, name, delimited=MIXED["first"]):
    """The body between delimiters called NAME."""
    text = delimited + "--{B}\n" + PART + "--{B}--\n"
    return fill(dict.fromkeys(MIXED, "") | {"data": text.replace("{B}",
                                                                 name)}, e)


def bounded(text, ambiguous, declared, used):
    """A type field that says DECLARED, and delimiters called USED."""
    row(text, ambiguous, lambda e: finish(
        fill(dict.fromkeys(MIXED, "") | {
            name: MIXED[name] for name in ("head", "version")} | {
                "type": declared + "\n", "separator": "\n"}, e) +
        around(e, used)))


# Several transfer encodings.

def transfer_encodings():
    for decoy in ("7bit", "8bit", "binary", "{X}", "x-uuencode", "x-none",
                  ""):
        either("encoding, then %s" % (decoy or "none"), True,
               cte=REAL + CTE + decoy + "\n")
        either("%s, then encoding" % (decoy or "none"), True,
               cte=CTE + decoy + "\n" + REAL)
    either("encoding twice", True, cte=REAL + REAL)
    either("encoding between two others", True,
           cte=CTE + "7bit\n" + REAL + CTE + "8bit\n")
    either("encodings around the type", True, part_type=CTE + "7bit\n" +
           MIXED["part_type"])
    for text, value in (
            ("list, encoding last", "7bit, {E}"),
            ("list, encoding first", "{E}, 7bit"),
            ("encoding; 7bit", "{E}; 7bit"),
            ("7bit encoding, a blank between", "7bit {E}"),
            ("encoding 7bit, a blank between", "{E} 7bit")):
        either("one field: " + text, True, cte=CTE + value + "\n")


def transfer_values():
    for text, value, ambiguous in (
            ("quoted", "\"{E}\"", True), ("semicolon after it", "{E};", True),
            ("a parameter after it", "{E}; x=y", True),
            ("comment after it", "{E} (as ever)", True),
            ("comment before it", "(as ever) {E}", True),
            ("nested comment before it", "(as (n) ever) {E}", True),
            ("open comment after it", "{E} (as ever", True),
            ("NUL after it", "{E}\0", True),
            ("NUL before it", "\0{E}", True),
            ("NUL and another encoding after it", "{E}\x007bit", True),
            ("encoded word", "=?us-ascii?Q?{E}?=", True),
            ("blanks and tabs before it", " \t  {E}", False),
            ("on the next line", "\n {E}", False),
            ("on the line after a blank one", "\n \n {E}", True),
            ("tabs after it", "{E}\t\t", False),
            ("vertical tab after it", "{E}\x0b", True),
            ("form feed after it", "{E}\x0c", True),
            ("no-break space after it", "{E}\xa0", True),
            ("full stop after it", "{E}.", True),
            ("comma after it", "{E},", True),
            ("comma before it", ", {E}", True)):
        either("encoding with " + text if text[:2] != "on" else
               "encoding " + text, ambiguous, cte=CTE + value + "\n")
    row("encoding without a blank after the colon", False,
        cte="Content-Transfer-Encoding:{E}\n")
    row("encoding in mixed case", False, lambda e: mixed(
        e, cte=CTE + e.name.title().swapcase() + "\n"))
    row("encoding cut in two by a fold", True, lambda e: mixed(
        e, cte=CTE + e.name[:4] + "\n " + e.name[4:] + "\n"))
    row("encoding with a NUL inside", True, lambda e: mixed(
        e, cte=CTE + e.name[:4] + "\0" + e.name[4:] + "\n"))


NAMES = (
    ("blank before the colon", "%s :", True),
    ("tab before the colon", "%s\t:", True),
    ("NUL before the colon", "%s\0:", True),
    ("NUL before the name", "\0%s:", True),
    ("comment before the colon", "%s(so):", True),
    ("blank and comment before the colon", "%s (so) :", True),
    ("two colons", "%s::", True), ("no colon", "%s", True),
    ("encoded word", "=?us-ascii?Q?%s?=:", True),
    ("quotes around the name", "\"%s\":", True),
    ("no-break space before the name", "\xa0%s:", True),
    ("odd case", None, False),
)


def field_names():
    for field, piece, rest in (
            ("Content-Transfer-Encoding", "cte", " {E}\n"),
            ("Content-Type", "type",
             " multipart/mixed; boundary=\"{B}\"\n")):
        for text, pattern, ambiguous in NAMES:
            name = pattern % field if pattern else field.swapcase() + ":"
            (either if piece == "cte" else row)(
                "%s with %s" % (field, text), ambiguous,
                **{piece: name + rest})
    row("encoding after a blank, the first line of the header", True,
        part_type=" " + REAL, cte="")
    row("name of the field cut in two by a fold", True,
        cte="Content-Transfer-\n Encoding: {E}\n")


# Ends of lines.

ENDS = (("CR", CR), ("LF", LF), ("LF CR", LF + CR),
        ("CR CR LF", CR + "\n"), ("VT", "\x0b"), ("NUL CR LF", "\0\n"))


def line_ends():
    for text, end in ENDS:
        either("%s before the encoding" % text, True,
               part_type=MIXED["part_type"][:-1] + end)
        if end[0] not in "\x0b\0":
            row("%s at a fold before the boundary" % text, True,
                type=MULTI + ";" + end + " boundary=\"{B}\"\n")
            row("%s at a fold before the encoding" % text, True,
                cte="Content-Transfer-Encoding:" + end + " {E}\n")
    row("boundary= on a line that is not indented", True,
        type=MULTI + ";\nboundary=\"{B}\"\n")
    row("encoding on a line that is not indented", True,
        cte="Content-Transfer-Encoding:\n{E}\n")
    row("boundary on the line after its name", False,
        type=MULTI + ";\n boundary=\n \"{B}\"\n")
    row("the word boundary cut by a fold", True,
        type=MULTI + "; bound\n ary=\"{B}\"\n")
    row("the boundary cut by a fold", True, type=MULTI +
        "; boundary=\"" + B[:4] + "\n " + B[4:] + "\"\n")


# Several types and boundaries.

def types():
    real = MIXED["type"]
    empty = MULTI + "; boundary=\"{O}\"\n"
    text = "Content-Type: text/plain\n"
    for what, fields in (
            ("multipart, then text", real + text),
            ("text, then multipart", text + real),
            ("the same twice", real + real),
            ("boundary used, then another", real + empty),
            ("another boundary, then the one used", empty + real),
            ("mixed, then alternative with another boundary",
             real + empty.replace("mixed", "alternative")),
            ("none, then multipart", "Content-Type:\n" + real),
            ("a word, then multipart", "Content-Type: mail\n" + real),
            ("three of them", text + real + "Content-Type: text/html\n")):
        row("types: " + what, True, type=fields)
    for what, fields in (
            ("text, then file", text + BINARY),
            ("file, then multipart without boundary", BINARY + MULTI + "\n"),
            ("message, then file", "Content-Type: message/rfc822\n" +
             BINARY)):
        row("types of the part: " + what, True, part_type=fields)
    decoy = "--{O}\n" + NOTHING + "--{O}--\n"
    row("two boundaries in two fields, both used, the first real", True,
        type=real + empty, preamble=decoy)
    row("two boundaries in two fields, both used, the second real", True,
        type=empty + real, preamble=decoy)
    row("a boundary in a text field before the type", True,
        type=text[:-1] + "; boundary=\"{O}\"\n" + real)


def boundary_parameters():
    for text, parameters, used in (
            ("two, the first used", "boundary={B}; boundary={O}", B),
            ("two, the last used", "boundary={O}; boundary={B}", B),
            ("two in two cases, the first used",
             "boundary={B}; BOUNDARY={O}", B),
            ("plain and extended, the plain used",
             "boundary={B}; boundary*=us-ascii''{O}", B),
            ("plain and extended, the extended used",
             "boundary={O}; boundary*=us-ascii''{B}", B),
            ("in two sections", "boundary*0=ab; boundary*1=cd", "abcd"),
            ("sections out of order", "boundary*1=cd; boundary*0=ab",
             "abcd"),
            ("extended", "boundary*=us-ascii'en'%50art%5F1", "Part_1"),
            ("extended sections", "boundary*0*=us-ascii''%50a; "
             "boundary*1*=%72t", "Part"),
            ("section and plain, the plain used",
             "boundary*0={O}; boundary={B}", B)):
        bounded("boundaries: " + text, True, MULTI + "; " + parameters, used)


def boundary_values():
    for text, ambiguous, value, used in (
            ("none declared", True, "", B),
            ("empty, some used", True, "; boundary=", B),
            ("empty in quotes, some used", True, "; boundary=\"\"", B),
            ("empty, empty used", True, "; boundary=\"\"", ""),
            ("single quotes, left out", True, "; boundary='{B}'", B),
            ("half quoted, open", True, "; boundary=\"{B}", B),
            ("half quoted, closed", True, "; boundary={B}\"", B),
            ("quotes, then more", True, "; boundary=\"{B}\"more", B),
            ("blank before it", True, "; boundary=\" {B}\"", " " + B),
            ("blank before it, left out", True, "; boundary=\" {B}\"", B),
            ("blank after it", True, "; boundary=\"{B} \"", B + " "),
            ("blank after it, left out", True, "; boundary=\"{B} \"", B),
            ("semicolon in quotes", True, "; boundary=\"a;b\"", "a;b"),
            ("semicolon in quotes, cut there", True, "; boundary=\"a;b\"",
             "a"),
            ("comma in quotes", False, "; boundary=\"a,b\"", "a,b"),
            ("comma, no quotes", True, "; boundary=a,b", "a,b"),
            ("comma, no quotes, cut there", True, "; boundary=a,b", "a"),
            ("blank in quotes", False, "; boundary=\"a b\"", "a b"),
            ("blank, no quotes", True, "; boundary=a b", "a b"),
            ("blank, no quotes, cut there", True, "; boundary=a b", "a"),
            ("backslash, kept", True, "; boundary=\"a\\b\"", "a\\b"),
            ("backslash, dropped", True, "; boundary=\"a\\b\"", "ab"),
            ("quote inside", True, "; boundary=\"a\\\"b\"", "a\"b"),
            ("71 characters", True, "; boundary=\"" + "x" * 71 + "\"",
             "x" * 71),
            ("1,000 characters", True, "; boundary=\"" + "x" * 1000 + "\"",
             "x" * 1000),
            ("NUL inside", True, "; boundary=\"a\0b\"", "a\0b"),
            ("NUL inside, cut there", True, "; boundary=\"a\0b\"", "a"),
            ("comment before it", True, "; boundary=(so){B}", B),
            ("comment after it", True, "; boundary={B}(so)", B),
            ("encoded word, decoded", True,
             "; boundary=\"=?us-ascii?Q?{B}?=\"", B),
            ("encoded word, as it is", True,
             "; boundary=\"=?us-ascii?Q?x?=\"", "=?us-ascii?Q?x?="),
            ("bytes over 127", True, "; boundary=\"a\xe9b\"", "a\xe9b"),
            ("blanks around the equals sign", False, "; boundary = \"{B}\"",
             B),
            ("two semicolons", True, ";; boundary=\"{B}\"", B),
            ("no semicolon", True, " boundary=\"{B}\"", B),
            ("comma for the semicolon", True, ", boundary=\"{B}\"", B),
            ("another case in the body", True, "; boundary=\"part_a\"",
             "Part_A")):
        bounded("boundary: " + text, ambiguous, MULTI + value, used)


# Delimiters.

def delimiters():
    for text, ambiguous, line in (
            ("blanks after it", False, "--{B}   \n"),
            ("text after it", True, "--{B}xyz\n"),
            ("blank before it", True, " --{B}\n"),
            ("NUL after it", True, "--{B}\0\n"),
            ("NUL before it", True, "\0--{B}\n"),
            ("LF at its end", True, "--{B}" + LF),
            ("CR at its end", True, "--{B}" + CR)):
        row("delimiter with " + text, ambiguous, open=line)
    row("delimiter between bare CRs", True,
        first="--{B}\n" + TEXT_PART[:-1] + CR)
    row("no closing delimiter", True, close="")
    row("closing delimiter before the part", True, open="--{B}--\n--{B}\n")
    row("closing delimiter with text after it before the part", True,
        open="--{B}--xyz\n--{B}\n")
    row("part after the close, with another boundary's", True,
        first="--{B}\n" + TEXT_PART + "--{B}--\n", open="\n--{O}\n",
        close="--{O}--\n")
    row("part before the first delimiter, with another boundary's", True,
        preamble="--{O}\n" + PART + "--{O}--\n", open="", part_type="",
        cte="", disposition="", part_separator="", data="")
    row("no empty line before the first delimiter", True, separator="")
    row("payload before the first delimiter", True, type=MULTI + "; boundary"
        "=\"{B}\"\n" + REAL, preamble="{A}", open="", part_type="", cte="",
        disposition="", part_separator="", data="")


def nest(inner, outer, close_inner=True):
    """A multipart with the payload in a multipart."""
    def make(e):
        body = around(e, inner)
        if not close_inner:
            body = body[:-len("--%s--\n" % inner)]
        return finish(
            MIXED["head"] + MIXED["version"] + MULTI +
            "; boundary=\"%s\"\n\n--%s\n" % (outer, outer) + MULTI +
            "; boundary=\"%s\"\n\n%s--%s--\n" % (inner, body, outer))
    return make


def nested():
    for text, inner, outer in (
            ("the same as the outer", B, B),
            ("begins with the outer", B + "x", B),
            ("begins the outer", B, B + "x")):
        row("inner boundary: " + text, True, nest(inner, outer))
    row("inner multipart without close", True, nest(OTHER, B, False))


# Between header and body.

SEPARATORS = (
    ("LF LF", LF + LF), ("CR CR", CR + CR), ("CR LF LF", "\n" + LF),
    ("CR LF CR", "\n" + CR), ("LF CR LF CR", LF + CR + LF + CR),
    ("CR CR LF twice", CR + "\n" + CR + "\n"),
    ("a line with a blank", "\n \n"), ("a line with a tab", "\n\t\n"),
    ("a line with a NUL", "\n\0\n"),
    ("a line with a vertical tab", "\n\x0b\n"),
    ("a line with a form feed", "\n\x0c\n"),
    ("a line with a no-break space", "\n\xa0\n"),
    ("nothing", "\n"), ("a line with a colon", "\n:\n"),
)


def separators():
    for text, separator in SEPARATORS:
        row("part: header ended by " + text, True,
            disposition=MIXED["disposition"][:-1],
            part_separator=separator)
    row("part: header ended by a line without colon", True,
        part_separator="This is the file\n\n")
    for text, separator in SEPARATORS[:12]:
        row("mail: header ended by " + text, True, single,
            disposition=MIXED["disposition"][:-1],
            part_separator=separator)


# Encodings on what is not a leaf, odd types, junk.

def the_rest():
    for value in ("{E}", "{X}", "x-uuencode"):
        row("multipart that claims to be " + value, True,
            separator=CTE + value + "\n\n")
    for text, ambiguous, value in (
            ("upper case", False, "MULTIPART/MIXED; BOUNDARY={B}"),
            ("unknown subtype", False, "multipart/x-new; boundary={B}"),
            ("no subtype", True, "multipart; boundary={B}"),
            ("empty subtype", True, "multipart/; boundary={B}"),
            ("third level", True, "multipart/mixed/new; boundary={B}"),
            ("in quotes", True, "\"multipart/mixed\"; boundary={B}"),
            ("comment before it", True, "(so) multipart/mixed; "
             "boundary={B}"),
            ("comment inside", True, "multipart(so)/mixed; boundary={B}"),
            ("blanks around the slash", True, "multipart / mixed; "
             "boundary={B}"),
            ("NUL inside", True, "multi\0part/mixed; boundary={B}"),
            ("NUL after it", True, "multipart/mixed\0; boundary={B}"),
            ("encoded word", True, "=?us-ascii?Q?multipart/mixed?=; "
             "boundary={B}")):
        row("type: " + text, ambiguous, type="Content-Type: " + value + "\n")
    for text, line in (("without colon", "this is no field\n"),
                       ("From", "From anna@example.org\n"),
                       (">From", ">From anna@example.org\n"),
                       ("with a colon only", ": nothing\n")):
        row("line in the header of the part: " + text, True,
            part_type=line + MIXED["part_type"])
    row("part without a type", False, part_type="")
    row("part with an empty type", True, part_type="Content-Type:\n")
    row("line without colon before the type of the mail", True,
        version=MIXED["version"] + "this is no field\n")


for build in (transfer_encodings, transfer_values, field_names, line_ends,
              types, boundary_parameters, boundary_values, delimiters,
              nested, separators, the_rest):
    build()
