#include "message/qp.h"

#include <glib.h>

#include <string.h>

struct text {
	const unsigned char *data;
	size_t size;
};

/* How long is the line end at AT; 0 if there is none. A CR before a CRLF
 * belongs to it. */
static size_t
line_end(const struct text *text, size_t at)
{
	size_t cr = at;

	while (cr < text->size && cr - at < 2 && text->data[cr] == '\r')
		cr++;
	if (cr < text->size && text->data[cr] == '\n')
		return cr + 1 - at;
	if (at < text->size && text->data[at] == '\r')
		return 1;
	return 0;
}

static bool
is_blank(unsigned char c)
{
	return c == ' ' || c == '\t' || c == '\0' || c == '\v' || c == '\f';
}

/* Blanks from AT on. */
static size_t
blanks(const struct text *text, size_t at)
{
	size_t n = at;

	while (n < text->size && is_blank(text->data[n]))
		n++;
	return n - at;
}

static int
digit(const struct text *text, size_t at)
{
	return at < text->size ?
	    g_ascii_xdigit_value((gchar)text->data[at]) : -1;
}

static int
octet(const struct text *text, size_t at)
{
	int high = digit(text, at), low = digit(text, at + 1);

	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/* How much at AT is an octet whose digits a soft line end has separated; 0:
 * it is none. */
static size_t
split_octet(const struct text *text, size_t at, int *value)
{
	int high = digit(text, at), low;
	size_t end;

	if (high < 0 || at + 1 >= text->size || text->data[at + 1] != '=')
		return 0;
	end = line_end(text, at + 2);
	low = end > 0 ? digit(text, at + 2 + end) : -1;
	if (low < 0)
		return 0;
	*value = high * 16 + low;
	return 2 + end + 1;
}

/* Length of "0x" or "x" at AT, or 0. */
static size_t
prefix(const struct text *text, size_t at)
{
	size_t zero = at < text->size && text->data[at] == '0';

	return at + zero < text->size &&
	    (text->data[at + zero] | 0x20) == 'x' ? zero + 1 : 0;
}

static bool
is_odd(unsigned char c)
{
	return (c < 32 && !memchr("\t\n\r", c, 3)) || c > 126;
}

void
ms_qp_survey(const unsigned char *data, size_t size,
    struct ms_qp_survey *survey)
{
	const struct text text = { data, size };
	struct ms_qp_survey s = { 0 };

	for (size_t i = 0; i < size; i++) {
		unsigned char c = data[i];

		if (c == '=') {
			size_t n = blanks(&text, i + 1);
			bool end = i + 1 + n == size ||
			    line_end(&text, i + 1 + n) > 0;

			s.coded = true;
			s.bad |= octet(&text, i + 1) < 0 && !end;
			s.prefix |= prefix(&text, i + 1) > 0;
			s.blanks |= end && n > 0;
			/* No blank is looked at twice; some are odd. */
			for (; n > 0; n--)
				s.octets |= is_odd(data[++i]);
		} else if (c == '\n' || c == '\r') {
			s.ends = true;
			s.bare_cr |= c == '\r' &&
			    !(i + 1 < size && data[i + 1] == '\n');
			s.blanks |= i > 0 && is_blank(data[i - 1]);
		} else {
			s.octets |= is_odd(c);
		}
	}
	s.blanks |= size > 0 && is_blank(data[size - 1]);
	*survey = s;
}

/* The hard line end of SIZE bytes at AT. */
static void
pour_end(const struct text *text, size_t at, size_t size,
    enum ms_qp_ends ends, struct ms_pour *pour)
{
	if (ends == MS_QP_ENDS_CRLF)
		ms_pour_byte(pour, '\r');
	if (ends == MS_QP_ENDS_CRLF || ends == MS_QP_ENDS_LF) {
		ms_pour_byte(pour, '\n');
		return;
	}
	for (; size > 0; at++, size--)
		if (ends == MS_QP_ENDS_KEEP || text->data[at] != '\r')
			ms_pour_byte(pour, text->data[at]);
}

/* What follows the equals sign before AT and is no escape: how much of it is
 * taken. */
static size_t
take_bad(const struct text *text, size_t at, enum ms_qp_bad bad,
    struct ms_pour *pour)
{
	size_t n = 0;
	int value;

	switch (bad) {
	case MS_QP_BAD_ONE:
		return MIN(text->size - at, (size_t)1);
	case MS_QP_BAD_TWO:
		return MIN(text->size - at, (size_t)2);
	case MS_QP_BAD_BLANKS:
		n = blanks(text, at);
		break;
	case MS_QP_BAD_SPLIT:
		n = split_octet(text, at, &value);
		if (n > 0)
			ms_pour_byte(pour, (unsigned char)value);
		return n;
	case MS_QP_BAD_PREFIX:
		n = prefix(text, at);
		break;
	case MS_QP_BAD_KEEP:
		ms_pour_byte(pour, '=');
		return 0;
	default:
		return 0;
	}
	value = n > 0 ? octet(text, at + n) : -1;
	if (value < 0)
		return n;
	ms_pour_byte(pour, (unsigned char)value);
	return n + 2;
}

/* The equals sign before AT: how much after it belongs to it. */
static size_t
take_sign(const struct text *text, size_t at, const struct ms_qp_how *how,
    struct ms_pour *pour)
{
	int value = octet(text, at);
	size_t gap, end;

	if (value >= 0) {
		ms_pour_byte(pour, (unsigned char)value);
		return 2;
	}
	gap = how->keep_blanks ? 0 : blanks(text, at);
	end = line_end(text, at + gap);
	if (end > 0) {
		gap += end;
		/* An LFCR before a line that is not empty. */
		if (text->data[at + gap - 1] == '\n' &&
		    at + gap + 1 < text->size &&
		    text->data[at + gap] == '\r' &&
		    text->data[at + gap + 1] != '\n')
			gap++;
		return gap;
	}
	if (at + gap == text->size)
		return gap;
	return take_bad(text, at, how->bad, pour);
}

void
ms_qp_decode(const unsigned char *data, size_t size,
    const struct ms_qp_how *how, struct ms_pour *pour)
{
	const struct text text = { data, size };

	for (size_t at = 0; at < size && pour->status == MS_OK;) {
		unsigned char c = data[at];
		size_t n;

		if (c == '=') {
			at++;
			at += take_sign(&text, at, how, pour);
		} else if ((n = line_end(&text, at)) > 0) {
			pour_end(&text, at, n, how->ends, pour);
			at += n;
		} else if (is_blank(c)) {
			n = blanks(&text, at);
			if (how->keep_blanks || (at + n < size &&
			    line_end(&text, at + n) == 0))
				for (size_t i = 0; i < n; i++)
					if (!how->printable ||
					    !is_odd(data[at + i]))
						ms_pour_byte(pour,
						    data[at + i]);
			at += n;
		} else {
			if (!how->printable || !is_odd(c))
				ms_pour_byte(pour, c);
			at++;
		}
	}
}
