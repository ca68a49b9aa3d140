#include "scanner_options.h"

#include "scan_rows.h"

#include <stdlib.h>
#include <string.h>

/* What simscan took for spam where nobody said how much is. */
#define HITS 10.0

/* No largest size was said. */
#define SIZE_UNSAID (UINT64_MAX - 1)

const struct opt scanner_options_rows[] = {
	{ "scanners", 0, OPT_LIST, false, "Other scanners", "WORDS",
	  "a scanner besides the engine: a name and settings, as \"spam "
	  "type=spamc address=127.0.0.1:783\"", TO(scanners) },
	{ 0 },
};

const char *const scanner_options_keys[] = { "type", "address", "command",
	"exit-map", "output-pattern", "finds", "reject-score", "passthru",
	"user", "max-size", "scan-auth", "timeout", NULL };

/* One scanner that is being read. */
struct reading {
	const struct command *cmd;
	struct scanner_plan *plan;
	struct ms_check *check;
	struct ms_policy_scanner *scanner;
	const char *name;
	bool typed;
};

static bool
complain(const struct reading *r, const char *key, const char *value,
    const char *want)
{
	(void)option_error(r->cmd, "scanner %s: %s=%s: want %s", r->name, key,
	    value, want);
	return false;
}

/* TEXT, which the plan frees. */
static char *
own(struct scanner_plan *plan, char *text)
{
	g_ptr_array_add(plan->owned, text);
	return text;
}

static bool
set_type(struct reading *r, const char *value)
{
	static const struct {
		const char *name;
		enum ms_check_type type;
		enum ms_policy_kind kind;
	} types[] = {
		{ "spamc", MS_CHECK_SPAMC, MS_POLICY_SPAM },
		{ "command", MS_CHECK_COMMAND, MS_POLICY_COMMAND },
		{ "sophie", MS_CHECK_SOPHIE, MS_POLICY_SOPHIE },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(types); i++)
		if (strcmp(types[i].name, value) == 0) {
			r->check->type = types[i].type;
			r->scanner->kind = types[i].kind;
			r->typed = true;
			return true;
		}
	return complain(r, "type", value, "spamc, command or sophie");
}

static bool
set_address(struct reading *r, const char *value)
{
	struct ms_error err;

	r->check->address = own(r->plan, *value == '/' ?
	    g_strconcat("unix:", value, NULL) : g_strdup(value));
	return ms_dial_check(r->check->address, &err) == MS_OK ||
	    complain(r, "address", value, "unix:PATH or HOST:PORT");
}

static bool
set_command(struct reading *r, const char *value)
{
	char **words = NULL;

	if (!g_shell_parse_argv(value, NULL, &words, NULL) ||
	    !g_path_is_absolute(words[0])) {
		g_strfreev(words);
		return complain(r, "command", value,
		    "the whole path of a program, and its arguments");
	}
	r->check->argv = (const char *const *)words;
	for (char **word = words; *word; word++)
		(void)own(r->plan, *word);
	(void)own(r->plan, (char *)(void *)words);
	return true;
}

/* "0=clean,1=infected,99=spam" */
static bool
set_exits(struct reading *r, const char *value)
{
	static const char *const names[] = {
		[MS_CHECK_FAILED] = "error",
		[MS_CHECK_CLEAN] = "clean",
		[MS_CHECK_INFECTED] = "infected",
		[MS_CHECK_BLOCKED] = "blocked",
		[MS_CHECK_SPAM] = "spam",
		[MS_CHECK_OUTPUT] = "output",
	};
	char **pairs = g_strsplit_set(value, ", ", -1);
	bool good = true;

	(void)memset(r->check->exits, MS_CHECK_FAILED,
	    sizeof r->check->exits);
	for (char **pair = pairs; *pair && good; pair++) {
		char *end;
		unsigned long code = strtoul(*pair, &end, 10);
		unsigned char i = 0;

		if (**pair == '\0')
			continue;
		good = g_ascii_isdigit(**pair) && *end == '=' && code < 256;
		while (good && i < G_N_ELEMENTS(names) &&
		    strcmp(names[i], end + 1) != 0)
			i++;
		good = good && i < G_N_ELEMENTS(names);
		if (good)
			r->check->exits[code] = i;
	}
	g_strfreev(pairs);
	return good || complain(r, "exit-map", value, "exit statuses and what "
	    "they say, as 0=clean,1=infected: there are clean, infected, "
	    "blocked, spam, output and error");
}

static bool
set_pattern(struct reading *r, const char *value)
{
	GRegex *regex = g_regex_new(value, G_REGEX_RAW | G_REGEX_MULTILINE |
	    G_REGEX_NEWLINE_ANYCRLF, 0, NULL);

	if (!regex)
		return complain(r, "output-pattern", value,
		    "a Perl expression");
	g_regex_unref(regex);
	r->check->pattern = own(r->plan, g_strdup(value));
	return true;
}

static bool
set_finds(struct reading *r, const char *value)
{
	static const struct {
		const char *name;
		enum ms_finding_kind kind;
	} kinds[] = {
		{ "infected", MS_FINDING_MALWARE },
		{ "blocked", MS_FINDING_BLOCKED },
		{ "spam", MS_FINDING_SPAM },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
		if (strcmp(kinds[i].name, value) == 0) {
			r->check->finds = kinds[i].kind;
			return true;
		}
	return complain(r, "finds", value, "infected, blocked or spam");
}

static bool
set_score(struct reading *r, const char *value)
{
	char *end;
	double score = g_ascii_strtod(value, &end);

	if (*value == '\0' || strcmp(value, "yes") == 0)
		score = HITS;
	else if (strcmp(value, "no") == 0)
		score = -1;
	else if (end == value || *end != '\0' || !(score >= 0 &&
	    score <= 1e6))
		return complain(r, "reject-score", value,
		    "a number of hits, yes (10) or no");
	r->check->score = r->scanner->hits = score;
	return true;
}

static bool
set_pass(struct reading *r, const char *value)
{
	static const char *const names[] = {
		[MS_CHECK_KEEP] = "no",
		[MS_CHECK_HEADERS] = "headers",
		[MS_CHECK_MESSAGE] = "yes",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (strcmp(names[i], value) == 0) {
			r->check->pass = (enum ms_check_pass)i;
			r->scanner->passthru = i != MS_CHECK_KEEP;
			return true;
		}
	return complain(r, "passthru", value, "yes, headers or no");
}

static bool
set_user(struct reading *r, const char *value)
{
	r->scanner->user = own(r->plan, g_strdup(value));
	/* Whose it is only a policy knows, which sees the envelope. */
	r->check->user = strcmp(value, "rcpt") == 0 ? NULL : r->scanner->user;
	return strcmp(value, "rcpt") == 0 || ms_spamc_is_user(value) ||
	    complain(r, "user", value, "a name, or rcpt");
}

static bool
set_size(struct reading *r, const char *value)
{
	char *end;
	guint64 size = g_ascii_strtoull(value, &end, 10);
	static const char units[] = "KMG";
	const char *unit = strchr(units, g_ascii_toupper(*end));

	if (!g_ascii_isdigit(*value) || size > 1 << 20 ||
	    (*end != '\0' && (!unit || end[1] != '\0')))
		return complain(r, "max-size", value, "a size, as 250K");
	if (*end != '\0')
		size <<= 10 * (unsigned)(unit - units + 1);
	r->check->size_max = size;
	return true;
}

static bool
set_auth(struct reading *r, const char *value)
{
	r->scanner->skip_auth = strcmp(value, "no") == 0;
	return r->scanner->skip_auth || strcmp(value, "yes") == 0 ||
	    complain(r, "scan-auth", value, "yes or no");
}

static bool
set_timeout(struct reading *r, const char *value)
{
	char *end;
	guint64 seconds = g_ascii_strtoull(value, &end, 10);

	if (!g_ascii_isdigit(*value) || *end != '\0' || seconds < 1 ||
	    seconds > 3600)
		return complain(r, "timeout", value, "1 to 3600 seconds");
	r->check->timeout_ms = (int64_t)seconds * 1000;
	return true;
}

/* In the order of scanner_options_keys. */
static bool (*const setters[])(struct reading *r, const char *value) = {
	set_type, set_address, set_command, set_exits, set_pattern, set_finds,
	set_score, set_pass, set_user, set_size, set_auth, set_timeout,
};

static bool
set(struct reading *r, const char *word)
{
	const char *equals = strchr(word, '=');
	size_t i = 0;
	char *key;

	if (!equals) {
		(void)option_error(r->cmd, "scanner %s: %s: want KEY=VALUE",
		    r->name, word);
		return false;
	}
	key = g_strndup(word, (gsize)(equals - word));
	while (scanner_options_keys[i] &&
	    strcmp(scanner_options_keys[i], key) != 0)
		i++;
	if (!scanner_options_keys[i])
		(void)option_error(r->cmd, "scanner %s: there is no setting "
		    "%s", r->name, key);
	g_free(key);
	return scanner_options_keys[i] && setters[i](r, equals + 1);
}

/* Has it all that it needs? */
static bool
check(const struct reading *r)
{
	const char *missing = NULL;

	if (!r->typed)
		missing = "a type";
	else if (r->check->type == MS_CHECK_COMMAND && !r->check->argv)
		missing = "a command";
	else if (r->check->type == MS_CHECK_SOPHIE && !r->check->address)
		missing = "an address";
	if (missing)
		(void)option_error(r->cmd, "scanner %s: there is not %s",
		    r->name, missing);
	return !missing;
}

/* Read one of them, WORDS, into those at INDEX. */
static bool
read_one(const struct command *cmd, char *const *words,
    struct scanner_plan *plan, size_t index)
{
	struct reading r = { .cmd = cmd, .plan = plan,
		.check = &plan->checks[index],
		.scanner = &plan->scanners[index], .name = words[0] };

	for (size_t i = 0; i < index; i++)
		if (strcmp(plan->checks[i].name, words[0]) == 0) {
			(void)option_error(cmd, "scanner %s is there twice",
			    words[0]);
			return false;
		}
	if (words[0][strspn(words[0], G_CSET_A_2_Z G_CSET_a_2_z
	    G_CSET_DIGITS "-_.")] != '\0' || *words[0] == '\0') {
		(void)option_error(cmd, "scanner \"%s\": that is no name",
		    words[0]);
		return false;
	}
	*r.check = (struct ms_check){ .score = -1, .timeout_ms = 60000,
		.size_max = SIZE_UNSAID, .finds = MS_FINDING_MALWARE };
	*r.scanner = (struct ms_policy_scanner){ .hits = -1 };
	r.check->name = r.scanner->name = own(plan, g_strdup(words[0]));
	r.check->exits[0] = MS_CHECK_CLEAN;
	r.check->exits[1] = MS_CHECK_INFECTED;
	for (words++; *words; words++)
		if (!set(&r, *words))
			return false;
	if (!check(&r))
		return false;
	/* Spam is small; what else is looked for may be anywhere. */
	if (r.check->size_max == SIZE_UNSAID)
		r.check->size_max = ms_check_is_for_spam(r.check) ?
		    250 << 10 : UINT64_MAX;
	/* For those who have spam=yes. */
	if (r.check->type == MS_CHECK_COMMAND &&
	    (r.check->finds == MS_FINDING_SPAM || memchr(r.check->exits,
	    MS_CHECK_SPAM, sizeof r.check->exits)))
		r.scanner->kind = MS_POLICY_SPAM;
	if (!r.check->address)
		r.check->address = "127.0.0.1:783";
	return true;
}

bool
scanner_options_plan(const struct command *cmd, const char *const *words,
    struct scanner_plan *plan)
{
	const size_t count = words ? g_strv_length((char **)(uintptr_t)words) :
	    0;
	bool good = true;

	*plan = (struct scanner_plan){ .checks = g_new0(struct ms_check,
		count + 1), .scanners = g_new0(struct ms_policy_scanner,
		count + 1), .owned = g_ptr_array_new_with_free_func(g_free) };
	for (size_t i = 0; i < count && good; i++) {
		GError *error = NULL;
		char **list = NULL;

		good = g_shell_parse_argv(words[i], NULL, &list, &error);
		if (!good)
			(void)option_error(cmd, "--scanners: %s",
			    error->message);
		g_clear_error(&error);
		good = good && read_one(cmd, list, plan, i);
		g_strfreev(list);
		plan->count = i + 1;
	}
	return good;
}

void
scanner_options_clear(struct scanner_plan *plan)
{
	if (plan->owned)
		g_ptr_array_unref(plan->owned);
	g_free(plan->checks);
	g_free(plan->scanners);
	*plan = (struct scanner_plan){ .count = 0 };
}

char *
scanner_options_word(const struct ms_conf *conf, const char *title)
{
	char *name = g_shell_quote(title);
	GString *out = g_string_new(name);

	g_free(name);
	for (const char *const *key = scanner_options_keys; *key; key++) {
		const struct ms_conf_setting *setting = ms_conf_find(conf,
		    SCANNER_SECTION, title, *key);
		char *joined, *quoted;

		if (!setting)
			continue;
		joined = g_strjoinv(",", (char **)(uintptr_t)setting->values);
		name = g_strconcat(*key, "=", joined, NULL);
		quoted = g_shell_quote(name);
		g_string_append_printf(out, " %s", quoted);
		g_free(quoted);
		g_free(name);
		g_free(joined);
	}
	return g_string_free(out, FALSE);
}
