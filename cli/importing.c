#include "importing.h"

#include "exit.h"
#include "imported.h"
#include "mailscan.h"
#include "value.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

/* Where the service is asked. */
#define SCAN_SOCKET "/run/mailscan/scan.sock"

/* Where settings end and their origins begin. */
enum { ORIGIN_COLUMN = 44 };

void
importing_fail(struct importing *i, const char *format, ...)
{
	va_list ap;
	char *text;

	if (i->wrong)
		return;
	va_start(ap, format);
	text = g_strdup_vprintf(format, ap);
	va_end(ap);
	if (i->line > 0)
		(void)option_error(i->cmd, "%s:%u: %s", i->source, i->line,
		    text);
	else
		(void)option_error(i->cmd, "%s: %s", i->source, text);
	g_free(text);
	i->wrong = true;
}

static const struct command *const commands_of[IMPORTING_SECTIONS] = {
	&cmd_milter, &cmd_pool };

static const struct opt *
find_row(const struct command *cmd, const char *name)
{
	GPtrArray *rows = option_rows(cmd);
	const struct opt *found = NULL;

	for (guint k = 0; !found && k < rows->len; k++)
		if (strcmp(((const struct opt *)rows->pdata[k])->name,
		    name) == 0)
			found = rows->pdata[k];
	g_ptr_array_unref(rows);
	return found;
}

static void
end_line(const struct importing *i, GString *out, int column,
    const char *note)
{
	char *place, *quoted;

	if (!i->origin && !note) {
		g_string_append_c(out, '\n');
		return;
	}
	place = i->line == 0 ? g_strdup(i->origin ? i->origin : "") :
	    g_strdup_printf("line %u, %s", i->line, i->origin);
	quoted = ms_quote_string(place);
	g_string_append_printf(out, "%*s# %s%s%s\n",
	    column > 0 ? MAX(ORIGIN_COLUMN - column, 1) : 0, "", quoted,
	    note && i->origin ? ": " : "", note ? note : "");
	g_free(quoted);
	g_free(place);
}

/* Is TEXT, what something says, fine as a value of the setting NAME? */
static bool
is_good(struct importing *i, const char *name, const char *text)
{
	char *wrong = imported_wrong(name, text);

	if (wrong)
		importing_fail(i, "%s: %s", i->origin ? i->origin : name,
		    wrong);
	g_free(wrong);
	return !i->wrong;
}

void
importing_list(struct importing *i, enum importing_section where,
    const char *name, const char *const *texts, const char *note)
{
	const struct command *cmd = commands_of[where];
	const struct opt *row = find_row(cmd, name);
	GString *printed = g_string_new(NULL);
	void *values = g_malloc0(cmd->size);
	bool good = row != NULL;

	for (size_t k = 0; where == IMPORTING_POOL && row && texts[k]; k++)
		(void)is_good(i, name, texts[k]);
	for (; good && *texts; texts++)
		good = value_store(row, *texts, values);
	if (i->wrong) {
		/* It was said. */
	} else if (good) {
		(void)value_print(row, values, printed);
		g_string_append_printf(i->out[where], "\t%s = %s", name,
		    printed->str);
		end_line(i, i->out[where], (int)(strlen(name) +
		    printed->len) + 11, note);
	} else if (!row) {
		importing_remark(i, "nothing does that yet");
	} else {
		char *wanted = value_wanted(row);

		importing_fail(i, "%s: %s is not %s", i->origin, texts[-1],
		    wanted);
		g_free(wanted);
	}
	option_free(cmd, values);
	(void)g_string_free(printed, TRUE);
	g_free(values);
}

void
importing_put(struct importing *i, enum importing_section where,
    const char *name, const char *text, const char *note)
{
	const char *const texts[] = { text, NULL };

	importing_list(i, where, name, texts, note);
}

void
importing_remark(struct importing *i, const char *why)
{
	g_string_append_c(i->out[IMPORTING_MILTER], '\t');
	end_line(i, i->out[IMPORTING_MILTER], 0, why);
}

/* Where its clamd is, as we write it; for g_free(). */
static char *
clamd_address(const char *text)
{
	if (g_str_has_prefix(text, "unix:") || *text == '/')
		return g_strconcat(*text == '/' ? "unix:" : "", text, NULL);
	if (g_str_has_prefix(text, "tcp:"))
		text += 4;
	return strchr(text, ':') ? g_strdup(text) :
	    g_strconcat(text, ":3310", NULL);
}

void
importing_clamd(struct importing *i, const char *text)
{
	char *address = clamd_address(text);

	(void)is_good(i, "clamd", address);
	g_ptr_array_add(i->clamds, address);
}

void
importing_listen(struct importing *i, const char *text)
{
	struct ms_error err;
	char *name = ms_socketname(text, &err);

	if (name)
		importing_put(i, IMPORTING_MILTER, "listen", name, NULL);
	else
		importing_fail(i, "%s: %s", i->origin, err.text);
	g_free(name);
}

void
importing_chroot(struct importing *i, const char *text)
{
	g_free(i->chroot);
	i->chroot = g_strdup(text);
	importing_put(i, IMPORTING_MILTER, "chroot", text, NULL);
}

/* The network TEXT without bits of its address that do not count, for
 * g_free(); as it is, if it is none. */
static char *
network_of(const char *text)
{
	char **parts = g_strsplit(text, "/", 2);
	guint64 bits = 0;
	struct ms_subnet net;
	char host[INET6_ADDRSTRLEN];
	char *made = NULL;

	if (parts[0] && parts[1] && ms_subnet_address(parts[0], &net) &&
	    g_ascii_string_to_unsigned(parts[1], 10, 0, net.bits, &bits,
	    NULL)) {
		for (unsigned bit = (unsigned)bits; bit < net.bits; bit++)
			net.bytes[bit / 8] &= (unsigned char)~(0x80u >>
			    bit % 8);
		if (inet_ntop(net.family, net.bytes, host, sizeof host))
			made = g_strdup_printf("%s/%u", host, (unsigned)bits);
	}
	g_strfreev(parts);
	return made ? made : g_strdup(text);
}

void
importing_net(struct importing *i, const char *text)
{
	char *net = network_of(text);

	(void)is_good(i, "local-nets", net);
	g_ptr_array_add(i->nets, net);
}

void
importing_on_error(struct importing *i, const char *action)
{
	importing_put(i, IMPORTING_MILTER, "on-error", action, NULL);
	importing_put(i, IMPORTING_POOL, "on-error", action, NULL);
}

/* PATH of the filter, from the root, for g_free(). */
static char *
in_chroot(const struct importing *i, const char *path)
{
	const char *root = i->chroot ? i->chroot : "";
	size_t size = strlen(root);

	while (size > 0 && root[size - 1] == '/')
		size--;
	return g_strdup_printf("%.*s%s", (int)size, root, path);
}

/* Both have it, the filter as it sees it. */
static void
put_scan_socket(struct importing *i)
{
	char *path = in_chroot(i, SCAN_SOCKET);

	importing_put(i, IMPORTING_MILTER, "scan-socket", SCAN_SOCKET,
	    i->chroot ? "as it is seen from the chroot" :
	    "where the one asks the other");
	importing_put(i, IMPORTING_POOL, "scan-socket", path,
	    i->chroot ? "the same, from the root" :
	    "where the one asks the other");
	g_free(path);
}

/* What several lines say together. */
static void
put_sums(struct importing *i)
{
	const char *action = i->action;
	char *both = NULL;

	g_free(i->origin);
	i->origin = NULL;
	i->line = 0;
	if (i->marks && strcmp(action, "pass") == 0)
		action = "tag";
	if (i->keeps)
		both = g_strconcat("quarantine+", action, NULL);
	importing_put(i, IMPORTING_POOL, "on-infected", both ? both : action,
	    "what was done with a virus");
	g_free(both);
	if (!i->marks) {
		importing_put(i, IMPORTING_POOL, "header", "",
		    "no fields were added");
		importing_put(i, IMPORTING_POOL, "status-header", "no", NULL);
	}
	if (i->clamds->len > 0 || i->external)
		importing_put(i, IMPORTING_POOL, "engine", "clamd",
		    "without it, mailscan has its own");
	if (i->clamds->len > 0) {
		g_ptr_array_add(i->clamds, NULL);
		importing_list(i, IMPORTING_POOL, "clamd",
		    (const char *const *)i->clamds->pdata, NULL);
	}
	if (i->nets->len > 0) {
		g_ptr_array_add(i->nets, NULL);
		importing_list(i, IMPORTING_POOL, "local-nets",
		    (const char *const *)i->nets->pdata, NULL);
	}
	if (!i->scans_local)
		importing_put(i, IMPORTING_POOL, "scan-local", "no",
		    i->why_not_local);
	put_scan_socket(i);
}

void
importing_init(struct importing *i, const struct command *cmd,
    const char *source)
{
	*i = (struct importing){ .cmd = cmd, .source = source };
	for (int k = 0; k < IMPORTING_SECTIONS; k++)
		i->out[k] = g_string_new(NULL);
	i->clamds = g_ptr_array_new_with_free_func(g_free);
	i->nets = g_ptr_array_new_with_free_func(g_free);
}

/* What is to be done before it runs. */
static void
print_steps(const struct importing *i)
{
	char *path = in_chroot(i, SCAN_SOCKET);
	char *dir = g_path_get_dirname(path);
	char *place = ms_quote_string(dir);
	char *user = ms_quote_string(i->user ? i->user : "USER");

	(void)printf("# Make the directory that the scan socket is in, at each "
	    "start of the system\n# (tmpfiles.d(5)); then start first "
	    "\"mailscan pool\", then \"mailscan milter\":\n"
	    "#   install -d -o %s -g \"$(id -gn %s)\" -m 2750 %s\n", user,
	    user, place);
	g_free(user);
	g_free(place);
	g_free(dir);
	g_free(path);
}

int
importing_end(struct importing *i)
{
	char *quoted = ms_quote_string(i->source);

	if (!i->wrong)
		put_sums(i);
	if (!i->wrong) {
		(void)printf("# From %s: see mailscan.conf(5)\n", quoted);
		print_steps(i);
		(void)printf("milter {\n%s}\npool {\n%s}\n",
		    i->out[IMPORTING_MILTER]->str,
		    i->out[IMPORTING_POOL]->str);
	}
	for (int k = 0; k < IMPORTING_SECTIONS; k++)
		(void)g_string_free(i->out[k], TRUE);
	g_ptr_array_unref(i->clamds);
	g_ptr_array_unref(i->nets);
	g_free(i->redirect);
	g_free(i->ban_s);
	g_free(i->origin);
	g_free(i->user);
	g_free(i->chroot);
	g_free(quoted);
	return i->wrong ? EXIT_TROUBLE : EXIT_CLEAN;
}
