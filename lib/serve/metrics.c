#include "serve/metrics.h"

#include "base/clock.h"
#include "base/quote.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

typedef _Atomic uint64_t counter;

/* Upper ends of the histogram's classes. */
static const int64_t classes_ms[] = { 1, 2, 5, 10, 20, 50, 100, 200, 500,
	1000, 2000, 5000, 10000, 30000, 60000, 120000 };
#define CLASSES G_N_ELEMENTS(classes_ms)

/* Loads of a database are far apart, so that whoever reads the last one is
 * done before its place is taken again. */
#define ENGINES 4

struct engine {
	char name[32], version[64], database[256];	/* end with NUL */
	uint64_t signatures;
	int64_t time;
};

struct ms_metrics {
	counter counts[MS_METRICS_COUNTS];
	counter messages[MS_VERDICTS + 1][MS_ACTIONS + 1];
	counter classes[CLASSES + 1];
	counter scan_ms;
	struct engine engines[ENGINES];
	counter engine;		/* number of the last one; 0: none */
	int64_t began;
};

/* Rows of one metric stand together. */
static const struct row {
	const char *name, *type, *help;	/* NULL: as the one above */
	const char *label;		/* NULL: it has none */
} rows[MS_METRICS_COUNTS] = {
	[MS_METRICS_SESSIONS] = { "sessions_total", "counter",
	    "Connections of clients.", NULL },
	[MS_METRICS_OPEN_SESSIONS] = { "sessions", "gauge",
	    "Connections that are there now.", NULL },
	[MS_METRICS_NOT_ALLOWED] = { "refused_sessions_total", "counter",
	    "Connections that were turned away.", "reason=\"not-allowed\"" },
	[MS_METRICS_TOO_MANY] = { .label = "reason=\"too-many\"" },
	[MS_METRICS_TOO_MANY_OF_CLIENT] = {
	    .label = "reason=\"too-many-of-client\"" },
	[MS_METRICS_DELIVERED] = { "delivered_total", "counter",
	    "Messages that the next hop took.", NULL },
	[MS_METRICS_BYTES] = { "message_bytes_total", "counter",
	    "Bytes of all messages.", NULL },
	[MS_METRICS_UPSTREAM_UNREACHED] = { "upstream_errors_total",
	    "counter", "What went wrong with the next hop.",
	    "kind=\"unreached\"" },
	[MS_METRICS_UPSTREAM_PASSED_OVER] = { .label =
	    "kind=\"passed-over\"" },
	[MS_METRICS_UPSTREAM_LOST] = { .label = "kind=\"lost\"" },
	[MS_METRICS_UPSTREAM_LATE] = { .label = "kind=\"late\"" },
	[MS_METRICS_UPSTREAM_DEFERRED] = { .label = "kind=\"deferred\"" },
	[MS_METRICS_UPSTREAM_REFUSED] = { .label = "kind=\"refused\"" },
	[MS_METRICS_SCAN_FAILURES] = { "scan_failures_total", "counter",
	    "Messages for which no verdict came.", NULL },
	[MS_METRICS_SCANNERS] = { "scanner_ready", "gauge",
	    "Whether there is a scanner.", NULL },
	[MS_METRICS_LOCAL_CLIENTS] = { "local_clients", "gauge",
	    "Who has the local scan socket open now.", NULL },
	[MS_METRICS_LOCAL_SCANS] = { "local_scans_total", "counter",
	    "Messages that came over the local scan socket.", NULL },
	[MS_METRICS_WORKERS] = { "workers", "gauge",
	    "Processes that look into messages.", NULL },
	[MS_METRICS_WORKER_DEATHS] = { "worker_deaths_total", "counter",
	    "Those that crashed or were killed at work.", NULL },
	[MS_METRICS_SCANNER_DEATHS] = { "process_deaths_total", "counter",
	    "Processes that ended when they should not.",
	    "process=\"scanner\"" },
	[MS_METRICS_FRONT_DEATHS] = { .label = "process=\"front\"" },
	[MS_METRICS_STORE_DEATHS] = { .label = "process=\"store\"" },
	[MS_METRICS_RUNNER_DEATHS] = { .label = "process=\"runner\"" },
	[MS_METRICS_LOOKUP_DEATHS] = { .label = "process=\"lookup\"" },
	[MS_METRICS_QUARANTINED] = { "quarantined_total", "counter",
	    "Messages that were put into quarantine.", NULL },
	[MS_METRICS_POISON] = { "poison_total", "counter",
	    "Messages that nobody could scan to the end.", NULL },
	[MS_METRICS_ALARMS] = { "alarms_total", "counter",
	    "Times that deaths of workers closed the service.", NULL },
	[MS_METRICS_PROGRAMS] = { "event_programs_total", "counter",
	    "Programs that were run for events.", NULL },
	[MS_METRICS_PROGRAM_FAILURES] = { "event_program_failures_total",
	    "counter", "Those that failed.", NULL },
	[MS_METRICS_DATABASE_LOADS] = { "database_loads_total", "counter",
	    "Times that a database was loaded.", NULL },
};

enum ms_status
ms_metrics_new(struct ms_metrics **metrics, struct ms_error *err)
{
	void *memory = mmap(NULL, sizeof **metrics, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return ms_error_errno(err, "no memory to count in");
	*metrics = memory;
	(*metrics)->began = ms_clock_wall();
	return MS_OK;
}

void
ms_metrics_free(struct ms_metrics *metrics)
{
	if (metrics)
		(void)munmap(metrics, sizeof *metrics);
}

void
ms_metrics_withhold(struct ms_metrics *metrics)
{
	/* Without, a worker that was taken over could count wrongly. */
	if (metrics)
		(void)madvise(metrics, sizeof *metrics, MADV_DONTFORK);
}

void
ms_metrics_add(struct ms_metrics *metrics, enum ms_metrics_count count,
    uint64_t number)
{
	if (metrics)
		(void)atomic_fetch_add(&metrics->counts[count], number);
}

void
ms_metrics_less(struct ms_metrics *metrics, enum ms_metrics_count count,
    uint64_t number)
{
	if (metrics)
		(void)atomic_fetch_sub(&metrics->counts[count], number);
}

void
ms_metrics_set(struct ms_metrics *metrics, enum ms_metrics_count count,
    uint64_t number)
{
	if (metrics)
		atomic_store(&metrics->counts[count], number);
}

void
ms_metrics_death(struct ms_metrics *metrics, const char *name)
{
	char label[64];

	(void)g_snprintf(label, sizeof label, "process=\"%s\"", name);
	for (int i = MS_METRICS_SCANNER_DEATHS; i <= MS_METRICS_LOOKUP_DEATHS;
	    i++)
		if (strcmp(rows[i].label, label) == 0)
			ms_metrics_add(metrics, (enum ms_metrics_count)i, 1);
}

void
ms_metrics_message(struct ms_metrics *metrics, enum ms_verdict verdict,
    enum ms_action action)
{
	if (metrics)
		(void)atomic_fetch_add(&metrics->messages[verdict][action],
		    1);
}

void
ms_metrics_scan(struct ms_metrics *metrics, int64_t ms)
{
	size_t i = 0;

	if (!metrics)
		return;
	while (i < CLASSES && ms > classes_ms[i])
		i++;
	(void)atomic_fetch_add(&metrics->classes[i], 1);
	(void)atomic_fetch_add(&metrics->scan_ms, (uint64_t)MAX(ms, 0));
}

void
ms_metrics_engine(struct ms_metrics *metrics,
    const struct ms_pipeline_about *about)
{
	struct engine *engine;
	uint64_t number;

	if (!metrics)
		return;
	number = atomic_load(&metrics->engine) + 1;
	engine = &metrics->engines[number % ENGINES];
	(void)g_strlcpy(engine->name, about->engine, sizeof engine->name);
	(void)g_strlcpy(engine->version, about->version ? about->version : "",
	    sizeof engine->version);
	(void)g_strlcpy(engine->database, about->database ? about->database :
	    "", sizeof engine->database);
	engine->signatures = about->signatures;
	engine->time = about->database_time;
	atomic_store(&metrics->engine, number);
	ms_metrics_add(metrics, MS_METRICS_DATABASE_LOADS, 1);
}

static void
append_head(GString *out, const char *name, const char *type,
    const char *help)
{
	g_string_append_printf(out, "# HELP mailscan_serve_%s %s\n"
	    "# TYPE mailscan_serve_%s %s\n", name, help, name, type);
}

static void
append_one(GString *out, const char *name, const char *label,
    uint64_t number)
{
	g_string_append_printf(out, "mailscan_serve_%s", name);
	if (label)
		g_string_append_printf(out, "{%s}", label);
	g_string_append_printf(out, " %" G_GUINT64_FORMAT "\n", number);
}

static void
append_messages(const struct ms_metrics *metrics, GString *out)
{
	append_head(out, "messages_total", "counter",
	    "Messages, by verdict and action.");
	for (int v = 0; v <= MS_VERDICTS; v++)
		for (int a = 0; a <= MS_ACTIONS; a++) {
			char *label = g_strdup_printf(
			    "verdict=\"%s\",action=\"%s\"",
			    v < MS_VERDICTS ? ms_verdict_name(
			    (enum ms_verdict)v) : "none",
			    a < MS_ACTIONS ? ms_decide_action_name(
			    (enum ms_action)a) : "none");

			append_one(out, "messages_total", label,
			    atomic_load(&metrics->messages[v][a]));
			g_free(label);
		}
}

/* The sums are of the classes as they were read, so that they fit even if
 * somebody goes on counting. */
static void
append_histogram(const struct ms_metrics *metrics, GString *out)
{
	const uint64_t ms = atomic_load(&metrics->scan_ms);
	uint64_t sum = 0;

	append_head(out, "scan_seconds", "histogram",
	    "From the question until the verdict, waiting included.");
	for (size_t i = 0; i <= CLASSES; i++) {
		char label[32] = "le=\"+Inf\"";

		if (i < CLASSES)
			(void)g_snprintf(label, sizeof label, "le=\"%d.%03d\"",
			    (int)(classes_ms[i] / 1000),
			    (int)(classes_ms[i] % 1000));
		sum += atomic_load(&metrics->classes[i]);
		append_one(out, "scan_seconds_bucket", label, sum);
	}
	g_string_append_printf(out, "mailscan_serve_scan_seconds_sum %"
	    G_GUINT64_FORMAT ".%03d\n", ms / 1000, (int)(ms % 1000));
	append_one(out, "scan_seconds_count", NULL, sum);
}

static void
append_label(GString *out, const char *name, const char *value)
{
	char *quoted = ms_quote_string(value);

	g_string_append_printf(out, "%s=\"", name);
	for (const char *p = quoted; *p != '\0'; p++) {
		if (*p == '\\' || *p == '"')
			g_string_append_c(out, '\\');
		g_string_append_c(out, *p);
	}
	g_string_append_c(out, '"');
	g_free(quoted);
}

static void
append_engine(const struct ms_metrics *metrics, int64_t now, GString *out)
{
	const uint64_t number = atomic_load(&metrics->engine);
	struct engine engine = metrics->engines[number % ENGINES];
	GString *label;

	if (number == 0)
		return;
	label = g_string_new(NULL);
	append_label(label, "engine", engine.name);
	g_string_append_c(label, ',');
	append_label(label, "version", engine.version);
	g_string_append_c(label, ',');
	append_label(label, "database", engine.database);
	append_head(out, "engine_info", "gauge", "What is used to scan.");
	append_one(out, "engine_info", label->str, 1);
	(void)g_string_free(label, TRUE);
	append_head(out, "database_signatures", "gauge",
	    "Signatures in the database.");
	append_one(out, "database_signatures", NULL, engine.signatures);
	if (engine.time <= 0)
		return;
	append_head(out, "database_timestamp_seconds", "gauge",
	    "When the newest part of the database was made.");
	append_one(out, "database_timestamp_seconds", NULL,
	    (uint64_t)engine.time);
	append_head(out, "database_age_seconds", "gauge",
	    "How old that is.");
	append_one(out, "database_age_seconds", NULL,
	    (uint64_t)MAX(now - engine.time, 0));
}

void
ms_metrics_print(const struct ms_metrics *metrics, int64_t now, GString *out)
{
	const char *name = NULL;

	if (!metrics)
		return;
	append_head(out, "start_time_seconds", "gauge",
	    "When the service began.");
	append_one(out, "start_time_seconds", NULL,
	    (uint64_t)MAX(metrics->began, 0));
	for (int i = 0; i < MS_METRICS_COUNTS; i++) {
		const uint64_t number = atomic_load(&metrics->counts[i]);

		if (rows[i].name) {
			name = rows[i].name;
			append_head(out, name, rows[i].type, rows[i].help);
		}
		/* A front that died, and one that still counts, may together
		 * have come below 0. */
		append_one(out, name, rows[i].label,
		    number > (uint64_t)INT64_MAX ? 0 : number);
	}
	append_messages(metrics, out);
	append_histogram(metrics, out);
	append_engine(metrics, now, out);
}
