#include "engine/clamav.h"

#include "engine/database.h"
#include "engine/heuristic.h"
#include "engine/hugepages.h"
#include "engine/scanf.h"
#include "unpack/zipdir.h"

#include <clamav.h>
#include <glib.h>

#include <string.h>

/* Put into the program: see engine/scanf.h. */
static int (*const number_readers[])(const char *, const char *, ...)
    __attribute__((used)) = { ms_scanf_c99, ms_scanf_gnu };

/* libclamav has two ways to look for signatures of contents, which find the
 * same. Of few, in so many bytes of database, the one that it uses less finds
 * them at half the price; of tens of thousands, at a sixth more. */
#define FEW_BYTES (64 << 10)

struct clamav {
	struct cl_engine *engine;
	struct ms_database *database;
	unsigned alerts;
	unsigned signatures;
	uint64_t max_filesize;
};

/* One call into libclamav. */
struct scan {
	struct clamav *clamav;
	const struct ms_engine_sink *sink;
	void *arg;
	GHashTable *names;	/* told already */
};

/* What libclamav answers when it stopped before the end. */
static const struct {
	cl_error_t code;
	enum ms_engine_gap gap;
} gap_codes[] = {
	{ CL_EMAXREC, MS_ENGINE_GAP_DEPTH },
	{ CL_EMAXSIZE, MS_ENGINE_GAP_SIZE },
	{ CL_EMAXFILES, MS_ENGINE_GAP_COUNT },
	{ CL_ETIMEOUT, MS_ENGINE_GAP_TIME },
	{ CL_EMEM, MS_ENGINE_GAP_MEMORY },
};

/* Administrator's wish to libclamav's option. */
static const struct {
	unsigned alert;
	uint32_t heuristic;
} heuristics[] = {
	{ MS_ENGINE_ALERT_BROKEN, CL_SCAN_HEURISTIC_BROKEN },
	{ MS_ENGINE_ALERT_BROKEN_MEDIA, CL_SCAN_HEURISTIC_BROKEN_MEDIA },
	{ MS_ENGINE_ALERT_MACROS, CL_SCAN_HEURISTIC_MACROS },
	{ MS_ENGINE_ALERT_PHISHING_SSL,
	  CL_SCAN_HEURISTIC_PHISHING_SSL_MISMATCH },
	{ MS_ENGINE_ALERT_PHISHING_CLOAK, CL_SCAN_HEURISTIC_PHISHING_CLOAK },
	{ MS_ENGINE_ALERT_PARTITION, CL_SCAN_HEURISTIC_PARTITION_INTXN },
};

/*
 * libclamav's messages, for the text of a failed load. The one mutable
 * global of lib/: the callback has no argument, and a load happens once, in
 * a process with one thread.
 */
static struct ms_error last_message;

static void
keep_message(enum cl_msg severity, const char *full, const char *text,
    void *context)
{
	(void)full;
	(void)context;
	if (severity != CL_MSG_ERROR)
		return;
	/* The last one names the file, the first one the line. */
	if (*last_message.text == '\0')
		(void)ms_error_set(&last_message, MS_E_ENGINE, "%.*s",
		    (int)strcspn(text, "\n"), text);
	else
		ms_error_context(&last_message, "%.*s",
		    (int)strcspn(text, "\n"), text);
}

static void
on_found(int fd, const char *name, void *context)
{
	struct scan *scan = context;
	enum ms_engine_gap gap;
	unsigned alerts;

	(void)fd;
	if (!scan || !name || !g_hash_table_add(scan->names, g_strdup(name)))
		return;
	if (ms_heuristic_gap(name, &gap, &alerts)) {
		scan->sink->gap(scan->arg, gap, name);
		if (!(scan->clamav->alerts & alerts))
			return;
	}
	scan->sink->found(scan->arg, name);
}

/* What in a zip is larger than a file may be it drops without a word; a zip
 * behind something else it does not show. */
static void
check_zip(const struct scan *scan, const struct ms_engine_layer *layer)
{
	if (ms_zipdir_largest(layer->data, layer->size) >
	    scan->clamav->max_filesize)
		scan->sink->gap(scan->arg, MS_ENGINE_GAP_SIZE,
		    "a member of a zip is larger than max-filesize");
}

/* The signature is libclamav's. */
static cl_error_t
on_layer(int fd, const char *type, const char **ancestors,
    size_t parent_file_size, const char *name, size_t size,
    const char *data, uint32_t level, uint32_t attributes, void *context)
{
	const struct scan *scan = context;
	const struct ms_engine_layer layer = {
		.data = (const unsigned char *)data,
		.size = size,
		.type = type ? type : "",
		.name = name ? name : "",
		.level = level,
		.attributes = attributes,
	};

	(void)fd;
	(void)ancestors;
	(void)parent_file_size;
	if (!scan || !data)
		return CL_CLEAN;
	check_zip(scan, &layer);
	if (!scan->sink->layer)
		return CL_CLEAN;
	return scan->sink->layer(scan->arg, &layer) ? CL_BREAK : CL_CLEAN;
}

/* libclamav asks its lists of what is fine. */
static void
on_suspect(int fd, unsigned long long size, const unsigned char *md5,
    const char *name, void *context)
{
	const struct scan *scan = context;

	(void)fd;
	(void)size;
	(void)md5;
	if (scan && name && scan->sink->suspect)
		scan->sink->suspect(scan->arg);
}

static enum ms_status
set_limits(struct cl_engine *engine, const struct ms_engine_config *config,
    struct ms_error *err)
{
	const struct {
		enum cl_engine_field field;
		long long value;
		const char *name;
	} settings[] = {
		{ CL_ENGINE_MAX_FILESIZE, (long long)config->max_filesize,
		  "max-filesize" },
		{ CL_ENGINE_MAX_SCANSIZE, (long long)config->max_scansize,
		  "max-scansize" },
		{ CL_ENGINE_MAX_FILES, config->max_files, "max-files" },
		{ CL_ENGINE_MAX_RECURSION, config->max_recursion,
		  "max-recursion" },
		{ CL_ENGINE_MAX_SCANTIME, config->max_scantime_ms,
		  "max-scantime" },
		/* These stop it without a word, and lower. */
		{ CL_ENGINE_MAX_HTMLNORMALIZE,
		  (long long)config->max_filesize, "max-htmlnormalize" },
		{ CL_ENGINE_MAX_HTMLNOTAGS, (long long)config->max_filesize,
		  "max-htmlnotags" },
		{ CL_ENGINE_MAX_SCRIPTNORMALIZE,
		  (long long)config->max_filesize, "max-scriptnormalize" },
		{ CL_ENGINE_MAX_EMBEDDEDPE,
		  (long long)config->max_filesize, "max-embeddedpe" },
		{ CL_ENGINE_PCRE_MAX_FILESIZE,
		  (long long)config->max_filesize, "pcre-max-filesize" },
		{ CL_ENGINE_DISABLE_CACHE, 1, "disable-cache" },
		{ CL_ENGINE_DISABLE_PE_STATS, 1, "disable-pe-stats" },
		/* Machine code made at run time has no place in the box. */
		{ CL_ENGINE_BYTECODE_MODE, CL_BYTECODE_MODE_INTERPRETER,
		  "bytecode-mode" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(settings); i++)
		if (cl_engine_set_num(engine, settings[i].field,
		    settings[i].value) != CL_SUCCESS)
			return ms_error_set(err, MS_E_ENGINE,
			    "libclamav refuses %s %lld", settings[i].name,
			    settings[i].value);
	return MS_OK;
}

static enum ms_status
load(struct clamav *clamav, const struct ms_engine_config *config,
    struct ms_error *err)
{
	const char *path = clamav->database->path;
	unsigned options = CL_DB_STDOPT;
	cl_error_t code;

	if (config->official_only)
		options |= CL_DB_OFFICIAL_ONLY;
	if (config->detect_pua)
		options |= CL_DB_PUA;
	ms_hugepages_begin();
	code = cl_load(path, clamav->engine, &clamav->signatures, options);
	if (code == CL_SUCCESS && clamav->signatures > 0)
		code = cl_engine_compile(clamav->engine);
	ms_hugepages_end();
	if (code == CL_SUCCESS && clamav->signatures > 0)
		return MS_OK;
	if (code == CL_SUCCESS)
		return ms_error_set(err, MS_E_ENGINE, "%s: no signatures in "
		    "it; run freshclam, or name a database with -d "
		    "(testdata/db has one to try)", path);
	return ms_error_set(err, MS_E_ENGINE, "%s: cannot load the signature "
	    "database: %s%s%s", path, cl_strerror(code),
	    *last_message.text ? ": " : "", last_message.text);
}

static void
close_clamav(void *state)
{
	struct clamav *clamav = state;

	if (clamav->engine)
		(void)cl_engine_free(clamav->engine);
	ms_database_free(clamav->database);
	g_free(clamav);
}

/* If it is for want of rights that nothing could be loaded from PATH, say that
 * in ERR. */
static void
explain(const char *path, struct ms_error *err)
{
	char *denied = ms_database_denied(path ? path :
	    ms_database_default());

	if (denied)
		(void)ms_error_set(err, MS_E_ENGINE, "no signature database: "
		    "%s, or name another one with --database", denied);
	g_free(denied);
}

static enum ms_status
find_database(const char *path, struct ms_database **database,
    struct ms_error *err)
{
	if (ms_database_open(path ? path : ms_database_default(), database,
	    err) != MS_OK) {
		ms_error_context(err, "no signature database (run freshclam, "
		    "or name one with --database; testdata/db has one to try)");
		return MS_E_ENGINE;
	}
	if ((*database)->files->len > 0)
		return MS_OK;
	return ms_error_set(err, MS_E_ENGINE, "%s: no signature database in "
	    "it; run freshclam, or name one with --database (testdata/db has "
	    "one to try)", (*database)->path);
}

static enum ms_status
open_clamav(const struct ms_engine_config *config, void **state,
    struct ms_error *err)
{
	struct clamav *clamav = g_new0(struct clamav, 1);
	enum ms_status status;

	*last_message.text = '\0';
	cl_set_clcb_msg(keep_message);
	clamav->alerts = config->alerts;
	clamav->max_filesize = config->max_filesize;
	status = find_database(config->database, &clamav->database, err);
	if (status == MS_OK && cl_init(CL_INIT_DEFAULT) != CL_SUCCESS)
		status = ms_error_set(err, MS_E_ENGINE,
		    "libclamav does not start");
	if (status == MS_OK && !(clamav->engine = cl_engine_new()))
		status = ms_error_set(err, MS_E_ENGINE, "out of memory");
	if (status == MS_OK)
		status = set_limits(clamav->engine, config, err);
	if (status == MS_OK &&
	    ms_database_body_bytes(clamav->database) <= FEW_BYTES)
		(void)cl_engine_set_num(clamav->engine, CL_ENGINE_AC_ONLY, 1);
	if (status == MS_OK)
		status = load(clamav, config, err);
	if (status != MS_OK) {
		explain(config->database, err);
		close_clamav(clamav);
		return status;
	}
	cl_engine_set_clcb_virus_found(clamav->engine, on_found);
	cl_engine_set_clcb_file_inspection(clamav->engine, on_layer);
	cl_engine_set_clcb_hash(clamav->engine, on_suspect);
	*state = clamav;
	return MS_OK;
}

static enum ms_status
set_tmpdir_clamav(void *state, const char *dir, struct ms_error *err)
{
	struct clamav *clamav = state;

	if (cl_engine_set_str(clamav->engine, CL_ENGINE_TMPDIR, dir) !=
	    CL_SUCCESS)
		return ms_error_set(err, MS_E_ENGINE,
		    "libclamav refuses the temporary directory %s", dir);
	return MS_OK;
}

static struct cl_scan_options
scan_options(const struct clamav *clamav, unsigned without)
{
	struct cl_scan_options options = {
		.general = CL_SCAN_GENERAL_ALLMATCHES |
		    CL_SCAN_GENERAL_HEURISTICS,
		.parse = ~0u,
		/* Always asked: they are the gaps. */
		.heuristic = CL_SCAN_HEURISTIC_EXCEEDS_MAX |
		    CL_SCAN_HEURISTIC_ENCRYPTED_ARCHIVE |
		    CL_SCAN_HEURISTIC_ENCRYPTED_DOC,
	};

	for (size_t i = 0; i < G_N_ELEMENTS(heuristics); i++)
		if (clamav->alerts & heuristics[i].alert)
			options.heuristic |= heuristics[i].heuristic;
	if (without & MS_ENGINE_WITHOUT_MAIL)
		options.parse &= ~(uint32_t)CL_SCAN_PARSE_MAIL;
	if (without & MS_ENGINE_WITHOUT_ARCHIVES)
		options.parse &= ~(uint32_t)CL_SCAN_PARSE_ARCHIVE;
	return options;
}

static enum ms_status
judge(const struct scan *scan, cl_error_t code, struct ms_error *err)
{
	if (code == CL_CLEAN || code == CL_VIRUS || code == CL_BREAK)
		return MS_OK;
	for (size_t i = 0; i < G_N_ELEMENTS(gap_codes); i++)
		if (gap_codes[i].code == code) {
			scan->sink->gap(scan->arg, gap_codes[i].gap,
			    cl_strerror(code));
			return MS_OK;
		}
	return ms_error_set(err, MS_E_ENGINE, "libclamav: %s",
	    cl_strerror(code));
}

static enum ms_status
scan_clamav(void *state, const struct ms_engine_input *input,
    const struct ms_engine_sink *sink, void *arg, struct ms_error *err)
{
	struct clamav *clamav = state;
	struct cl_scan_options options = scan_options(clamav,
	    input->without);
	struct scan scan = { clamav, sink, arg, NULL };
	enum ms_status status;
	unsigned long scanned = 0;
	const char *name = NULL;
	cl_error_t code;
	cl_fmap_t *map;

	if (input->size == 0)
		return MS_OK;
	map = cl_fmap_open_memory(input->data, input->size);
	if (!map)
		return ms_error_set(err, MS_E_ENGINE, "out of memory");
	scan.names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
	    NULL);
	code = cl_scanmap_callback(map, NULL, &name, &scanned,
	    clamav->engine, &options, &scan);
	cl_fmap_close(map);
	if (input->looked_at)
		*input->looked_at = (uint64_t)scanned * CL_COUNT_PRECISION;
	if (code == CL_VIRUS)
		on_found(-1, name, &scan);
	status = judge(&scan, code, err);
	g_hash_table_unref(scan.names);
	return status;
}

static void
info_clamav(const void *state, struct ms_engine_info *info)
{
	const struct clamav *clamav = state;

	*info = (struct ms_engine_info){
		.name = g_strdup(ms_clamav.name),
		.version = g_strdup(cl_retver()),
		.database = ms_database_describe(clamav->database),
		.signatures = clamav->signatures,
		.database_time = clamav->database->newest,
		.contexts = ms_database_has_contexts(clamav->database),
	};
}

const struct ms_engine_ops ms_clamav = {
	.name = "clamav",
	.version = cl_retver,
	.open = open_clamav,
	.close = close_clamav,
	.set_tmpdir = set_tmpdir_clamav,
	.scan = scan_clamav,
	.info = info_clamav,
};
