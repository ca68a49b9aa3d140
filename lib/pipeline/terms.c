#include "pipeline/terms.h"

#include "engine/database.h"

#include <glib.h>
#include <string.h>

static bool
is_blind(const struct ms_pipeline_config *config)
{
	return config->ops && config->ops->blind;
}

static bool
is_remote(const struct ms_pipeline_config *config)
{
	return config->ops && config->ops->remote;
}

static void
add(GString *text, const char *name, uint64_t value)
{
	g_string_append_printf(text, "%s=%" G_GUINT64_FORMAT "\n", name, value);
}

static void
add_engine(GString *text, const struct ms_engine_config *engine)
{
	add(text, "official_only", engine->official_only);
	add(text, "detect_pua", engine->detect_pua);
	add(text, "alerts", engine->alerts);
	add(text, "max_filesize", engine->max_filesize);
	add(text, "max_scansize", engine->max_scansize);
	add(text, "max_files", engine->max_files);
	add(text, "max_recursion", engine->max_recursion);
	add(text, "max_scantime_ms", engine->max_scantime_ms);
}

static void
add_limits(GString *text, const struct ms_budget_limits *limits)
{
	add(text, "part_bytes", limits->part_bytes);
	add(text, "total_bytes", limits->total_bytes);
	add(text, "ratio", limits->ratio);
	add(text, "parts", limits->parts);
	add(text, "mime_depth", limits->mime_depth);
	add(text, "archive_depth", limits->archive_depth);
	add(text, "time_ms", (uint64_t)limits->time_ms);
}

static void
add_source(GString *text, const struct ms_source_config *source)
{
	add(text, "format", source->format);
	add(text, "variant", source->variant);
	add(text, "message_max", source->message_max);
	add(text, "archives", source->start_reader != NULL);
}

/* None leave no trace: what was judged without them stands. */
static void
add_rules(GString *text, const struct ms_rulebook *rules)
{
	struct ms_digest digest;
	char hex[MS_HASH_HEX];

	if (!rules)
		return;
	digest = ms_rulebook_digest(rules);
	ms_hash_hex(&digest, hex);
	g_string_append_printf(text, "rules=%s\n", hex);
}

struct ms_digest
ms_terms_options(const struct ms_pipeline_config *config,
    const struct ms_source_config *source)
{
	GString *text = g_string_new(is_blind(config) ? "blind\n" :
	    is_remote(config) ? "remote\n" : "");
	const char *const *password = config->passwords;
	struct ms_digest digest;

	add_engine(text, &config->engine);
	add_limits(text, &config->limits);
	add_source(text, source);
	add(text, "parts_only", config->parts_only);
	add(text, "all_matches", config->all_matches);
	add(text, "doubt", config->doubt);
	add(text, "join", config->join);
	add(text, "passwords_from_body", config->passwords_from_body);
	add(text, "worker_memory", config->worker_memory);
	add_rules(text, config->rules);
	for (; password && *password; password++)
		g_string_append_printf(text, "password %zu %s\n",
		    strlen(*password), *password);
	digest = ms_hash_of(text->str, text->len);
	g_string_free(text, TRUE);
	return digest;
}

enum ms_status
ms_terms_files(const struct ms_pipeline_config *config,
    struct ms_digest *digest, struct ms_error *err)
{
	const char *path = config->engine.database;
	struct ms_database *database;
	enum ms_status status;

	*digest = (struct ms_digest){ { 0 } };
	if (is_blind(config) || is_remote(config))
		return MS_OK;
	status = ms_database_open(path ? path : ms_database_default(),
	    &database, err);
	if (status != MS_OK)
		return status;
	status = ms_database_digest(database, digest, err);
	ms_database_free(database);
	return status;
}

struct ms_digest
ms_terms_database(const struct ms_digest *before,
    const struct ms_digest *after, const char *version)
{
	struct ms_hash *hash = ms_hash_new();
	const char *text = version ? version : "";
	struct ms_digest digest;

	ms_hash_feed(hash, MS_VERSION, sizeof MS_VERSION);
	ms_hash_feed(hash, text, strlen(text) + 1);
	ms_hash_feed(hash, before->bytes, sizeof before->bytes);
	if (!ms_hash_equal(before, after))
		ms_hash_feed(hash, after->bytes, sizeof after->bytes);
	digest = ms_hash_end(hash);
	ms_hash_free(hash);
	return digest;
}
