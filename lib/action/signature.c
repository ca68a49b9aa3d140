#include "action/signature.h"

#include <glib.h>

#include <stdint.h>
#include <string.h>

/* Charsets in which the bytes of ASCII mean ASCII wherever they are between
 * characters, as mail names them. */
static const char *const charsets[] = {
	"us-ascii", "ascii", "ansi_x3.4-1968", "utf-8", "utf8",
	"iso-8859-1", "iso-8859-2", "iso-8859-3", "iso-8859-4", "iso-8859-5",
	"iso-8859-6", "iso-8859-7", "iso-8859-8", "iso-8859-9",
	"iso-8859-10", "iso-8859-11", "iso-8859-13", "iso-8859-14",
	"iso-8859-15", "iso-8859-16", "latin1",
	"windows-1250", "windows-1251", "windows-1252", "windows-1253",
	"windows-1254", "windows-1255", "windows-1256", "windows-1257",
	"windows-1258", "koi8-r", "koi8-u", "tis-620",
	"gb2312", "gbk", "gb18030", "big5", "euc-jp", "shift_jis", "euc-kr",
};

struct ms_signature {
	GHashTable *texts;	/* charset to text; what it cannot say is in
				 * ascii */
	char *ascii, *html;
};

/* TEXT as its lines should be, for g_free(). */
static char *
tidy(const char *text)
{
	char **lines = g_strsplit(text, "\n", -1);
	char *whole;

	for (char **line = lines; *line; line++) {
		const size_t size = strlen(*line);

		if (size > 0 && (*line)[size - 1] == '\r')
			(*line)[size - 1] = '\0';
		if (strcmp(*line, "-- ") != 0)
			(void)g_strchomp(*line);
	}
	whole = g_strjoinv("\n", lines);
	for (size_t size = strlen(whole); size > 0 &&
	    whole[size - 1] == '\n'; size--)
		whole[size - 1] = '\0';
	g_strfreev(lines);
	return whole;
}

static bool
is_text(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' && *text != '\n' &&
		    *text != '\r' && *text != '\t')
			return false;
	return true;
}

static char *
make_html(const char *text)
{
	GString *out = g_string_new("<p>");

	for (; *text != '\0'; text = g_utf8_next_char(text)) {
		const gunichar c = g_utf8_get_char(text);

		if (c == '\n')
			g_string_append(out, "<br>\n");
		else if (c == '&' || c == '<' || c == '>' || c >= 0x7f)
			g_string_append_printf(out, "&#%u;", (unsigned)c);
		else
			g_string_append_c(out, (char)c);
	}
	g_string_append(out, "</p>");
	return g_string_free(out, FALSE);
}

enum ms_status
ms_signature_new(const char *text, struct ms_signature **signature,
    struct ms_error *err)
{
	struct ms_signature *made;
	char *whole;

	*signature = NULL;
	if (strlen(text) > MS_SIGNATURE_MAX)
		return ms_error_set(err, MS_E_USAGE, "larger than %zu bytes",
		    MS_SIGNATURE_MAX);
	if (!g_utf8_validate(text, -1, NULL) || !is_text(text))
		return ms_error_set(err, MS_E_USAGE, "no text in UTF-8");
	whole = tidy(text);
	if (*whole == '\0') {
		g_free(whole);
		return ms_error_set(err, MS_E_USAGE, "there is nothing in it");
	}
	made = g_new0(struct ms_signature, 1);
	made->texts = g_hash_table_new_full(g_str_hash, g_str_equal, NULL,
	    g_free);
	for (size_t i = 0; i < G_N_ELEMENTS(charsets); i++)
		(void)g_hash_table_insert(made->texts,
		    (gpointer)(uintptr_t)charsets[i], g_convert(whole, -1,
		    charsets[i], "UTF-8", NULL, NULL, NULL));
	made->ascii = g_str_to_ascii(whole, "C");
	made->html = make_html(whole);
	g_free(whole);
	*signature = made;
	return MS_OK;
}

void
ms_signature_free(struct ms_signature *signature)
{
	if (!signature)
		return;
	g_hash_table_unref(signature->texts);
	g_free(signature->ascii);
	g_free(signature->html);
	g_free(signature);
}

/* Is CHARSET known? Then *TEXT, if it can say it all. */
static bool
find(const struct ms_signature *signature, const char *charset,
    const char **text)
{
	char *lower = g_ascii_strdown(*charset != '\0' ? charset : "us-ascii",
	    -1);
	gpointer value = NULL;
	const bool known = g_hash_table_lookup_extended(signature->texts,
	    lower, NULL, &value);

	*text = value;
	g_free(lower);
	return known;
}

const char *
ms_signature_text(const struct ms_signature *signature, const char *charset,
    bool eight_bit)
{
	const char *text;

	if (!find(signature, charset, &text))
		return NULL;
	return text && (eight_bit || g_str_is_ascii(text)) ? text :
	    signature->ascii;
}

const char *
ms_signature_html(const struct ms_signature *signature, const char *charset)
{
	const char *text;

	return find(signature, charset, &text) ? signature->html : NULL;
}
