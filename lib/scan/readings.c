#include "scan/readings.h"

#include "message/charset.h"
#include "scan/seen.h"

#include <stdint.h>
#include <string.h>

/* HTML names its charset early. */
#define META_MAX ((size_t)4096)

/* Names that iconv does not have, or takes for one of several. */
static const struct alias {
	const char *name, *one, *other;
} aliases[] = {
	{ "csunicode", "utf-16le", "utf-16be" },
	{ "csunicode11utf7", "utf-7", NULL },
	{ "gb2312", "gb18030", NULL },
	{ "gbk", "gb18030", NULL },
	{ "iso-10646-ucs-2", "utf-16le", "utf-16be" },
	{ "iso-10646-ucs-4", "utf-32le", "utf-32be" },
	{ "iso-8859-8-e", "iso-8859-8", NULL },
	{ "iso-8859-8-i", "iso-8859-8", NULL },
	{ "ks_c_5601-1987", "cp949", NULL },
	{ "ucs-2", "utf-16le", "utf-16be" },
	{ "ucs-4", "utf-32le", "utf-32be" },
	{ "ucs2", "utf-16le", "utf-16be" },
	{ "unicode", "utf-16le", "utf-16be" },
	{ "unicode-1-1-utf-7", "utf-7", NULL },
	{ "unicode-1-1-utf-8", "utf-8", NULL },
	{ "unicodefeff", "utf-16le", NULL },
	{ "unicodefffe", "utf-16be", NULL },
	{ "utf-16", "utf-16le", "utf-16be" },
	{ "utf-32", "utf-32le", "utf-32be" },
	{ "utf16", "utf-16le", "utf-16be" },
	{ "utf32", "utf-32le", "utf-32be" },
	{ "utf8", "utf-8", NULL },
	{ "windows-31j", "cp932", NULL },
	{ "x-euc-jp", "euc-jp", NULL },
	{ "x-gbk", "gb18030", NULL },
	{ "x-mac-roman", "macintosh", NULL },
	{ "x-sjis", "cp932", NULL },
	{ "x-unicode-2-0-utf-7", "utf-7", NULL },
	{ "x-windows-949", "cp949", NULL },
};

/* Those of large computers first, in which no letter is where ASCII has it. */
static const char *const rare[] = {
	"IBM037", "IBM273", "IBM277", "IBM278", "IBM280", "IBM284", "IBM285",
	"IBM297", "IBM500", "IBM871", "IBM1026", "IBM1047", "IBM1140",
	"IBM1141", "IBM1142", "IBM1143", "IBM1144", "IBM1145", "IBM1146",
	"IBM1147", "IBM1148", "IBM1149", "UTF-7-IMAP", "ISO-2022-JP-2",
	"ISO-2022-JP-3", "ISO-2022-CN-EXT", "ISO-8859-11", "ARMSCII-8",
	"CP737", "CP775", "CP855", "CP857", "CP858", "CP860", "CP861",
	"CP862", "CP863", "CP864", "CP865", "CP869", "CP1125", "KOI8-RU",
	"KOI8-T", "VISCII", "TCVN", "GEORGIAN-PS", "MAC-CYRILLIC",
	"MAC-CENTRALEUROPE", "HP-ROMAN8", "EUC-CN", "UHC",
};

struct ms_readings_tables {
	GIConv tables[G_N_ELEMENTS(rare)];
};

/* What the bytes of a text look like. */
struct survey {
	bool plain;		/* printable ASCII, LF and CRLF */
	bool shifts;		/* what may begin other letters in ASCII */
	bool utf8;		/* valid, but for NULs */
	bool markup;
};

struct readings {
	const struct ms_readings_input *input;
	const struct ms_readings_visitor *visitor;
	void *arg;
	struct survey survey;
	GPtrArray *charsets;	/* to be asked, of const char * */
	bool many;		/* there were more */
	bool known;		/* some charset that has ASCII in it */
	bool usual;		/* UTF-8 or ASCII is spoken of */
	bool html, flowed, delsp;
	bool over;
};

static const struct alias *
find_alias(const char *name)
{
	for (size_t i = 0; i < G_N_ELEMENTS(aliases); i++)
		if (g_ascii_strcasecmp(aliases[i].name, name) == 0)
			return &aliases[i];
	return NULL;
}

/* Is ASCII in CD what it is elsewhere? */
static bool
has_ascii(GIConv cd)
{
	char from[3 + 95] = "\t\r\n", to[sizeof from * 4];
	char *in = from, *out = to;
	gsize left = sizeof from, room = sizeof to;

	for (size_t i = 3; i < sizeof from; i++)
		from[i] = (char)(' ' + i - 3);
	return g_iconv(cd, &in, &left, &out, &room) != (gsize)-1 &&
	    sizeof to - room == sizeof from &&
	    memcmp(from, to, sizeof from) == 0;
}

static void
add(struct readings *r, const char *charset)
{
	for (guint i = 0; i < r->charsets->len; i++)
		if (g_ascii_strcasecmp(r->charsets->pdata[i], charset) == 0)
			return;
	if (r->charsets->len == MS_READINGS_CHARSETS)
		r->many = true;
	else
		/* Read only. */
		g_ptr_array_add(r->charsets, (gpointer)(uintptr_t)charset);
}

/* One that is spoken of: MEANT is what that stands for, here. */
static void
consider(struct readings *r, const char *name, const char *meant)
{
	GIConv cd;
	bool ascii;

	if (ms_charset_is_usual(meant)) {
		r->usual = true;
		return;
	}
	cd = ms_charset_open(meant);
	if (cd == (GIConv)-1) {
		if (!r->input->opaque &&
		    (!r->survey.plain || r->survey.shifts))
			r->visitor->unknown(r->arg, name);
		return;
	}
	ascii = has_ascii(cd);
	(void)g_iconv_close(cd);
	r->known |= ascii;
	if (!(ascii && (r->survey.plain || r->input->opaque)))
		add(r, meant);
}

static void
consider_name(struct readings *r, const char *name)
{
	const struct alias *alias = find_alias(name);

	consider(r, name, alias ? alias->one : name);
	if (alias && alias->other)
		consider(r, name, alias->other);
}

static void
consider_form(struct readings *r, const struct ms_textform *form)
{
	for (guint i = 0; i < form->charsets->len; i++)
		consider_name(r, form->charsets->pdata[i]);
	r->many |= form->more;
}

static bool
is_utf8(const unsigned char *data, size_t size)
{
	const char *p = (const char *)data, *end = p + size, *bad = p;

	while (p < end && !g_utf8_validate_len(p, (gsize)(end - p), &bad) &&
	    *bad == '\0')
		p = bad + 1;
	return p >= end || bad == end;
}

static void
look(const struct ms_readings_input *input, struct survey *survey)
{
	const unsigned char *data = input->data;

	*survey = (struct survey){ .plain = true };
	for (size_t i = 0; i < input->size; i++) {
		const unsigned char c = data[i];
		const unsigned char next =
		    i + 1 < input->size ? data[i + 1] : '\0';

		if ((c < ' ' && c != '\t' && c != '\n' &&
		    !(c == '\r' && next == '\n')) || c > 126)
			survey->plain = false;
		survey->shifts |= (c == '+' && g_ascii_isalnum(next)) ||
		    (c == '~' && next == '{');
		survey->markup |= c == '<' || c == '&';
	}
	survey->utf8 = survey->plain || is_utf8(data, input->size);
}

/* Look for the rules in the text in CHARSET, which has ASCII or not. */
static void
ask(struct readings *r, const char *charset, bool ascii)
{
	const struct {
		bool wanted;
		unsigned how;
	} ways[] = {
		{ true, 0 },
		{ !(ascii && r->survey.plain), MS_SEEN_TEXT },
		{ r->html && (r->survey.markup || !ascii), MS_SEEN_HTML },
		{ r->input->folded, MS_SEEN_FOLDED },
		{ r->flowed, MS_SEEN_FLOWED },
		{ r->flowed && r->delsp, MS_SEEN_FLOWED | MS_SEEN_DELSP },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(ways) && !r->over; i++)
		if (ways[i].wanted)
			r->over = !ms_stretches(r->input->data,
			    r->input->size, charset, ways[i].how,
			    r->visitor->stretch, r->arg);
}

/* What nobody speaks of, and what the bytes themselves do. */
static void
consider_bytes(struct readings *r)
{
	const unsigned char *data = r->input->data;
	const size_t size = r->input->size;

	if (size >= 2 && data[0] == 0xff && data[1] == 0xfe)
		add(r, "utf-16le");
	if (size >= 2 && data[0] == 0xfe && data[1] == 0xff)
		add(r, "utf-16be");
	if (memmem(data, size, "\033$)C", 4))
		add(r, "iso-2022-kr");
	else if (memchr(data, '\033', size))
		add(r, "iso-2022-jp-2");
	if (!r->survey.utf8 && !r->known)
		add(r, "windows-1252");
}

void
ms_readings(const struct ms_readings_input *input,
    const struct ms_readings_visitor *visitor, void *arg)
{
	struct readings r = { .input = input, .visitor = visitor, .arg = arg,
		.charsets = g_ptr_array_new(), .html = input->html };
	struct ms_textform meta;

	if (input->size == 0) {
		g_ptr_array_unref(r.charsets);
		return;
	}
	ms_textform_init(&meta);
	look(input, &r.survey);
	if (input->charset)
		consider_name(&r, input->charset);
	if (input->form) {
		consider_form(&r, input->form);
		r.flowed = input->form->flowed;
		r.delsp = input->form->delsp;
	}
	if (input->html) {
		ms_textform_add(&meta, input->data,
		    MIN(input->size, META_MAX));
		consider_form(&r, &meta);
	}
	if (!input->opaque) {
		consider_bytes(&r);
		if (r.survey.utf8 || r.usual || !r.known)
			ask(&r, "utf-8", true);
	}
	for (guint i = 0; i < r.charsets->len; i++)
		ask(&r, r.charsets->pdata[i], false);
	if (r.many)
		visitor->many(arg);
	ms_textform_clear(&meta);
	g_ptr_array_unref(r.charsets);
}

bool
ms_readings_knows(const char *charset)
{
	const struct alias *alias = find_alias(charset);
	const GIConv cd = ms_charset_open(alias ? alias->one : charset);

	if (cd == (GIConv)-1)
		return false;
	(void)g_iconv_close(cd);
	return true;
}

struct ms_readings_tables *
ms_readings_open(void)
{
	struct ms_readings_tables *tables =
	    g_new(struct ms_readings_tables, 1);

	for (size_t i = 0; i < G_N_ELEMENTS(rare); i++)
		tables->tables[i] = g_iconv_open("UTF-8", rare[i]);
	return tables;
}

void
ms_readings_close(struct ms_readings_tables *tables)
{
	if (!tables)
		return;
	for (size_t i = 0; i < G_N_ELEMENTS(rare); i++)
		if (tables->tables[i] != (GIConv)-1)
			(void)g_iconv_close(tables->tables[i]);
	g_free(tables);
}
