#include "importing.h"

#include <string.h>

/* The older clamav-milter, up to version 0.94, had options only. */

/* The text that it had built in. */
#define SIGNATURE "-- \nScanned by ClamAv - http://www.clamav.net"

/* Its last argument is an address: exit with 0 if mail to it goes to /dev/null,
 * and nowhere else. 67: not all that it stands for are users. */
#define BLACK_HOLE "/bin/sh -c 'o=$(/usr/sbin/sendmail -bv -- \"$0\" 2>&1); " \
	"case $? in 0|67) ;; *) exit 1;; esac; m=\"deliverable: mailer \"; " \
	"echo \"$o\" | grep \"$m\" | grep -qv \", user /dev/null\\$\" && " \
	"exit 1; echo \"$o\" | grep -q \"$m\"'"

struct old {
	char letter;		/* 0: none */
	const char *name;
	enum { NONE, ONE, PERHAPS } argument;
	enum importing_section where;
	/* A setting that takes its place, and its value if it is not the
	 * option's (NULL); or what does; or why nothing does. */
	const char *setting, *value;
	void (*take)(struct importing *i, const char *text);
	const char *why;
};

static void
take_wait(struct importing *i, const char *text)
{
	importing_put(i, IMPORTING_MILTER, "max-scan-wait",
	    strcmp(text, "0") == 0 ? "3600" : text, NULL);
}

static void
take_dont_wait(struct importing *i, const char *text)
{
	(void)text;
	i->hurries = true;
	importing_put(i, IMPORTING_MILTER, "max-scan-wait", "0", NULL);
}

static void
take_pass_on_error(struct importing *i, const char *text)
{
	(void)text;
	importing_on_error(i, "pass");
}

static void
take_advisory(struct importing *i, const char *text)
{
	(void)text;
	i->action = "tag";
}

static void
take_discard(struct importing *i, const char *text)
{
	(void)text;
	i->action = "drop";
}

static void
take_redirect(struct importing *i, const char *text)
{
	g_free(i->redirect);
	i->redirect = g_strconcat("redirect:", text, NULL);
	i->action = i->redirect;
}

static void
take_keep(struct importing *i, const char *text)
{
	i->keeps = true;
	importing_put(i, IMPORTING_POOL, "quarantine", text, NULL);
}

static void
take_no_header(struct importing *i, const char *text)
{
	(void)text;
	i->marks = false;
}

static void
take_servers(struct importing *i, const char *text)
{
	char **hosts = g_strsplit(text, ":", -1);

	for (char **host = hosts; *host; host++)
		importing_clamd(i, *host);
	g_strfreev(hosts);
}

static void
take_external(struct importing *i, const char *text)
{
	(void)text;
	i->external = true;
}

static void
take_from(struct importing *i, const char *text)
{
	importing_put(i, IMPORTING_POOL, "notify-from", text ? text :
	    "sender", NULL);
}

/* It was for the port of clamd, of whatever said clamd.conf. */
static void
take_broadcast(struct importing *i, const char *text)
{
	importing_put(i, IMPORTING_POOL, "event-udp", "255.255.255.255:3310",
	    "the text is another one: mailscan-serve(8)");
	if (text)
		importing_put(i, IMPORTING_POOL, "event-udp-interface", text,
		    NULL);
}

static void
take_fp(struct importing *i, const char *text)
{
	importing_put(i, IMPORTING_POOL, "phish-fp-report-to", text,
	    "no message is let through because of SPF");
}

static void
take_ban(struct importing *i, const char *text)
{
	g_free(i->ban_s);
	i->ban_s = g_strdup(text);
}

static void
take_allow_list(struct importing *i, const char *text)
{
	char *name = g_strconcat("classic:", text, NULL);

	importing_put(i, IMPORTING_POOL, "allow-list", name, NULL);
	g_free(name);
}

/* It asked sendmail where mail for each recipient goes. */
static void
take_black_hole(struct importing *i, const char *text)
{
	(void)text;
	importing_put(i, IMPORTING_POOL, "blackhole-command", BLACK_HOLE,
	    "not with Postfix, whose sendmail answers by mail");
}

static void
take_exempt(struct importing *i, const char *text)
{
	char **list = g_strsplit(text, ",", -1);

	importing_list(i, IMPORTING_POOL, "block-client-exempt",
	    (const char *const *)list, NULL);
	g_strfreev(list);
}

static void
take_local(struct importing *i, const char *text)
{
	(void)text;
	i->scans_local = true;
}

static void
take_outgoing(struct importing *i, const char *text)
{
	(void)text;
	i->scans_outgoing = true;
}

static void
take_force(struct importing *i, const char *text)
{
	i->scans_local = i->scans_outgoing = i->forces = true;
	(void)text;
	importing_put(i, IMPORTING_POOL, "force-scan", "yes", NULL);
}

static void
take_quiet(struct importing *i, const char *text)
{
	(void)text;
	i->notify = "none";
}

static void
take_postmaster_only(struct importing *i, const char *text)
{
	(void)text;
	if (strcmp(i->notify, "none") != 0)
		i->notify = "postmaster";
}

static void
take_bounce(struct importing *i, const char *text)
{
	(void)text;
	if (strcmp(i->notify, "none") != 0)
		i->notify = "postmaster,sender";
}

static void
take_signature(struct importing *i, const char *text)
{
	i->has_signature = true;
	importing_put(i, IMPORTING_POOL, "sign-file", text, NULL);
}

static void
take_sign(struct importing *i, const char *text)
{
	(void)text;
	i->signs = true;
}

static void
take_any_address(struct importing *i, const char *text)
{
	(void)text;
	i->any_address = true;
}

#define M IMPORTING_MILTER
#define P IMPORTING_POOL
#define TO(where, setting) where, setting, NULL, NULL, NULL
#define AS(where, setting, value) where, setting, value, NULL, NULL
#define BY(take) M, NULL, NULL, take, NULL
#define NO(why) M, NULL, NULL, NULL, why

static const struct old olds[] = {
	{ 'a', "from", PERHAPS, BY(take_from) },
	{ 'A', "advisory", NONE, BY(take_advisory) },
	{ 'b', "bounce", NONE, BY(take_bounce) },
	{ 'B', "broadcast", PERHAPS, BY(take_broadcast) },
	{ 'c', "config-file", ONE, NO("that of clamd: what is in it is said "
	    "to mailscan pool") },
	{ 'C', "chroot", ONE, BY(importing_chroot) },
	{ 'd', "dont-scan-on-error", NONE, BY(take_pass_on_error) },
	{ 'D', "debug", NONE, AS(M, "debug", "4") },
	{ 'e', "external", NONE, BY(take_external) },
	{ 'f', "force-scan", NONE, BY(take_force) },
	{ 'F', "signature-file", ONE, BY(take_signature) },
	{ 'H', "headers", NONE, AS(P, "notify-headers", "yes") },
	{ 'i', "pidfile", ONE, TO(M, "pidfile") },
	{ 'I', "ignore", ONE, BY(importing_net) },
	{ 'k', "blacklist-time", ONE, BY(take_ban) },
	{ 'K', "dont-blacklist", ONE, BY(take_exempt) },
	{ 'l', "local", NONE, BY(take_local) },
	{ 'L', "detect-forged-local-address", NONE,
	  AS(P, "reject-forged-local", "name") },
	{ 'm', "max-children", ONE, TO(M, "max-scans") },
	{ 'M', "freshclam-monitor", ONE, TO(P, "db-check-interval") },
	{ 'n', "noxheader", NONE, BY(take_no_header) },
	{ 'N', "noreject", NONE, BY(take_discard) },
	{ 'o', "outgoing", NONE, BY(take_outgoing) },
	{ 'p', "postmaster", ONE, TO(P, "postmaster") },
	{ 'P', "postmaster-only", NONE, BY(take_postmaster_only) },
	{ 'q', "quiet", NONE, BY(take_quiet) },
	{ 'Q', "quarantine", ONE, BY(take_redirect) },
	{ 'r', "report-phish", ONE, TO(P, "phish-report-to") },
	{ 'R', "report-phish-false-positives", ONE, BY(take_fp) },
	{ 's', "server", ONE, BY(take_servers) },
	{ 'S', "sign", NONE, BY(take_sign) },
	{ 't', "template-file", ONE, TO(P, "notify-template") },
	{ 'T', "timeout", ONE, BY(take_wait) },
	{ 'U', "quarantine-dir", ONE, BY(take_keep) },
	{ 'W', "whitelist-file", ONE, BY(take_allow_list) },
	{ 'x', "debug-level", ONE, AS(M, "debug", "4") },
	{ 0, "dont-wait", NONE, BY(take_dont_wait) },
	{ 0, "dont-sanitise", NONE, BY(take_any_address) },
	{ 0, "template-headers", ONE, TO(P, "notify-template-headers") },
	{ 0, "sendmail-cf", PERHAPS, NO("config check --mta-config") },
	{ 0, "no-check-cf", NONE, NO("config check --mta-config") },
	{ 0, "black-hole-mode", NONE, BY(take_black_hole) },
};

static void
take(struct importing *i, const struct old *old, const char *text)
{
	g_free(i->origin);
	i->origin = old->letter ? g_strdup_printf("-%c%s%s", old->letter,
	    text ? " " : "", text ? text : "") : g_strdup_printf("--%s%s%s",
	    old->name, text ? "=" : "", text ? text : "");
	if (old->take)
		old->take(i, text);
	else if (old->setting)
		importing_put(i, old->where, old->setting, old->value ?
		    old->value : text, NULL);
	else
		importing_remark(i, old->why);
}

static const struct old *
find(char letter, const char *name, size_t size)
{
	for (size_t k = 0; k < G_N_ELEMENTS(olds); k++)
		if (!name ? olds[k].letter == letter :
		    strlen(olds[k].name) == size &&
		    strncmp(olds[k].name, name, size) == 0)
			return &olds[k];
	return NULL;
}

/* WORD begins with two hyphens. The next word that is not used up. */
static char **
take_long(struct importing *i, char **word)
{
	const char *name = *word + 2;
	const size_t size = strcspn(name, "=");
	const struct old *old = find(0, name, size);
	const char *text = name[size] == '=' ? name + size + 1 : NULL;

	if (!old) {
		importing_fail(i, "%s: it has no such option", *word);
	} else if (old->argument == ONE && !text) {
		if (!word[1])
			importing_fail(i, "%s: what?", *word);
		else
			take(i, old, *++word);
	} else {
		take(i, old, old->argument == NONE ? NULL : text);
	}
	return word + 1;
}

/* WORD is one hyphen and letters. */
static char **
take_letters(struct importing *i, char **word)
{
	for (const char *p = *word + 1; *p != '\0' && !i->wrong; p++) {
		const struct old *old = find(*p, NULL, 0);
		const char *text = p[1] != '\0' ? p + 1 : NULL;

		if (!old) {
			importing_fail(i, "-%c: it has no such option", *p);
		} else if (old->argument == NONE) {
			take(i, old, NULL);
			continue;
		} else if (old->argument == ONE && !text && !word[1]) {
			importing_fail(i, "-%c: what?", *p);
		} else {
			take(i, old, old->argument == ONE && !text ? *++word :
			    text);
		}
		break;
	}
	return word + 1;
}

static void
set_origin(struct importing *i, const char *option, const char *text)
{
	g_free(i->origin);
	i->origin = option ? g_strconcat(option, text, NULL) : NULL;
}

/* What depends on other options, too. */
static void
put_combined(struct importing *i)
{
	set_origin(i, "-S", NULL);
	if (i->signs && i->has_signature)
		importing_remark(i, "said by sign-file");
	else if (i->signs)
		importing_put(i, IMPORTING_POOL, "sign-text", SIGNATURE,
		    NULL);
	set_origin(i, "-k ", i->ban_s);
	if (i->ban_s && i->forces)
		importing_remark(i, "with -f it banned nobody");
	else if (i->ban_s)
		importing_put(i, IMPORTING_POOL, "block-client-time",
		    i->ban_s, "never MX peers: name them in "
		    "block-client-exempt");
	set_origin(i, NULL, NULL);
	if (!strstr(i->out[IMPORTING_POOL]->str, "\tdb-check-interval"))
		importing_put(i, IMPORTING_POOL, "db-check-interval", "300",
		    "what its page said without -M");
	if (!i->hurries)
		importing_put(i, IMPORTING_MILTER, "after-wait", "scan",
		    "there was no --dont-wait");
	if (i->marks)
		importing_put(i, IMPORTING_POOL, "status-words", "classic",
		    NULL);
	if (strcmp(i->action, "tag") == 0 || i->redirect)
		importing_put(i, IMPORTING_POOL, "subject-tag", "[Virus] %v",
		    NULL);
	if (strcmp(i->action, "reject") == 0)
		importing_put(i, IMPORTING_POOL, "drop-message-id",
		    "<MDAEMON*", "it would bounce them, again and again");
}

/* What it did unless it was told otherwise. */
static void
put_habits(struct importing *i)
{
	static const char *const lan[] = { "192.168.0.0/16", "10.0.0.0/8",
		"172.16.0.0/12", "169.254.0.0/16" };

	put_combined(i);
	i->why_not_local = "there was no -l";
	for (size_t k = 0; k < G_N_ELEMENTS(lan); k++)
		g_ptr_array_insert(i->nets, (int)k, g_strdup(lan[k]));
	if (!i->scans_outgoing)
		importing_put(i, IMPORTING_POOL, "scan-outgoing", "no",
		    "there was no -o");
	if (!i->any_address)
		importing_put(i, IMPORTING_POOL, "block-address-chars", "|;",
		    "there was no --dont-sanitise");
	importing_put(i, IMPORTING_POOL, "notify", i->notify, NULL);
	importing_put(i, IMPORTING_POOL, "reject-reply", "554 5.7.1 virus %v "
	    "detected by ClamAV - http://www.clamav.net", NULL);
}

void
importing_options(struct importing *i, char **words)
{
	char *line = g_strjoinv(" ", words);
	char **split = NULL, **word;
	GError *error = NULL;

	i->action = "reject";
	i->marks = true;
	i->notify = "postmaster,recipients";
	if (!g_shell_parse_argv(line, NULL, &split, &error)) {
		importing_fail(i, "%s", error->message);
		g_error_free(error);
	}
	for (word = split; word && *word && !i->wrong;) {
		if (g_str_has_prefix(*word, "--")) {
			word = take_long(i, word);
		} else if (**word == '-') {
			word = take_letters(i, word);
		} else {
			g_free(i->origin);
			i->origin = g_strdup(*word);
			importing_listen(i, *word++);
		}
	}
	if (!i->wrong)
		put_habits(i);
	g_strfreev(split);
	g_free(line);
}
