#include "import.h"

#include "exit.h"
#include "imported.h"
#include "mailscan.h"
#include "value.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* clamsmtpd reads lines of 2 KB; nobody has more of them than fit here. */
enum { FILE_BYTES_MAX = 1 << 20 };

/* Where settings end and their origins begin. */
enum { ORIGIN_COLUMN = 40 };

/* What clamsmtpd can be told. */
enum key {
	KEY_LISTEN,
	KEY_OUT_ADDRESS,
	KEY_TRANSPARENT,
	KEY_XCLIENT,
	KEY_KEEPALIVES,
	KEY_MAX_CONNECTIONS,
	KEY_TIMEOUT,
	KEY_CLAM_ADDRESS,
	KEY_ACTION,
	KEY_BOUNCE,
	KEY_QUARANTINE,
	KEY_VIRUS_ACTION,
	KEY_HEADER,
	KEY_SCAN_HEADER,
	KEY_TEMP_DIRECTORY,
	KEY_DEBUG_FILES,
	KEY_USER,
	KEY_PID_FILE,
	KEYS
};

static const char *const names[KEYS] = {
	"Listen", "OutAddress", "TransparentProxy", "XClient", "KeepAlives",
	"MaxConnections", "TimeOut", "ClamAddress", "Action", "Bounce",
	"Quarantine", "VirusAction", "Header", "ScanHeader", "TempDirectory",
	"DebugFiles", "User", "PidFile"
};

/* The last line that says a key is the one that holds. */
struct given {
	char *text;	/* NULL: not given */
	unsigned line;
};

struct import {
	const struct command *cmd;
	const char *file;
	struct given given[KEYS];
	GPtrArray *rows;	/* of mailscan serve */
	GString *out;
	bool wrong;
};

/* Only the first thing that is wrong is said: others may follow from it. */
static bool G_GNUC_PRINTF(3, 4)
fail(struct import *import, unsigned line, const char *format, ...)
{
	va_list ap;
	char *text;

	if (import->wrong)
		return false;
	va_start(ap, format);
	text = g_strdup_vprintf(format, ap);
	va_end(ap);
	if (line > 0)
		(void)option_error(import->cmd, "%s:%u: %s", import->file,
		    line, text);
	else
		(void)option_error(import->cmd, "%s: %s", import->file, text);
	g_free(text);
	import->wrong = true;
	return false;
}

static bool
take_line(struct import *import, char *line, unsigned number)
{
	char *colon;

	g_strstrip(line);
	if (*line == '\0' || *line == '#')
		return true;
	colon = strchr(line, ':');
	if (!colon)
		return fail(import, number, "want \"Name: value\", not %s",
		    line);
	*colon = '\0';
	g_strchomp(line);
	for (unsigned i = 0; i < KEYS; i++) {
		struct given *given = &import->given[i];

		if (g_ascii_strcasecmp(line, names[i]) != 0)
			continue;
		g_free(given->text);
		given->text = g_strdup(g_strchug(colon + 1));
		given->line = number;
		return true;
	}
	return fail(import, number, "clamsmtpd knows no %s", line);
}

static bool
take_file(struct import *import)
{
	char *text = g_malloc(FILE_BYTES_MAX + 2), *rest = text;
	FILE *stream = fopen(import->file, "re");
	size_t size;
	bool good = true;

	size = stream ? fread(text, 1, FILE_BYTES_MAX + 1, stream) : 0;
	if (!stream || ferror(stream))
		good = fail(import, 0, "%s", g_strerror(errno));
	else if (size > FILE_BYTES_MAX || memchr(text, '\0', size))
		good = fail(import, 0, "this is no configuration");
	if (stream)
		(void)fclose(stream);
	text[good ? size : 0] = '\0';
	for (unsigned n = 1; good && rest; n++) {
		char *line = rest;

		rest = strchr(line, '\n');
		if (rest)
			*rest++ = '\0';
		good = take_line(import, line, n);
	}
	g_free(text);
	return good;
}

/* End a line of the output with where it comes from: line and words, or that it
 * is a default; and NOTE (or NULL). */
static void
put_origin(struct import *import, enum key key, const char *note)
{
	const struct given *given = &import->given[key];
	char *text = given->text ? g_strdup_printf("line %u, %s: %s",
	    given->line, names[key], given->text) :
	    g_strdup_printf("the default of %s", names[key]);
	char *quoted = ms_quote_string(g_strchomp(text));

	g_string_append_printf(import->out, "# %s%s%s\n", quoted,
	    note ? ": " : "", note ? note : "");
	g_free(quoted);
	g_free(text);
}

static const struct opt *
find_row(const struct import *import, const char *name)
{
	for (guint i = 0; i < import->rows->len; i++) {
		const struct opt *row = import->rows->pdata[i];

		if (strcmp(row->name, name) == 0)
			return row;
	}
	g_assert_not_reached();
}

/* KEY has no setting of its own, for a reason. */
static void
put_remark(struct import *import, enum key key, const char *why)
{
	g_string_append_c(import->out, '\t');
	put_origin(import, key, why);
}

/* A setting of mailscan serve, because of KEY. */
static void
put(struct import *import, enum key key, const char *name, const char *value,
    const char *note)
{
	const struct opt *row = find_row(import, name);
	GString *printed = g_string_new(NULL);
	void *values = g_malloc0(cmd_serve.size);
	int width = ORIGIN_COLUMN - 12 - (int)strlen(name);
	char *wrong = imported_wrong(name, value);

	if (wrong) {
		(void)fail(import, import->given[key].line, "%s: %s",
		    names[key], wrong);
	} else if (value_store(row, value, values)) {
		(void)value_print(row, values, printed);
		g_string_append_printf(import->out, "\t%s = %-*s ", name,
		    MAX(width, 0), printed->str);
		put_origin(import, key, note);
	} else {
		char *wanted = value_wanted(row);

		(void)fail(import, import->given[key].line, "%s: %s is not %s",
		    names[key], value, wanted);
		g_free(wanted);
	}
	option_free(&cmd_serve, values);
	g_string_free(printed, TRUE);
	g_free(values);
	g_free(wrong);
}

static bool
is_given(const struct import *import, enum key key)
{
	return import->given[key].text != NULL;
}

static bool
is_on(struct import *import, enum key key)
{
	static const char *const words[] = { "0", "no", "false", "f", "off",
		"1", "yes", "true", "t", "on" };
	const struct given *given = &import->given[key];

	for (size_t i = 0; given->text && i < G_N_ELEMENTS(words); i++)
		if (g_ascii_strcasecmp(given->text, words[i]) == 0)
			return i >= G_N_ELEMENTS(words) / 2;
	if (given->text)
		(void)fail(import, given->line, "%s: %s is neither on nor off",
		    names[key], given->text);
	return false;
}

/* The number of KEY; 0 if that is what it says, or none. */
static unsigned
number_of(struct import *import, enum key key)
{
	const struct given *given = &import->given[key];
	guint64 n = 0;

	if (given->text && !g_ascii_string_to_unsigned(given->text, 10, 0,
	    UINT32_MAX, &n, NULL))
		(void)fail(import, given->line, "%s: %s is not a number",
		    names[key], given->text);
	return (unsigned)n;
}

static bool
is_port(const char *text)
{
	return *text != '\0' && strspn(text, "0123456789") == strlen(text);
}

/* How clamsmtpd writes a socket, HOST[:PORT] or PATH, as we do; for
 * g_free(). */
static char *
address_of(const char *text, const char *port)
{
	if (strchr(text, '/') && !strchr(text, ':'))
		return g_strconcat("unix:", text, NULL);
	if (strchr(text, ':'))
		return g_strdup(text);
	return g_strconcat(text, ":", port, NULL);
}

static void
put_listen(struct import *import)
{
	const char *text = import->given[KEY_LISTEN].text;
	char *address;
	bool beyond;

	if (!text)
		text = "10025";
	address = is_port(text) ? g_strconcat("0.0.0.0:", text, NULL) :
	    address_of(text, "10025");
	beyond = !g_str_has_prefix(address, "unix:") &&
	    !g_str_has_prefix(address, "127.") &&
	    !g_str_has_prefix(address, "localhost:");
	put(import, KEY_LISTEN, "listen", address, NULL);
	if (beyond)
		g_string_append(import->out, "\t# allow-clients = { "
		    "\"192.0.2.0/24\" } # clamsmtpd let in who came: "
		    "say who may\n");
	g_string_append(import->out, "\ttrust-xforward = { "
	    "\"127.0.0.0/8\", \"unix\" } # clamsmtpd believed "
	    "everybody\n");
	g_free(address);
}

static void
put_upstream(struct import *import)
{
	const char *text = import->given[KEY_OUT_ADDRESS].text;
	char *address;

	if (is_on(import, KEY_TRANSPARENT)) {
		put(import, KEY_TRANSPARENT, "upstream", "original-dst", NULL);
		if (text)
			put_remark(import, KEY_OUT_ADDRESS,
			    "not used with TransparentProxy");
	} else if (!text) {
		(void)fail(import, 0, "there is no OutAddress, without which "
		    "clamsmtpd does not start");
	} else {
		address = is_port(text) ? g_strconcat("client:", text, NULL) :
		    address_of(text, "25");
		put(import, KEY_OUT_ADDRESS, "upstream", address, NULL);
		g_free(address);
	}
	if (is_on(import, KEY_XCLIENT))
		put(import, KEY_XCLIENT, "xclient", "yes", NULL);
}

static void
put_bounds(struct import *import)
{
	static const struct {
		enum key key;
		const char *name;
		bool zero;	/* means that there is none */
		unsigned usual, times;
	} rows[] = {
		{ KEY_KEEPALIVES, "keepalive", true, 0, 1 },
		{ KEY_MAX_CONNECTIONS, "max-connections", false, 64, 1 },
		{ KEY_TIMEOUT, "client-timeout", false, 180, 1 },
		{ KEY_TIMEOUT, "upstream-timeout", false, 180, 1 },
		{ KEY_TIMEOUT, "max-scantime", false, 180, 1000 },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const guint64 n = is_given(import, rows[i].key) ?
		    number_of(import, rows[i].key) : rows[i].usual;
		char *text = g_strdup_printf("%" G_GUINT64_FORMAT,
		    n * rows[i].times);

		if (n > 0 || !rows[i].zero)
			put(import, rows[i].key, rows[i].name, text, NULL);
		g_free(text);
	}
	/* What it took no notice of. */
	g_string_append(import->out, "\tmin-rate = 0                    # "
	    "clamsmtpd has no such limit\n"
	    "\tmax-message-size = 64G          # nor this one\n"
	    "\tbare-newline = normalise        # it takes CR and LF that stand "
	    "alone\n");
}

static void
put_engine(struct import *import)
{
	const char *text = import->given[KEY_CLAM_ADDRESS].text;
	char *address;

	if (!text)
		text = "/var/run/clamav/clamd";
	address = is_port(text) ? g_strconcat("127.0.0.1:", text, NULL) :
	    address_of(text, "3310");
	put(import, KEY_CLAM_ADDRESS, "engine", "clamd", "without it, mailscan "
	    "has its own");
	put(import, KEY_CLAM_ADDRESS, "clamd", address, NULL);
	g_free(address);
}

/* What is done with a virus: the key that says so, and our word for it. */
static const char *
action_of(struct import *import, enum key *key)
{
	static const char *const words[][2] = { { "drop", "drop" },
		{ "bounce", "reject" }, { "pass", "tag" } };
	const struct given *given = &import->given[KEY_ACTION];

	*key = KEY_ACTION;
	if (is_given(import, KEY_BOUNCE) &&
	    import->given[KEY_BOUNCE].line > given->line) {
		*key = KEY_BOUNCE;
		return is_on(import, KEY_BOUNCE) ? "reject" : "drop";
	}
	for (size_t i = 0; given->text && i < G_N_ELEMENTS(words); i++)
		if (g_ascii_strcasecmp(given->text, words[i][0]) == 0)
			return words[i][1];
	if (given->text)
		(void)fail(import, given->line, "Action: want bounce, drop or "
		    "pass, not %s", given->text);
	return "drop";
}

/* A program with its arguments, of which a shell makes nothing else. */
static bool
is_plain(const char *command)
{
	return *command == '/' && strspn(command, G_CSET_a_2_z G_CSET_A_2_Z
	    G_CSET_DIGITS "/._-+@:, ") == strlen(command);
}

static void
put_actions(struct import *import)
{
	enum key key;
	const char *action = action_of(import, &key);
	char *both = g_strconcat("quarantine+", action, NULL);
	const char *command = import->given[KEY_VIRUS_ACTION].text;
	const char *note = strcmp(action, "tag") == 0 ?
	    "X-Virus-Status says so, not X-Virus-Infected" : NULL;

	if (is_on(import, KEY_QUARANTINE)) {
		put(import, key, "on-infected", both, note);
		put(import, KEY_QUARANTINE, "quarantine",
		    "/var/spool/mailscan/quarantine", NULL);
	} else {
		put(import, key, "on-infected", action, note);
	}
	g_free(both);
	if (!command || *command == '\0')
		return;
	put(import, KEY_VIRUS_ACTION, "on-event-command", command, NULL);
	if (!is_plain(command))
		put(import, KEY_VIRUS_ACTION, "compat-shell", "yes",
		    "this is for a shell, which is dangerous");
}

/* Debian's clamsmtp has a user and directories of its own; so has mailscan. */
static void
put_own(struct import *import, enum key key, const char *name)
{
	static const char *const own[][2] = {
		{ "/var/spool/clamsmtp", "/var/spool/mailscan" },
		{ "/var/run/clamsmtp/clamsmtpd.pid",
		  "/run/mailscan/mailscan.pid" },
		{ "/run/clamsmtp/clamsmtpd.pid", "/run/mailscan/mailscan.pid" },
		{ "clamsmtp", "mailscan" },
	};
	const char *text = import->given[key].text;

	if (!text || *text == '\0')
		return;
	for (size_t i = 0; i < G_N_ELEMENTS(own); i++)
		if (strcmp(text, own[i][0]) == 0)
			text = own[i][1];
	put(import, key, name, text, NULL);
}

static void
put_all(struct import *import)
{
	enum key header = import->given[KEY_SCAN_HEADER].line >
	    import->given[KEY_HEADER].line ? KEY_SCAN_HEADER : KEY_HEADER;

	put_listen(import);
	put_upstream(import);
	put_bounds(import);
	put_engine(import);
	put_actions(import);
	if (is_given(import, header))
		put(import, header, "header", import->given[header].text,
		    NULL);
	put_own(import, KEY_TEMP_DIRECTORY, "tempdir");
	if (is_given(import, KEY_DEBUG_FILES))
		put_remark(import, KEY_DEBUG_FILES, "clamsmtpd ignores it");
	put_own(import, KEY_USER, "user");
	put_own(import, KEY_PID_FILE, "pidfile");
}

int
import_clamsmtpd(const struct command *cmd, const char *file)
{
	struct import import = { .cmd = cmd, .file = file };
	char *quoted = ms_quote_string(file);

	import.rows = option_rows(&cmd_serve);
	import.out = g_string_new(NULL);
	g_string_append_printf(import.out, "# From %s: see mailscan.conf(5)\n"
	    "serve {\n", quoted);
	if (take_file(&import))
		put_all(&import);
	g_string_append(import.out, "}\n");
	if (!import.wrong)
		(void)fputs(import.out->str, stdout);
	for (unsigned i = 0; i < KEYS; i++)
		g_free(import.given[i].text);
	g_string_free(import.out, TRUE);
	g_ptr_array_unref(import.rows);
	g_free(quoted);
	return import.wrong ? EXIT_TROUBLE : EXIT_CLEAN;
}
