#include "message/coded.h"

#include "message/loose64.h"

#include <glib.h>

#include <string.h>

/* Lines that no encoder makes but at the end. */
#define SHORT 32

/* So much base64 on its own is data. */
#define PARAGRAPH_MIN 60

void
ms_coded_start(struct ms_coded *coded, struct ms_doubts *doubts,
    enum ms_heading_encoding encoding, bool text)
{
	*coded = (struct ms_coded){ .encoding = encoding, .text = text,
		.doubts = doubts, .blank = true };
}

static bool
is_blank(const unsigned char *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (data[i] != ' ' && data[i] != '\t')
			return false;
	return true;
}

/* Letters of either case, and digits: no word, and no ruler. */
static bool
is_mixed(const unsigned char *data, size_t size)
{
	bool upper = false, lower = false, digit = false;

	for (size_t i = 0; i < size; i++) {
		upper |= g_ascii_isupper(data[i]);
		lower |= g_ascii_islower(data[i]);
		digit |= g_ascii_isdigit(data[i]);
	}
	return upper && lower && digit;
}

/* Words with blanks between, or a ruler. */
static bool
is_prose(const unsigned char *data, size_t size)
{
	bool words = memchr(data, ' ', size) != NULL;
	size_t i = 0;

	while (i < size && !g_ascii_isalnum(data[i]))
		i++;
	return (words || i == size) && !ms_coded_looks_so(data, size);
}

static void
base64_line(struct ms_coded *coded, const unsigned char *data, size_t size,
    size_t line)
{
	size_t letters = ms_loose64_letters(data, size), pads = letters;

	while (pads < size && data[pads] == '=')
		pads++;
	if (!is_blank(data + pads, size - pads) || pads - letters > 2) {
		/* Prose behind the end is a list's footer, often enough. */
		if (coded->blank && coded->letters > 0 &&
		    is_prose(data, size))
			coded->ended = true;
		if (!coded->ended)
			ms_doubt_add(coded->doubts, MS_DOUBT_BASE64_JUNK,
			    line, data, size);
		else if (ms_coded_looks_so(data, size))
			ms_doubt_add(coded->doubts,
			    MS_DOUBT_BASE64_AFTER_END, line, data, size);
		coded->doubts->footer = true;
		return;
	}
	if (coded->ended)
		ms_doubt_add(coded->doubts, MS_DOUBT_BASE64_AFTER_END, line,
		    data, size);
	else if (coded->blank && coded->letters > 0)
		ms_doubt_add(coded->doubts, MS_DOUBT_BASE64_INTERRUPTED,
		    line, data, size);
	else if (coded->uneven || coded->short_lines >= 2)
		ms_doubt_add(coded->doubts, MS_DOUBT_BASE64_UNEVEN, line,
		    data, size);
	coded->letters += pads;
	coded->ended = pads > letters;
	coded->uneven = pads % 4 != 0;
	coded->short_lines = pads < SHORT ? coded->short_lines + 1 : 0;
}

/* Its octets, and its length: where characters that need no escape have one,
 * in lines that are too long, and where a line is broken after nothing, or
 * after next to nothing again and again, that was no usual encoder. */
static bool
is_legal_qp(struct ms_coded *coded, const unsigned char *data, size_t size)
{
	size_t escapes = 0;

	for (size_t i = 0; i < size; i++) {
		if (data[i] < ' ' && data[i] != '\t' && data[i] != '\f')
			return false;
		if (data[i] > 126 && !coded->text)
			return false;
		escapes += data[i] == '=' && i + 1 < size &&
		    data[i + 1] >= '2' && data[i + 1] <= '7';
	}
	/* Who sends no text knows the rules. */
	if (!coded->text && (size > 76 || data[size - 1] == ' ' ||
	    data[size - 1] == '\t'))
		return false;
	coded->short_lines = size < 12 && data[size - 1] == '=' ?
	    coded->short_lines + 1 : 0;
	return coded->short_lines < 3 && !(size == 1 && *data == '=') &&
	    !(size > 76 && escapes * 4 > size);
}

static void
qp_line(struct ms_coded *coded, const unsigned char *data, size_t size,
    size_t line)
{
	const unsigned char *p = data, *end = data + size;

	if (!is_legal_qp(coded, data, size))
		ms_doubt_add(coded->doubts, MS_DOUBT_QP_ILLEGAL, line, data,
		    size);
	while ((p = memchr(p, '=', (size_t)(end - p)))) {
		p++;
		if (p == end)
			return;
		if (end - p < 2 || !g_ascii_isxdigit(p[0]) ||
		    !g_ascii_isxdigit(p[1])) {
			ms_doubt_add(coded->doubts, MS_DOUBT_QP_ILLEGAL,
			    line, p - 1, (size_t)(end - p) + 1);
			return;
		}
	}
}

static void
end_paragraph(struct ms_coded *coded)
{
	if (coded->pure && coded->letters >= PARAGRAPH_MIN)
		ms_doubt_add(coded->doubts, MS_DOUBT_BASE64_UNDECLARED,
		    coded->line, "", 0);
	coded->pure = false;
}

/* Only the first line of a paragraph of prose is looked at, and of it only
 * the first word. */
static void
plain_line(struct ms_coded *coded, const unsigned char *data, size_t size,
    size_t line)
{
	size_t letters;

	if (coded->blank) {
		if (size >= 9 && data[0] == '=' && data[3] == '=' &&
		    data[6] == '=' && g_ascii_isxdigit(data[1]) &&
		    g_ascii_isxdigit(data[4]) && g_ascii_isxdigit(data[7]))
			ms_doubt_add(coded->doubts, MS_DOUBT_QP_UNDECLARED,
			    line, data, size);
		coded->pure = true;
		coded->letters = 0;
		coded->uneven = false;
	}
	if (!coded->pure)
		return;
	letters = ms_loose64_letters(data, size);
	while (size > letters && strchr(" \t\r", data[size - 1]))
		size--;
	if (size > letters && data[size - 1] == '=')
		size -= size > letters + 1 && data[size - 2] == '=' ? 2 : 1;
	coded->pure = size == letters && !coded->uneven &&
	    (coded->letters > 0 || is_mixed(data, letters));
	coded->uneven = letters % 4 != 0;
	coded->letters += letters;
}

void
ms_coded_line(struct ms_coded *coded, const unsigned char *data, size_t size,
    size_t line)
{
	bool blank = is_blank(data, size);

	if (blank) {
		if (coded->encoding == MS_HEADING_PLAIN)
			end_paragraph(coded);
	} else if (coded->encoding == MS_HEADING_BASE64) {
		base64_line(coded, data, size, line);
	} else if (coded->encoding == MS_HEADING_QP) {
		qp_line(coded, data, size, line);
	} else {
		plain_line(coded, data, size, line);
	}
	coded->blank = blank;
	if (!blank)
		coded->line = line;
}

void
ms_coded_end(struct ms_coded *coded)
{
	if (coded->encoding == MS_HEADING_PLAIN)
		end_paragraph(coded);
	else if (coded->encoding == MS_HEADING_BASE64 &&
	    coded->letters % 4 != 0)
		ms_doubt_add(coded->doubts, MS_DOUBT_BASE64_UNEVEN,
		    coded->line, "", 0);
}

bool
ms_coded_looks_so(const unsigned char *data, size_t size)
{
	size_t letters = ms_loose64_letters(data, size), at = letters;
	unsigned escapes = 0;

	while (at < size && strchr("=\r \t", data[at]))
		at++;
	if (at == size && letters >= 40 && is_mixed(data, letters))
		return true;
	if (size > 10 && memcmp(data, "begin ", 6) == 0 &&
	    g_ascii_isdigit(data[6]) && g_ascii_isdigit(data[7]))
		return true;
	for (size_t i = 0; i + 2 < size; i++)
		escapes += data[i] == '=' && g_ascii_isxdigit(data[i + 1]) &&
		    g_ascii_isxdigit(data[i + 2]);
	return escapes >= 4;
}
