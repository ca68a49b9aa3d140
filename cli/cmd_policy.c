#include "command.h"
#include "config.h"
#include "exit.h"
#include "policy_import.h"
#include "serve_options.h"

#include <stdio.h>
#include <string.h>

struct policy_words {
	const char *file, *profile;
	int command;
	const char *from, *client, *client_name, *helo, *authenticated;
	const char *const *to;
};

enum { COMMAND_UNSAID, COMMAND_POOL, COMMAND_SERVE };

#define TO(field) offsetof(struct policy_words, field), 0, 0, NULL
#define ONE_OF(field, choices) \
	offsetof(struct policy_words, field), 0, 0, choices

static const struct opt_choice services[] = {
	{ "pool", COMMAND_POOL },
	{ "serve", COMMAND_SERVE },
	{ 0 },
};

static const struct opt_choice nameless[] = {
	{ "yes", 0 },
	{ 0 },
};

static const struct opt rows[] = {
	{ "config", 'c', OPT_STRING, true, "Configuration", "FILE",
	  "instead of " CONFIG_DEFAULT, TO(file) },
	{ "profile", 0, OPT_STRING, true, NULL, "NAME",
	  "with what holds in this profile", TO(profile) },
	{ "command", 0, OPT_CHOICE, true, NULL, "NAME",
	  "whose section there counts: serve or pool (default: the one that "
	  "there is)", ONE_OF(command, services) },
	{ "from", 0, OPT_STRING, true, "Message", "ADDRESS",
	  "its sender; \"\" is the null sender", TO(from) },
	{ "to", 0, OPT_LIST, true, NULL, "ADDRESS", "a recipient", TO(to) },
	{ "client", 0, OPT_STRING, true, NULL, "ADDRESS",
	  "who sends it, as 192.0.2.1 (default: this machine)", TO(client) },
	{ "client-name", 0, OPT_STRING, false, NULL, "NAME",
	  "what that is called", TO(client_name) },
	{ "helo", 0, OPT_STRING, false, NULL, "NAME",
	  "what it calls itself", TO(helo) },
	{ "authenticated", 0, OPT_STRING, false, NULL, "NAME",
	  "it has proven who it is (default: yes, the name is not known)",
	  offsetof(struct policy_words, authenticated), 0, 0, nameless },
	{ 0 },
};
static const struct opt *const tables[] = { rows, NULL };

static void
print(const char *text)
{
	char *quoted = ms_quote_string(text);

	(void)printf("%s\n", quoted);
	g_free(quoted);
}

/* Print a line of several words, for g_free(). */
static void
print_free(char *text)
{
	print(text);
	g_free(text);
}

/* Say whom the policy refuses; was there anybody? */
static bool
print_refused(const struct ms_policy *policy,
    const struct ms_policy_query *query)
{
	char *reply = ms_policy_client(policy, query);
	bool any = reply != NULL;

	if (reply)
		print_free(g_strdup_printf("the client is refused: %s",
		    reply));
	g_free(reply);
	reply = ms_policy_sender(policy, query);
	if (reply)
		print_free(g_strdup_printf("the sender is refused: %s",
		    reply));
	any |= reply != NULL;
	g_free(reply);
	for (size_t i = 0; i < query->recipient_count; i++) {
		reply = ms_policy_recipient(policy, query->recipients[i]);
		if (reply)
			print_free(g_strdup_printf("recipient %s is refused: "
			    "%s", query->recipients[i], reply));
		any |= reply != NULL;
		g_free(reply);
	}
	return any;
}

static void
print_group(const struct ms_policy_query *query,
    const struct ms_plan_group *group)
{
	GString *text = g_string_new("so for");

	for (guint i = 0; i < group->recipients->len; i++)
		g_string_append_printf(text, "%s %s", i ? "," : "",
		    query->recipients[g_array_index(group->recipients, guint,
		    i)]);
	if (group->recipients->len == 0)
		g_string_append(text, " everybody");
	print_free(g_string_free(text, FALSE));
	text = g_string_new("  ");
	ms_settings_print(&group->settings, text);
	print_free(g_string_free(text, FALSE));
	if (group->skip)
		print_free(g_strdup_printf("  not scanned: %s", group->skip));
}

static void
print_checks(const struct ms_plan *plan)
{
	GString *text = g_string_new("scanned by:");

	if (plan->engine)
		g_string_append(text, " engine");
	for (guint i = 0; i < plan->checks->len; i++) {
		const struct ms_plan_check *check = plan->checks->pdata[i];

		g_string_append_printf(text, " %s", check->name);
		if (check->user)
			g_string_append_printf(text, " (as %s)", check->user);
	}
	if (!plan->engine && plan->checks->len == 0)
		g_string_append(text, " nothing but rules");
	print_free(g_string_free(text, FALSE));
}

static void
print_plan(const struct ms_policy *policy,
    const struct ms_policy_query *query)
{
	struct ms_plan plan;

	ms_plan(policy, query, true, &plan);
	for (guint i = 0; i < plan.path->len; i++)
		print(plan.path->pdata[i]);
	for (guint i = 0; !plan.skip && !plan.blackhole &&
	    i < plan.groups->len; i++)
		print_group(query, plan.groups->pdata[i]);
	if (!plan.skip && !plan.blackhole)
		print_checks(&plan);
	ms_plan_clear(&plan);
}

/* ADDRESS without the < and > that SMTP has around it, for g_free(); or NULL.
 */
static char *
bare(const char *address)
{
	const size_t size = address ? strlen(address) : 0;

	return size > 1 && *address == '<' && address[size - 1] == '>' ?
	    g_strndup(address + 1, size - 2) : g_strdup(address);
}

/* The same of all of LIST, which may be NULL; for g_strfreev(). */
static char **
bare_all(const char *const *list)
{
	GPtrArray *all = g_ptr_array_new();

	for (; list && *list; list++)
		g_ptr_array_add(all, bare(*list));
	g_ptr_array_add(all, NULL);
	return (char **)(void *)g_ptr_array_free(all, FALSE);
}

static int
look(const struct policy_words *words, const struct serve_options *options)
{
	char *sender = bare(words->from), **to = bare_all(words->to);
	const struct ms_policy_query query = {
		.door = "test",
		.client = words->client,
		.client_name = words->client_name,
		.helo = words->helo,
		.authenticated = words->authenticated &&
		    strcmp(words->authenticated, "no") != 0,
		.login = g_strcmp0(words->authenticated, "yes") == 0 ? NULL :
		    words->authenticated,
		.sender = sender,
		.recipients = (const char *const *)to,
		.recipient_count = g_strv_length(to),
		.can_split = true,
	};
	struct serve_plan plan = { .before = NULL };
	int status = EXIT_TROUBLE;

	if (serve_options_policy(&cmd_policy, options, &plan)) {
		if (!print_refused(plan.policy, &query))
			print_plan(plan.policy, &query);
		status = EXIT_CLEAN;
	}
	g_strfreev(to);
	g_free(sender);
	serve_options_clear(&plan);
	return status;
}

/* Which of the two services it is about; NULL: it has been said that it is not
 * clear. */
static const struct command *
choose(const struct policy_words *words, const struct ms_conf *conf)
{
	const bool pool = config_has_section(conf, &cmd_pool);

	if (words->command != COMMAND_UNSAID)
		return words->command == COMMAND_POOL ? &cmd_pool : &cmd_serve;
	if (!pool || !config_has_section(conf, &cmd_serve))
		return pool ? &cmd_pool : &cmd_serve;
	(void)option_error(&cmd_policy, "the configuration has the sections "
	    "pool and serve: say --command=pool or --command=serve");
	return NULL;
}

/* As a service would have it that has this configuration, or none. */
static int
settle(const struct policy_words *words, const struct ms_conf *conf)
{
	const struct command *cmd = choose(words, conf);
	struct serve_options *options = g_malloc0(sizeof *options);
	GPtrArray *all = cmd ? option_rows(cmd) : g_ptr_array_new();
	char **origins = g_new0(char *, all->len + 1);
	int status = EXIT_TROUBLE;

	if (cmd) {
		cmd->defaults(options);
		if (option_settle(cmd, conf, words->profile, true, options,
		    origins))
			status = look(words, options);
		option_free(cmd, options);
	}
	for (guint i = 0; i < all->len; i++)
		g_free(origins[i]);
	g_free(origins);
	g_ptr_array_unref(all);
	g_free(options);
	return status;
}

static bool
check_client(const struct policy_words *words)
{
	if (!words->client || g_hostname_is_ip_address(words->client))
		return true;
	(void)option_error(&cmd_policy, "--client: %s: want an address, as "
	    "192.0.2.1 or 2001:db8::1", words->client);
	return false;
}

static int
test(const struct policy_words *words)
{
	struct ms_conf *conf = NULL;
	struct ms_error err = { "" };
	int status = EXIT_TROUBLE;

	if (!check_client(words))
		return EXIT_TROUBLE;
	if (config_open(words->file, words->profile, &conf, &err) != MS_OK)
		(void)option_error(&cmd_policy, "%s", err.text);
	else
		status = settle(words, conf);
	ms_conf_free(conf);
	return status;
}

static int
work(const struct command *cmd, const void *options, int count,
    char **operands)
{
	const struct policy_words *words = options;

	if (count == 1 && strcmp(operands[0], "test") == 0)
		return test(words);
	if (count == 3 && strcmp(operands[0], "import") == 0)
		return policy_import(cmd, operands[1], operands[2]);
	if (count > 0 && strcmp(operands[0], "test") == 0)
		return option_error(cmd, "test: %s: there are no operands",
		    operands[1]);
	if (count > 0 && strcmp(operands[0], "import") == 0)
		return option_error(cmd, "import: want one of "
		    POLICY_IMPORT_KINDS ", and a file");
	return option_no_word(cmd, operands[0]);
}

static void
defaults(void *into)
{
	*(struct policy_words *)into = (struct policy_words){ .file = NULL };
}

int
cmd_policy_run(int argc, char **argv)
{
	return option_run(&cmd_policy, argc, argv, work);
}

const struct command cmd_policy = {
	.name = "policy",
	.synopsis = "[options] test | import KIND FILE",
	.summary = "Show what a policy means for a message, import old ones",
	.options = tables,
	.words = "test import",
	.size = sizeof(struct policy_words),
	.defaults = defaults,
};
