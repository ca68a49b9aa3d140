#include "capture/curltest.h"

#include "capture/speech.h"

#include <stdlib.h>
#include <string.h>

/* What a definition may have; real ones have some kilobytes. */
#define TEST_MAX ((size_t)4 << 20)

enum section { OUTSIDE, PROTOCOL, UPLOAD, SECTIONS };

struct state {
	struct ms_desk *desk;
	struct ms_speech *speech;
	enum section section;
	bool crlf, headers, nonewline;	/* attributes of the section */
	bool skipping;			/* between %else and %endif */
	bool over;			/* the room was not enough */
	bool open[3];			/* brackets that this line does not
					 * close any more */
	GString *line;
	GString *text[SECTIONS];
};

static const char *const names[SECTIONS] = { NULL, "protocol", "upload" };

static bool
detect(const unsigned char *head, size_t size)
{
	static const char *const first[] = { "<?xml ", "<testcase>" };
	static const char *const want[] = {
		"<testcase>", "<keywords>", "SMTP", "</keywords>",
	};
	struct ms_piece line;
	size_t found = 0;

	if (!ms_textlines_cut(&head, &size, &line) ||
	    (!ms_textlines_starts(&line, first[0]) &&
		!ms_textlines_starts(&line, first[1])))
		return false;
	do {
		if (line.size == strlen(want[found]) &&
		    ms_textlines_starts(&line, want[found]))
			found++;
	} while (found < G_N_ELEMENTS(want) &&
	    ms_textlines_cut(&head, &size, &line));
	return found == G_N_ELEMENTS(want);
}

static void *
begin(struct ms_desk *desk)
{
	struct state *state = g_new0(struct state, 1);

	state->desk = desk;
	state->line = g_string_new(NULL);
	for (int i = PROTOCOL; i < SECTIONS; i++)
		state->text[i] = g_string_new(NULL);
	return state;
}

/* The SIZE bytes at TEXT with "%0a" undone. */
static GString *
unhex(const char *text, size_t size)
{
	GString *out = g_string_sized_new(size);

	for (size_t i = 0; i < size; i++) {
		int high = i + 2 < size && text[i] == '%' ?
		    g_ascii_xdigit_value(text[i + 1]) : -1;
		int low = high >= 0 ? g_ascii_xdigit_value(text[i + 2]) : -1;

		if (low < 0) {
			g_string_append_c(out, text[i]);
			continue;
		}
		g_string_append_c(out, (char)((unsigned)high << 4 |
		    (unsigned)low));
		i += 2;
	}
	return out;
}

/* Append to OUT what "%repeat[3 x abc]%" stands for; the brackets' content is
 * TEXT. False: it would be too much, or is something else. */
static bool
repeat(GString *out, const char *text, size_t size)
{
	const char *x = memmem(text, size, " x ", 3);
	GString *bytes;
	guint64 times;
	bool fits;

	if (!x || !g_ascii_isdigit(*text))
		return false;
	times = g_ascii_strtoull(text, NULL, 10);
	bytes = unhex(x + 3, size - (size_t)(x + 3 - text));
	fits = out->len < TEST_MAX && (bytes->len == 0 ||
	    times <= (TEST_MAX - out->len) / bytes->len);
	for (; fits && bytes->len > 0 && times > 0; times--)
		g_string_append_len(out, bytes->str, (gssize)bytes->len);
	g_string_free(bytes, TRUE);
	return fits;
}

static bool
base64(GString *out, const char *text, size_t size)
{
	GString *bytes = unhex(text, size);
	char *coded = g_base64_encode((const guchar *)bytes->str, bytes->len);

	g_string_append(out, coded);
	g_free(coded);
	g_string_free(bytes, TRUE);
	return true;
}

static bool
hex(GString *out, const char *text, size_t size)
{
	GString *bytes = unhex(text, size);

	g_string_append_len(out, bytes->str, (gssize)bytes->len);
	g_string_free(bytes, TRUE);
	return true;
}

/* What "%...[" begins, up to "]...%". */
static const struct {
	const char *open, *close;
	bool (*put)(GString *out, const char *text, size_t size);
} brackets[] = {
	{ "%b64[", "]b64%", base64 },
	{ "%hex[", "]hex%", hex },
	{ "%repeat[", "]%", repeat },
};

G_STATIC_ASSERT(G_N_ELEMENTS(brackets) ==
    G_N_ELEMENTS(((struct state *)0)->open));

static const struct {
	const char *name, *value;
} words[] = {
	{ "%LT", "<" }, { "%GT", ">" }, { "%AMP", "&" }, { "%SP", " " },
	{ "%TAB", "\t" }, { "%CR", "\r" }, { "%LF", "\n" },
};

static bool
is_at(const char *text, size_t size, const char *what)
{
	return size >= strlen(what) && memcmp(text, what, strlen(what)) == 0;
}

/* Append what the notation at TEXT, which begins with "%", stands for; returns
 * how much of it that is, at least the "%". */
static size_t
expand(struct state *state, GString *out, const char *text, size_t size)
{
	for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
		if (!is_at(text, size, words[i].name))
			continue;
		g_string_append(out, words[i].value);
		return strlen(words[i].name);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(brackets); i++) {
		size_t skip = strlen(brackets[i].open);
		const char *close;

		if (state->open[i] || !is_at(text, size, brackets[i].open))
			continue;
		close = memmem(text + skip, size - skip, brackets[i].close,
		    strlen(brackets[i].close));
		if (!close) {
			state->open[i] = true;
			break;
		}
		if (!brackets[i].put(out, text + skip,
		    (size_t)(close - text) - skip))
			state->over = true;
		return (size_t)(close - text) + strlen(brackets[i].close);
	}
	g_string_append_c(out, '%');
	return 1;
}

/* The line of the section that is read, as it was meant. */
static void
take_content(struct state *state, const char *text, size_t size)
{
	GString *out = state->text[state->section];
	size_t at = 0;
	bool crlf = state->crlf || (state->headers && size > 0);

	if (state->headers && size == 0) {
		crlf = true;
		state->headers = false;
	}
	memset(state->open, 0, sizeof state->open);
	while (at < size && out->len < TEST_MAX) {
		const char *percent = memchr(text + at, '%', size - at);
		size_t plain = percent ? (size_t)(percent - text) - at :
		    size - at;

		g_string_append_len(out, text + at, (gssize)plain);
		at += plain;
		if (at < size)
			at += expand(state, out, text + at, size - at);
	}
	g_string_append(out, crlf ? "\r\n" : "\n");
	state->over |= out->len > TEST_MAX;
}

/* Does LINE begin section I, and with which attributes? */
static bool
opens(struct state *state, const char *line, int i)
{
	size_t size = strlen(names[i]);

	if (line[0] != '<' || strncmp(line + 1, names[i], size) != 0 ||
	    (line[size + 1] != '>' && line[size + 1] != ' '))
		return false;
	state->crlf = strstr(line, "crlf=\"yes\"") != NULL;
	state->headers = strstr(line, "crlf=\"headers\"") != NULL;
	state->nonewline = strstr(line, "nonewline=\"yes\"") != NULL;
	return true;
}

static void
take_line(struct state *state, const char *line, size_t size)
{
	GString *text;
	const char *name;

	if (state->section == OUTSIDE) {
		for (int i = PROTOCOL; i < SECTIONS; i++)
			if (opens(state, line, i))
				state->section = (enum section)i;
		return;
	}
	name = names[state->section];
	text = state->text[state->section];
	if (strncmp(line, "</", 2) == 0 &&
	    strncmp(line + 2, name, strlen(name)) == 0 &&
	    strcmp(line + 2 + strlen(name), ">") == 0) {
		if (state->nonewline && text->len > 0)
			g_string_truncate(text, text->len - 1);
		state->section = OUTSIDE;
	} else if (strncmp(line, "%if ", 4) == 0 ||
	    strcmp(line, "%endif") == 0) {
		state->skipping = false;
	} else if (strcmp(line, "%else") == 0) {
		state->skipping = true;
	} else if (!state->skipping) {
		take_content(state, line, size);
	}
}

static enum ms_status
line(void *arg, const struct ms_piece *piece, struct ms_error *err)
{
	struct state *state = arg;

	(void)err;
	if (!state->speech)
		state->speech = ms_speech_new(state->desk, false);
	if (state->line->len + piece->size > TEST_MAX)
		state->over = true;
	else
		g_string_append_len(state->line, (const char *)piece->data,
		    (gssize)piece->size);
	if (piece->last) {
		take_line(state, state->line->str, state->line->len);
		g_string_truncate(state->line, 0);
	}
	return MS_OK;
}

/* The first bytes of the lines in TEXT up to DATA's, which is one of them;
 * all of it if there is no such line. */
static size_t
up_to_data(const GString *text)
{
	const unsigned char *at = (const unsigned char *)text->str;
	size_t left = text->len;
	struct ms_piece line;

	while (ms_textlines_cut(&at, &left, &line))
		if (line.size == 4 && ms_textlines_starts(&line, "DATA"))
			break;
	return text->len - left;
}

static enum ms_status
finish(void *arg, const char *cut, struct ms_error *err)
{
	struct state *state = arg;
	struct ms_speech *speech = state->speech;
	const GString *protocol = state->text[PROTOCOL];
	const GString *upload = state->text[UPLOAD];
	size_t data = up_to_data(protocol);
	enum ms_status status;

	if (!speech)
		return MS_OK;
	state->speech = NULL;
	if (state->section != OUTSIDE)
		ms_desk_complain(state->desk, "a section has no end");
	if (state->over)
		ms_desk_complain(state->desk, "a test with more than 4 MB");
	status = ms_speech_raw(speech, MS_SIDE_CLIENT, protocol->str, data,
	    err);
	if (status == MS_OK)
		status = ms_speech_raw(speech, MS_SIDE_CLIENT, upload->str,
		    upload->len, err);
	if (status == MS_OK && (state->over || state->section != OUTSIDE))
		status = ms_speech_gap(speech, MS_SIDE_CLIENT, -1, err);
	if (status == MS_OK)
		status = ms_speech_raw(speech, MS_SIDE_CLIENT,
		    protocol->str + data, protocol->len - data, err);
	if (status == MS_OK)
		return ms_speech_done(speech, cut, err);
	ms_speech_free(speech);
	return status;
}

static void
release(void *arg)
{
	struct state *state = arg;

	ms_speech_free(state->speech);
	g_string_free(state->line, TRUE);
	for (int i = PROTOCOL; i < SECTIONS; i++)
		g_string_free(state->text[i], TRUE);
	g_free(state);
}

const struct ms_form ms_curltest = { detect, begin, line, finish, release };
