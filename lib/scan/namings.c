#include "scan/namings.h"

#include "scan/invisible.h"

#include <string.h>

/* No file has a longer name; what stands behind it is what counts. */
#define BYTES_MAX 1024

/* What is not part of a name at its ends. */
#define ENDS " .\t'\"`;,<>?*|/\\"

/* What opens a document or a picture, and what can be run, one by one. */
static const char *const harmless[] = {
	"avi", "bmp", "csv", "doc", "docx", "eml", "gif", "heic", "htm",
	"html", "jpeg", "jpg", "mov", "mp3", "mp4", "mpeg", "mpg", "msg",
	"odp", "ods", "odt", "pdf", "png", "ppt", "pptx", "rtf", "tif",
	"tiff", "txt", "wav", "webp", "wmv", "xls", "xlsx", "xml", "zip",
};
static const char *const harmful[] = {
	"ade", "adp", "apk", "app", "appx", "bas", "bat", "chm", "cmd", "com",
	"cpl", "crt", "dll", "docm", "elf", "exe", "hlp", "hta", "htm",
	"html", "img", "inf", "ins", "iso", "isp", "jar", "jnlp", "js",
	"jse", "ksh", "lib", "lnk", "mde", "msc", "msi", "msp", "mst",
	"ocx", "pcd", "pif", "ppam", "pptm", "ps1", "psm1", "py", "reg",
	"scf", "scr", "sct", "sh", "shb", "shs", "shtml", "svg", "sys",
	"url", "vb", "vbe", "vbs", "vhd", "vhdx", "wsc", "wsf", "wsh",
	"xhtml", "xlam", "xll", "xlsm",
};

static gboolean
is_listed(const char *const *list, size_t count, const char *text,
    size_t size)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(list[i]) == size &&
		    strncmp(list[i], text, size) == 0)
			return TRUE;
	return FALSE;
}

/* In UTF-8, whatever it is in: for g_free(). */
static char *
to_utf8(const char *text)
{
	GString *out;

	if (g_utf8_validate(text, -1, NULL))
		return g_strdup(text);
	out = g_string_new(NULL);
	for (; *text; text++)
		g_string_append_unichar(out, (unsigned char)*text);
	return g_string_free(out, FALSE);
}

/* Nobody sees it, or it stands for something that could not be decoded: nobody
 * saves it. */
static bool
is_dropped(gunichar c)
{
	const GUnicodeType type = g_unichar_type(c);

	return type == G_UNICODE_LINE_SEPARATOR ||
	    type == G_UNICODE_PARAGRAPH_SEPARATOR || c == 0xfffd ||
	    ms_invisible(c);
}

char *
ms_namings_fold(const char *text)
{
	char *utf8 = to_utf8(text);
	char *plain = g_utf8_normalize(utf8, -1, G_NORMALIZE_NFKC);
	GString *out = g_string_new(NULL);
	char *folded;

	for (const char *p = plain ? plain : utf8; *p;
	    p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		/* The full stops of Chinese and Japanese. */
		if (c == 0x3002 || c == 0xff61)
			c = '.';
		/* A letter of Braille without a dot is a blank, too. */
		else if (g_unichar_isspace(c) || c == 0x2800)
			c = ' ';
		if (!is_dropped(c))
			g_string_append_unichar(out, c);
	}
	g_free(plain);
	g_free(utf8);
	folded = g_utf8_casefold(out->str, (gssize)out->len);
	(void)g_string_free(out, TRUE);
	return folded;
}

/* Behind the last thing that separates directories and has something behind
 * it: what is at the end is dropped. */
static const char *
base_of(const char *path)
{
	size_t size = strlen(path);

	while (size > 0 && strchr(ENDS, path[size - 1]))
		size--;
	while (size > 0 && path[size - 1] != '/' && path[size - 1] != '\\')
		size--;
	return path + size;
}

/* Add TEXT, which is taken, unless it is there. */
static void
add(char *text, GPtrArray *forms)
{
	gboolean new = *text != '\0';

	for (guint i = 0; i < forms->len && new; i++)
		new = strcmp(forms->pdata[i], text) != 0;
	if (new)
		g_ptr_array_add(forms, text);
	else
		g_free(text);
}

/* Add TEXT as it is and without what stands around it. */
static void
add_trimmed(const char *text, GPtrArray *forms)
{
	size_t size = strlen(text);
	const char *begin = text + strspn(text, " \t'\"`<");

	add(g_strndup(text, size), forms);
	while (size > (size_t)(begin - text) && strchr(ENDS, text[size - 1]))
		size--;
	add(g_strndup(begin, size - (size_t)(begin - text)), forms);
}

/* The end of NAME, as much as counts, for g_free(). */
static char *
tail_of(const char *name)
{
	size_t size = strlen(name), at;

	while (size > BYTES_MAX && strchr(ENDS "\r\n", name[size - 1]))
		size--;
	at = size > BYTES_MAX ? size - BYTES_MAX : 0;
	/* Not from the middle of a character, if these are. */
	for (int i = 0; at > 0 && i < 4 &&
	    ((unsigned char)name[at] & 0xc0) == 0x80; i++)
		at++;
	return g_strndup(name + at, size - at);
}

/* Add the forms of NAME with nothing decoded. */
static void
add_forms(const char *name, GPtrArray *forms)
{
	char *tail = tail_of(name), *folded = ms_namings_fold(tail);
	const char *base = base_of(folded);
	const char *colon = strchr(base, ':');

	add_trimmed(base, forms);
	if (colon) {
		char *before = g_strndup(base, (gsize)(colon - base));

		add_trimmed(before, forms);
		g_free(before);
	}
	g_free(folded);
	g_free(tail);
}

/* NAME without what is no ASCII, if it is no UTF-8: what nobody can decode may
 * be left out. NULL: it is UTF-8. */
static char *
bare(const char *name)
{
	GString *out;

	if (g_utf8_validate(name, -1, NULL))
		return NULL;
	out = g_string_new(NULL);
	for (const char *p = name; *p; p++)
		if (!((unsigned char)*p & 0x80))
			g_string_append_c(out, *p);
	return g_string_free(out, FALSE);
}

/* NAME without the percent signs of URLs; NULL: it has none. */
static char *
decoded(const char *name)
{
	GString *out = g_string_new(NULL);
	gboolean any = FALSE;

	for (const char *p = name; *p; p++) {
		if (*p == '%' && g_ascii_isxdigit(p[1]) &&
		    g_ascii_isxdigit(p[2])) {
			any = TRUE;
			g_string_append_c(out, (char)(g_ascii_xdigit_value(
			    p[1]) * 16 + g_ascii_xdigit_value(p[2])));
			p += 2;
		} else {
			g_string_append_c(out, *p);
		}
	}
	return g_string_free(out, !any);
}

void
ms_namings(const char *name, GPtrArray *forms)
{
	char *other = decoded(name), *ascii = bare(other ? other : name);

	add_forms(name, forms);
	if (other)
		add_forms(other, forms);
	if (ascii)
		add_forms(ascii, forms);
	g_free(ascii);
	g_free(other);
}

gboolean
ms_namings_is_double(const char *form)
{
	const char *last = strrchr(form, '.');
	const char *end = last, *before;

	if (!last || last == form)
		return FALSE;
	/* ".{3050F4D8-98B5-11CF-BB82-00AA00BDCE0B}": not shown, and what the
	 * file is. */
	if (last[1] == '{' && strlen(last) >= 38)
		return TRUE;
	while (end > form && end[-1] == ' ')
		end--;
	before = end;
	while (before > form && before[-1] != '.')
		before--;
	if (before == form)
		return FALSE;
	return is_listed(harmful, G_N_ELEMENTS(harmful), last + 1,
	    strlen(last + 1)) && is_listed(harmless, G_N_ELEMENTS(harmless),
	    before, (size_t)(end - before));
}
