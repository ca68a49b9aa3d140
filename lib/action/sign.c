#include "action/sign.h"

#include "action/signplace.h"
#include "base/at.h"

#include <string.h>

/* Characters of a line of base64, and most of one of quoted-printable. */
#define LINE64 76
#define LINE_QP 75

/* A part, decoded. */
struct body {
	const struct ms_signplace_part *part;
	const unsigned char *raw;	/* its bytes in the message */
	size_t raw_size;
	const char *line_end;	/* of the message */
	GByteArray *own;	/* decoded; NULL: DATA is raw */
	const unsigned char *data;
	size_t size;
	/* Where in RAW each byte of DATA begins (quoted-printable), or each
	 * three of them (base64); and where behind the last one. NULL: DATA is
	 * RAW. */
	GArray *from;
	size_t end;		/* of what is encoded */
	bool cut;		/* it ends within a soft line end */
};

/* Behind the soft line end that is at AT, or 0. */
static size_t
soft_end(const struct body *b, size_t at)
{
	at++;
	while (at < b->raw_size && (b->raw[at] == ' ' || b->raw[at] == '\t'))
		at++;
	if (at < b->raw_size && b->raw[at] == '\r')
		at++;
	if (at == b->raw_size)
		return at;
	return b->raw[at] == '\n' ? at + 1 : 0;
}

/* There is room for as many bytes as there are encoded. */
static void
put_qp(struct body *b, guint8 c, size_t from)
{
	b->own->data[b->own->len++] = c;
	((guint32 *)(void *)b->from->data)[b->from->len++] = (guint32)from;
}

static bool
decode_qp(struct body *b)
{
	for (size_t at = 0; at < b->raw_size;) {
		const size_t soft = b->raw[at] == '=' ? soft_end(b, at) : 0;
		const size_t from = at;
		guint8 c = b->raw[at];
		int high, low;

		if (c != '=') {
			at++;
		} else if (soft > 0) {
			at = soft;
			b->cut = b->raw[at - 1] != '\n';
			continue;
		} else {
			high = at + 2 < b->raw_size ?
			    g_ascii_xdigit_value((char)b->raw[at + 1]) : -1;
			low = high < 0 ? -1 :
			    g_ascii_xdigit_value((char)b->raw[at + 2]);
			if (low < 0)
				return false;
			c = (guint8)(high << 4 | low);
			at += 3;
		}
		put_qp(b, c, from);
	}
	b->end = b->raw_size;
	return true;
}

static int
value64(unsigned char c)
{
	if (c >= 'a')
		return c <= 'z' ? c - 'a' + 26 : -1;
	if (c >= 'A')
		return c <= 'Z' ? c - 'A' : -1;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Four letters, of which so many are EQUALS signs. */
static bool
put64(struct body *b, guint32 bits, unsigned equals)
{
	const guint8 bytes[3] = { (guint8)(bits >> 16), (guint8)(bits >> 8),
		(guint8)bits };

	if (equals > 2)
		return false;
	g_byte_array_append(b->own, bytes, 3 - equals);
	return true;
}

static bool
decode_base64(struct body *b)
{
	guint32 bits = 0, from = 0;
	unsigned count = 0, equals = 0;

	for (size_t at = 0; at < b->raw_size; at++) {
		const unsigned char c = b->raw[at];
		const int value = value64(c);

		if (value < 0 && c != '\0' && strchr(" \t\r\n", c))
			continue;
		if ((value < 0 && c != '=') || (value >= 0 && equals > 0))
			return false;
		if (count == 0 && equals > 0)
			return false;
		if (count == 0)
			from = (guint32)at;
		equals += c == '=';
		bits = bits << 6 | (guint32)MAX(value, 0);
		b->end = at + 1;
		if (++count < 4)
			continue;
		if (!put64(b, bits, equals))
			return false;
		g_array_append_val(b->from, from);
		bits = count = 0;
	}
	return count == 0;
}

/* Decode; false: there are mistakes in it. */
static bool
open_body(struct body *b, const unsigned char *message,
    const struct ms_signplace_part *part, const char *line_end)
{
	bool good;

	*b = (struct body){ .part = part, .line_end = line_end,
		.raw = message + part->start,
		.raw_size = part->end - part->start };
	b->data = b->raw;
	b->size = b->end = b->raw_size;
	if (part->encoding < MS_SIGNPLACE_QP)
		return true;
	b->own = g_byte_array_sized_new((guint)b->raw_size);
	b->from = g_array_sized_new(FALSE, FALSE, sizeof(guint32),
	    (guint)b->raw_size);
	b->end = 0;
	good = part->encoding == MS_SIGNPLACE_QP ? decode_qp(b) :
	    decode_base64(b);
	b->data = b->own->data;
	b->size = b->own->len;
	return good && b->size > 0;
}

static void
close_body(struct body *b)
{
	if (b->own)
		g_byte_array_unref(b->own);
	if (b->from)
		g_array_unref(b->from);
}

/* Are the bytes of B at AT those of WORD, but for CRs before line ends? Where
 * they end, or 0. */
static size_t
matches(const struct body *b, size_t at, const char *word)
{
	for (; *word != '\0'; word++, at++) {
		if (*word == '\n' && at < b->size && b->data[at] == '\r')
			at++;
		if (at >= b->size || b->data[at] != (unsigned char)*word)
			return 0;
	}
	return at;
}

/* Does TEXT stand in B, as lines of its own? */
static bool
has_lines(const struct body *b, const char *text)
{
	const unsigned char *end = b->data + b->size, *p = b->data;
	size_t first;

	/* Its first words are looked for, so that it takes no longer than that,
	 * whatever stands there. */
	text += strspn(text, "\n");
	first = strcspn(text, "\n");
	for (unsigned i = 0; i < 1000 && p && p < end; i++) {
		const unsigned char *found = memmem(p, (size_t)(end - p),
		    text, first);
		size_t at, stop;

		if (!found)
			return false;
		at = (size_t)(found - b->data);
		stop = at > 0 && b->data[at - 1] != '\n' ? 0 :
		    matches(b, at, text);
		if (stop > 0 && (stop == b->size ||
		    strchr("\r\n", b->data[stop])))
			return true;
		p = memchr(found, '\n', (size_t)(end - found));
		p = p ? p + 1 : NULL;
	}
	/* Whoever repeats it so often wants no more of it. */
	return p && p < end;
}

/* Is it signed or encrypted by hand? */
static bool
is_pgp(const struct body *b)
{
	static const char word[] = "-----BEGIN PGP ";
	const unsigned char *found = memmem(b->data, b->size, word,
	    strlen(word));

	return found && (found == b->data || found[-1] == '\n' ||
	    memmem(b->data, b->size, "\n-----BEGIN PGP ", strlen(word) + 1));
}

/* Where the text goes in HTML: before the last end of the body, or the page. */
static size_t
place_in_html(const struct body *b)
{
	static const char *const ends[] = { "</body", "</html" };

	for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
		const size_t length = strlen(ends[i]);

		for (size_t at = b->size - MIN(b->size, length - 1);
		    at-- > 0;)
			if (b->data[at] == '<' && b->data[at + 1] == '/' &&
			    g_ascii_strncasecmp((const char *)b->data + at,
			    ends[i], length) == 0)
				return at;
	}
	return b->size;
}

/* TEXT with LINE_END in place of "\n", and around it as B needs it at AT. */
static GString *
fit(const struct body *b, size_t at, const char *text, const char *line_end)
{
	const bool begins = at == 0 || b->data[at - 1] == '\n';
	GString *out = g_string_new(begins ? "" : line_end);

	for (; *text != '\0'; text++)
		if (*text == '\n')
			g_string_append(out, line_end);
		else
			g_string_append_c(out, *text);
	if (at < b->size || begins || b->part->last)
		g_string_append(out, line_end);
	return out;
}

/* How lines of what B decodes to end. */
static const char *
decoded_line_end(const struct body *b)
{
	const unsigned char *lf = memchr(b->data, '\n', b->size);

	return lf && (lf == b->data || lf[-1] != '\r') ? "\n" : "\r\n";
}

static GString *
encode_qp(const GString *text, const char *line_end)
{
	GString *out = g_string_new(NULL);
	size_t line = 0;

	for (size_t i = 0; i < text->len; i++) {
		const unsigned char c = (unsigned char)text->str[i];
		const char next = text->str[i + 1];
		const bool plain = (c > ' ' && c <= '~' && c != '=') ||
		    ((c == ' ' || c == '\t') && next != '\r' &&
		    next != '\n' && next != '\0');

		if (c == '\r' || c == '\n') {
			g_string_append_c(out, (char)c);
			line = 0;
			continue;
		}
		if (line + (plain ? 1 : 3) > LINE_QP) {
			g_string_append_printf(out, "=%s", line_end);
			line = 0;
		}
		line += plain ? 1 : 3;
		if (plain)
			g_string_append_c(out, (char)c);
		else
			g_string_append_printf(out, "=%02X", c);
	}
	return out;
}

/* TEXT at AT of what is quoted-printable. */
static void
edit_qp(const struct body *b, size_t at, const char *text,
    struct ms_sign_edit *edit)
{
	const size_t place = at < b->size ?
	    g_array_index(b->from, guint32, at) : b->raw_size;
	GString *plain = fit(b, at, text, b->line_end);

	edit->at = b->part->start + place;
	edit->inserted = encode_qp(plain, b->line_end);
	if (at == b->size && b->cut)
		g_string_prepend(edit->inserted, b->line_end);
	(void)g_string_free(plain, TRUE);
}

/* Likewise in base64: from the letters on in which it begins, all is encoded
 * again. */
static void
edit_base64(const struct body *b, size_t at, const char *text,
    struct ms_sign_edit *edit)
{
	const size_t group = at / 3;
	const size_t place = group < b->from->len ?
	    g_array_index(b->from, guint32, group) : b->end;
	GString *plain = fit(b, at, text, decoded_line_end(b));
	char *letters;

	g_string_prepend_len(plain, (const char *)b->data + 3 * group,
	    (gssize)(at - 3 * group));
	g_string_append_len(plain, (const char *)b->data + at,
	    (gssize)(b->size - at));
	letters = g_base64_encode((const guchar *)plain->str, plain->len);
	edit->at = b->part->start + place;
	edit->removed = b->end - place;
	edit->inserted = g_string_new(place > 0 && b->raw[place - 1] != '\n' ?
	    b->line_end : "");
	for (size_t i = 0; letters[i] != '\0';) {
		const size_t n = strnlen(letters + i, LINE64);

		g_string_append_len(edit->inserted, letters + i, (gssize)n);
		i += n;
		if (letters[i] != '\0')
			g_string_append(edit->inserted, b->line_end);
	}
	if (b->end == b->raw_size && b->part->last)
		g_string_append(edit->inserted, b->line_end);
	g_free(letters);
	(void)g_string_free(plain, TRUE);
}

/* Would the text be taken for the end of a part? */
static bool
is_delimiter(const struct ms_signplace *place, const GString *text)
{
	for (guint i = 0; i < place->boundaries->len; i++) {
		char *line = g_strconcat("--",
		    (const char *)place->boundaries->pdata[i], NULL);
		const bool is = strstr(text->str, line) != NULL;

		g_free(line);
		if (is)
			return true;
	}
	return false;
}

/* The edit of B; false: there must be none in the whole message. */
static bool
make_edit(const struct ms_signature *signature,
    const struct ms_signplace *place, const struct body *b,
    struct ms_sign_edit *edit)
{
	const struct ms_signplace_part *part = b->part;
	const char *text = part->html ?
	    ms_signature_html(signature, part->charset) :
	    ms_signature_text(signature, part->charset,
	    part->encoding != MS_SIGNPLACE_7BIT);
	size_t at = b->size;

	if (!text || has_lines(b, text) || is_pgp(b) || (!part->html &&
	    has_lines(b, ms_signature_text(signature, "", false))))
		return false;
	if (part->html)
		at = place_in_html(b);
	*edit = (struct ms_sign_edit){ .at = part->start + at };
	if (part->encoding == MS_SIGNPLACE_QP)
		edit_qp(b, at, text, edit);
	else if (part->encoding == MS_SIGNPLACE_BASE64)
		edit_base64(b, at, text, edit);
	else
		edit->inserted = fit(b, at, text, b->line_end);
	return !is_delimiter(place, edit->inserted);
}

static void
clear_edit(void *arg)
{
	struct ms_sign_edit *edit = arg;

	if (edit->inserted)
		(void)g_string_free(edit->inserted, TRUE);
}

GArray *
ms_sign(const struct ms_signature *signature, const unsigned char *data,
    size_t size, bool whole)
{
	const unsigned char *lf = size > 0 ? memchr(data, '\n', size) : NULL;
	const char *line_end = lf && lf > data && lf[-1] == '\r' ? "\r\n" :
	    "\n";
	GArray *edits = g_array_new(FALSE, FALSE, sizeof(struct ms_sign_edit));
	struct ms_signplace place;
	bool good = ms_signplace(data, size, whole, &place);

	g_array_set_clear_func(edits, clear_edit);
	for (size_t i = 0; good && i < place.count; i++) {
		struct ms_sign_edit edit = { .inserted = NULL };
		struct body body;

		good = open_body(&body, data, &place.parts[i], line_end) &&
		    make_edit(signature, &place, &body, &edit);
		g_array_append_val(edits, edit);
		close_body(&body);
	}
	ms_signplace_clear(&place);
	if (good)
		return edits;
	g_array_unref(edits);
	return NULL;
}

struct ms_sign_copy {
	int fd;
	uint64_t size;
	GArray *edits;
	guint edit;		/* the next one, */
	uint64_t at;		/* and the next byte */
};

enum ms_status
ms_sign_copy_new(const struct ms_signature *signature, int fd, uint64_t size,
    struct ms_sign_copy **copy, struct ms_error *err)
{
	const size_t window = (size_t)MIN(size, MS_SIGN_WINDOW);
	unsigned char *data = g_malloc(window + 1);
	GArray *edits;
	size_t got;

	*copy = NULL;
	if (ms_at_read(fd, 0, data, window, &got) != MS_OK || got < window) {
		g_free(data);
		return ms_error_errno(err, "cannot read the message");
	}
	edits = ms_sign(signature, data, window, window == size);
	g_free(data);
	if (!edits)
		return MS_END;
	*copy = g_new(struct ms_sign_copy, 1);
	**copy = (struct ms_sign_copy){ fd, size, edits, 0, 0 };
	return MS_OK;
}

void
ms_sign_copy_free(struct ms_sign_copy *copy)
{
	if (!copy)
		return;
	g_array_unref(copy->edits);
	g_free(copy);
}

/* Bytes of the message as they are, before TO, and no more than MOST. */
static enum ms_status
copy_piece(struct ms_sign_copy *copy, uint64_t to, uint64_t most,
    struct ms_spool *spool, struct ms_error *err)
{
	const uint64_t from = copy->at;

	copy->at += MIN(to - from, most);
	return ms_spool_copy(spool, copy->fd, from, copy->at, err);
}

/* The next edit. */
static enum ms_status
insert(struct ms_sign_copy *copy, const struct ms_sign_edit *edit,
    struct ms_spool *spool, struct ms_error *err)
{
	copy->at += edit->removed;
	copy->edit++;
	return ms_spool_write(spool, edit->inserted->str,
	    edit->inserted->len, err);
}

enum ms_status
ms_sign_copy_some(struct ms_sign_copy *copy, uint64_t size,
    struct ms_spool *spool, struct ms_error *err)
{
	const uint64_t until = ms_spool_size(spool) + size;
	enum ms_status status = MS_OK;

	while (status == MS_OK && ms_spool_size(spool) < until) {
		const struct ms_sign_edit *edit =
		    copy->edit == copy->edits->len ? NULL :
		    &g_array_index(copy->edits, struct ms_sign_edit,
		    copy->edit);
		const uint64_t to = edit ? edit->at : copy->size;

		if (copy->at < to)
			status = copy_piece(copy, to, until -
			    ms_spool_size(spool), spool, err);
		else if (edit)
			status = insert(copy, edit, spool, err);
		else
			status = MS_END;
	}
	return status;
}
