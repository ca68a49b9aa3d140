#include "import.h"

#include "importing.h"
#include "mailscan.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Nobody has a longer file. */
enum { FILE_BYTES_MAX = 1 << 20 };

static bool
is_yes(const char *text)
{
	static const char *const words[] = { "yes", "true", "1", "on", NULL };

	for (size_t k = 0; words[k]; k++)
		if (g_ascii_strcasecmp(text, words[k]) == 0)
			return true;
	return false;
}

/* What becomes of one setting or option. */
typedef void take_text(struct importing *i, const char *text);

static void
take_group(struct importing *i, const char *text)
{
	importing_put(i, IMPORTING_MILTER, "socket-group", text, NULL);
}

static void
take_mode(struct importing *i, const char *text)
{
	importing_put(i, IMPORTING_MILTER, "socket-mode", text, NULL);
}

static void
take_user(struct importing *i, const char *text)
{
	g_free(i->user);
	i->user = g_strdup(text);
	importing_put(i, IMPORTING_MILTER, "user", text, NULL);
	importing_put(i, IMPORTING_POOL, "user", text, NULL);
}

static void
take_timeout(struct importing *i, const char *text)
{
	i->has_timeout = true;
	importing_put(i, IMPORTING_MILTER, "answer-timeout",
	    strcmp(text, "0") == 0 ? "86400" : text, NULL);
}

static void
take_foreground(struct importing *i, const char *text)
{
	const char *value = is_yes(text) ? "no" : "yes";

	importing_put(i, IMPORTING_MILTER, "daemon", value, NULL);
	importing_put(i, IMPORTING_POOL, "daemon", value, NULL);
}

static void
take_pidfile(struct importing *i, const char *text)
{
	importing_put(i, IMPORTING_MILTER, "pidfile", text, NULL);
}

static void
take_tempdir(struct importing *i, const char *text)
{
	importing_put(i, IMPORTING_MILTER, "tempdir", text, NULL);
	importing_put(i, IMPORTING_POOL, "tempdir", text, NULL);
}

static void
take_net(struct importing *i, const char *text)
{
	i->scans_local = false;
	importing_net(i, text);
}

static void
take_allow_list(struct importing *i, const char *text)
{
	char *name = g_strconcat("modern:", text, NULL);

	importing_put(i, IMPORTING_POOL, "allow-list", name, NULL);
	g_free(name);
}

/* Append the bracket expression at P; its last byte, or the end. */
static const char *
put_bracket(const char *p, GString *out)
{
	const char *begin = p++;

	p += *p == '^';
	p += *p == ']';
	while (*p != '\0' && *p != ']') {
		const char mark = *p == '[' && strchr(":.=", p[1]) ? p[1] :
		    '\0';

		p += mark ? 2 : 1;
		while (mark && *p != '\0' && !(p[0] == mark && p[1] == ']'))
			p++;
		p += mark && *p != '\0' ? 2 : 0;
	}
	p += *p == ']';
	g_string_append_len(out, begin, p - begin);
	return p - 1;
}

/* TEXT, an extended expression. Its library sees no meaning in a backslash
 * before what has none in POSIX, nor in a brace before what is no digit, and
 * ours may see one. For g_free(). */
static char *
plain_expression(const char *text)
{
	GString *out = g_string_new("posix:");

	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '[') {
			p = put_bracket(p, out);
			continue;
		}
		if (*p == '\\' && p[1] != '\0') {
			p++;
			if (!g_ascii_isalnum(*p) && !strchr("<>`'", *p))
				g_string_append_c(out, '\\');
		} else if (*p == '{' && !g_ascii_isdigit(p[1])) {
			g_string_append_c(out, '\\');
		}
		g_string_append_c(out, *p);
	}
	return g_string_free(out, FALSE);
}

static void
take_skip_auth(struct importing *i, const char *text)
{
	char *whom = g_str_has_prefix(text, "file:") ? g_strdup(text) :
	    plain_expression(text);

	importing_put(i, IMPORTING_POOL, "skip-auth", whom, NULL);
	g_free(whom);
}

static void
take_max_size(struct importing *i, const char *text)
{
	char *size = g_ascii_strup(text, -1);

	importing_put(i, IMPORTING_POOL, "max-filesize", size,
	    "what is larger is incomplete, and marked");
	g_free(size);
}

static void
take_on_infected(struct importing *i, const char *text)
{
	static const char *const words[][2] = { { "accept", "pass" },
		{ "reject", "reject" }, { "defer", "defer" },
		{ "blackhole", "drop" }, { "quarantine", "mta-quarantine" } };

	for (size_t k = 0; k < G_N_ELEMENTS(words); k++)
		if (g_ascii_strcasecmp(text, words[k][0]) == 0) {
			i->action = words[k][1];
			return;
		}
	importing_fail(i, "%s: that is no action", i->origin);
}

static void
take_on_fail(struct importing *i, const char *text)
{
	static const char *const words[][2] = { { "accept", "pass" },
		{ "reject", "reject" }, { "defer", "defer" } };

	for (size_t k = 0; k < G_N_ELEMENTS(words); k++)
		if (g_ascii_strcasecmp(text, words[k][0]) == 0) {
			importing_on_error(i, words[k][1]);
			return;
		}
	importing_fail(i, "%s: want Accept, Reject or Defer", i->origin);
}

/* %v is the only thing that stands for something else. */
static void
take_reject(struct importing *i, const char *text)
{
	GString *reply = g_string_new("550 5.7.1 ");

	for (; *text != '\0'; text++) {
		if (*text == '\\' || (*text == '%' && text[1] != 'v'))
			g_string_append_c(reply, *text);
		g_string_append_c(reply, *text);
	}
	importing_put(i, IMPORTING_POOL, "reject-reply", reply->str, NULL);
	(void)g_string_free(reply, TRUE);
}

static void
take_on_clean(struct importing *i, const char *text)
{
	if (g_ascii_strcasecmp(text, "accept") == 0)
		importing_remark(i, "clean mail passes");
	else
		importing_fail(i, "%s: clean mail always passes here",
		    i->origin);
}

static void
take_add_header(struct importing *i, const char *text)
{
	i->marks = is_yes(text) || g_ascii_strcasecmp(text, "add") == 0 ||
	    g_ascii_strcasecmp(text, "replace") == 0;
}

static void
take_hostname(struct importing *i, const char *text)
{
	importing_put(i, IMPORTING_POOL, "hostname", text, NULL);
}

static void
take_command(struct importing *i, const char *text)
{
	importing_put(i, IMPORTING_POOL, "on-event-command", text,
	    "what were arguments are variables: mailscan-serve(8)");
}

/* There can be one log. */
static void
put_log(struct importing *i, const char *text)
{
	if (strstr(i->out[IMPORTING_POOL]->str, "\tlog-to = ")) {
		importing_remark(i, "there is one log only");
		return;
	}
	importing_put(i, IMPORTING_MILTER, "log-to", text, NULL);
	importing_put(i, IMPORTING_POOL, "log-to", text, NULL);
}

static void
take_syslog(struct importing *i, const char *text)
{
	if (is_yes(text))
		put_log(i, "syslog");
}

static void
take_verbose(struct importing *i, const char *text)
{
	if (is_yes(text))
		importing_put(i, IMPORTING_MILTER, "debug", "4", NULL);
}

static void
take_example(struct importing *i, const char *text)
{
	(void)text;
	importing_fail(i, "%s: clamav-milter does not run with that",
	    i->origin);
}

/* The names of clamav-milter.conf(5); those without a function have no
 * counterpart, for the reason that is said. */
static const struct {
	const char *name;
	take_text *take;
	const char *why;
} settings[] = {
	{ "MilterSocket", importing_listen, NULL },
	{ "MilterSocketGroup", take_group, NULL },
	{ "MilterSocketMode", take_mode, NULL },
	{ "FixStaleSocket", NULL, "it is always so" },
	{ "User", take_user, NULL },
	{ "ReadTimeout", take_timeout, NULL },
	{ "Foreground", take_foreground, NULL },
	{ "Chroot", importing_chroot, NULL },
	{ "PidFile", take_pidfile, NULL },
	{ "TemporaryDirectory", take_tempdir, NULL },
	{ "ClamdSocket", importing_clamd, NULL },
	{ "LocalNet", take_net, NULL },
	{ "AllowList", take_allow_list, NULL },
	{ "Whitelist", take_allow_list, NULL },
	{ "SkipAuthenticated", take_skip_auth, NULL },
	{ "MaxFileSize", take_max_size, NULL },
	{ "OnClean", take_on_clean, NULL },
	{ "OnInfected", take_on_infected, NULL },
	{ "OnFail", take_on_fail, NULL },
	{ "RejectMsg", take_reject, NULL },
	{ "AddHeader", take_add_header, NULL },
	{ "ReportHostname", take_hostname, NULL },
	{ "VirusAction", take_command, NULL },
	{ "LogFile", put_log, NULL },
	{ "LogFileUnlock", NULL, "no file is locked" },
	{ "LogFileMaxSize", NULL, "see logrotate(8), and SIGUSR1" },
	{ "LogFileRotate", NULL, "see logrotate(8), and SIGUSR1" },
	{ "LogRotate", NULL, "see logrotate(8), and SIGUSR1" },
	{ "LogTime", NULL, "it is always so" },
	{ "LogSyslog", take_syslog, NULL },
	{ "LogFacility", NULL, "it is mail" },
	{ "LogVerbose", take_verbose, NULL },
	{ "LogInfected", NULL, "each message has its line" },
	{ "LogClean", NULL, "each message has its line" },
	{ "SupportMultipleRecipients", NULL, "all of them are named" },
	{ "Example", take_example, NULL },
};

/* What earlier ones had, and later ones only warn of. */
static const char *const deprecated[] = { "AllowSupplementaryGroups",
	"ArchiveBlockEncrypted", "DatabaseDirectory", "Debug",
	"DetectBrokenExecutables", "LeaveTemporaryFiles", "LocalSocket",
	"MailFollowURLs", "MaxScanSize", "MaxFiles", "MaxRecursion",
	"PhishingSignatures", "ScanArchive", "ScanHTML", "ScanMail",
	"ScanOLE2", "ScanPE", "StreamMaxLength", "TCPAddr", "TCPSocket",
	NULL };

static void
take_line(struct importing *i, char *line, unsigned number)
{
	char *text;

	g_strstrip(line);
	if (*line == '\0' || *line == '#')
		return;
	text = line + strcspn(line, " \t");
	if (*text != '\0')
		*text++ = '\0';
	g_strchug(text);
	if (*text == '"' && strlen(text) > 1 &&
	    text[strlen(text) - 1] == '"') {
		text[strlen(text) - 1] = '\0';
		text++;
	}
	g_free(i->origin);
	i->origin = g_strdup_printf("%s%s%s", line, *text ? " " : "", text);
	i->line = number;
	for (size_t k = 0; k < G_N_ELEMENTS(settings); k++) {
		if (strcmp(line, settings[k].name) != 0)
			continue;
		if (settings[k].take)
			settings[k].take(i, text);
		else
			importing_remark(i, settings[k].why);
		return;
	}
	if (g_strv_contains(deprecated, line))
		importing_remark(i, "deprecated: clamav-milter ignores it");
	else
		importing_fail(i, "clamav-milter knows no %s", line);
}

static void
take_file(struct importing *i, const char *file)
{
	char *text = g_malloc(FILE_BYTES_MAX + 2), *rest = text;
	FILE *stream = fopen(file, "re");
	size_t size = stream ? fread(text, 1, FILE_BYTES_MAX + 1, stream) : 0;

	if (!stream || ferror(stream))
		importing_fail(i, "%s", g_strerror(errno));
	else if (size > FILE_BYTES_MAX || memchr(text, '\0', size))
		importing_fail(i, "this is no configuration");
	if (stream)
		(void)fclose(stream);
	text[i->wrong ? 0 : size] = '\0';
	for (unsigned n = 1; !i->wrong && rest; n++) {
		char *line = rest;

		rest = strchr(line, '\n');
		if (rest)
			*rest++ = '\0';
		take_line(i, line, n);
	}
	g_free(text);
}

/* Are they options, and no file? */
static bool
are_options(char **words)
{
	static const char *const sockets[] = { "local:", "unix:", "inet:",
		"inet6:" };

	if (words[1] || *words[0] == '-')
		return true;
	for (size_t k = 0; k < G_N_ELEMENTS(sockets); k++)
		if (g_str_has_prefix(words[0], sockets[k]))
			return true;
	return false;
}

int
import_clamav_milter(const struct command *cmd, char **words)
{
	struct importing i;

	importing_init(&i, cmd, are_options(words) ? "clamav-milter" :
	    words[0]);
	if (are_options(words)) {
		importing_options(&i, words);
	} else {
		i.action = "mta-quarantine";
		i.scans_local = true;
		take_file(&i, words[0]);
		if (!i.wrong && !i.has_timeout) {
			g_free(i.origin);
			i.origin = NULL;
			importing_put(&i, IMPORTING_MILTER, "answer-timeout",
			    "120", "the default of ReadTimeout");
		}
	}
	return importing_end(&i);
}
