#include "serve/metrics.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char *
print(const struct ms_metrics *metrics, int64_t now)
{
	GString *out = g_string_new(NULL);

	ms_metrics_print(metrics, now, out);
	return g_string_free(out, FALSE);
}

static void
want(const char *text, const char *line)
{
	char *whole = g_strdup_printf("\nmailscan_serve_%s\n", line);

	if (!strstr(text, whole))
		fail_msg("no %s in\n%s", line, text);
	g_free(whole);
}

static void
test_counts(void **state)
{
	struct ms_metrics *metrics;
	struct ms_error err;
	char *text;

	(void)state;
	assert_int_equal(ms_metrics_new(&metrics, &err), MS_OK);
	ms_metrics_add(metrics, MS_METRICS_SESSIONS, 3);
	ms_metrics_add(metrics, MS_METRICS_OPEN_SESSIONS, 3);
	ms_metrics_less(metrics, MS_METRICS_OPEN_SESSIONS, 2);
	ms_metrics_set(metrics, MS_METRICS_WORKERS, 4);
	ms_metrics_add(metrics, MS_METRICS_UPSTREAM_LATE, 1);
	ms_metrics_death(metrics, "front");
	ms_metrics_death(metrics, "somebody");
	ms_metrics_message(metrics, MS_VERDICT_INFECTED, MS_ACTION_REJECT);
	ms_metrics_message(metrics, MS_VERDICTS, MS_ACTIONS);
	text = print(metrics, 0);
	want(text, "sessions_total 3");
	want(text, "sessions 1");
	want(text, "workers 4");
	want(text, "upstream_errors_total{kind=\"late\"} 1");
	want(text, "upstream_errors_total{kind=\"lost\"} 0");
	want(text, "upstream_errors_total{kind=\"passed-over\"} 0");
	want(text, "process_deaths_total{process=\"front\"} 1");
	want(text, "process_deaths_total{process=\"store\"} 0");
	want(text, "messages_total{verdict=\"infected\",action=\"reject\"} 1");
	want(text, "messages_total{verdict=\"none\",action=\"none\"} 1");
	want(text, "messages_total{verdict=\"clean\",action=\"pass\"} 0");
	assert_null(strstr(text, "engine_info"));
	g_free(text);
	ms_metrics_free(metrics);
}

static void
test_histogram(void **state)
{
	struct ms_metrics *metrics;
	struct ms_error err;
	char *text;

	(void)state;
	assert_int_equal(ms_metrics_new(&metrics, &err), MS_OK);
	ms_metrics_scan(metrics, 0);
	ms_metrics_scan(metrics, 1);
	ms_metrics_scan(metrics, 11);
	ms_metrics_scan(metrics, 1000000);
	ms_metrics_scan(metrics, -5);
	text = print(metrics, 0);
	want(text, "scan_seconds_bucket{le=\"0.001\"} 3");
	want(text, "scan_seconds_bucket{le=\"0.010\"} 3");
	want(text, "scan_seconds_bucket{le=\"0.020\"} 4");
	want(text, "scan_seconds_bucket{le=\"120.000\"} 4");
	want(text, "scan_seconds_bucket{le=\"+Inf\"} 5");
	want(text, "scan_seconds_sum 1000.012");
	want(text, "scan_seconds_count 5");
	g_free(text);
	ms_metrics_free(metrics);
}

static void
test_engine(void **state)
{
	struct ms_metrics *metrics;
	struct ms_pipeline_about about = { .engine = "clamav",
		.version = "1.\"4\n", .database = "x", .signatures = 17,
		.database_time = 1000 };
	struct ms_error err;
	char *text;

	(void)state;
	assert_int_equal(ms_metrics_new(&metrics, &err), MS_OK);
	for (int i = 0; i < 9; i++)
		ms_metrics_engine(metrics, &about);
	text = print(metrics, 1500);
	want(text, "engine_info{engine=\"clamav\",version=\"1.\\\"4\\\\x0a\","
	    "database=\"x\"} 1");
	want(text, "database_signatures 17");
	want(text, "database_age_seconds 500");
	want(text, "database_loads_total 9");
	g_free(text);
	about.database = g_strnfill(10000, 'y');
	about.version = NULL;
	about.database_time = -1;
	ms_metrics_engine(metrics, &about);
	text = print(metrics, 1500);
	assert_true(strlen(text) < 20000);
	assert_null(strstr(text, "database_age_seconds"));
	g_free(text);
	g_free((char *)(uintptr_t)about.database);
	ms_metrics_free(metrics);
}

/* What a process counts is there when it is gone; but not what it may not
 * count. */
static void
test_processes(void **state)
{
	struct ms_metrics *metrics;
	struct ms_error err;
	char *text;
	int status;
	pid_t pid;

	(void)state;
	assert_int_equal(ms_metrics_new(&metrics, &err), MS_OK);
	pid = fork();
	if (pid == 0) {
		ms_metrics_add(metrics, MS_METRICS_PROGRAMS, 2);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	text = print(metrics, 0);
	want(text, "event_programs_total 2");
	g_free(text);
	ms_metrics_withhold(metrics);
	(void)fflush(NULL);
	pid = fork();
	if (pid == 0) {
		/* Sanitizers have a handler, which would exit. */
		(void)signal(SIGSEGV, SIG_DFL);
		ms_metrics_add(metrics, MS_METRICS_PROGRAMS, 2);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	text = print(metrics, 0);
	want(text, "event_programs_total 2");
	g_free(text);
	ms_metrics_free(metrics);
}

/* Each metric has its head once, and before its samples. */
static void
test_form(void **state)
{
	struct ms_metrics *metrics;
	struct ms_error err;
	char *text, **lines;
	GHashTable *seen = g_hash_table_new(g_str_hash, g_str_equal);
	const char *current = NULL;

	(void)state;
	assert_int_equal(ms_metrics_new(&metrics, &err), MS_OK);
	text = print(metrics, 0);
	lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line && **line; line++) {
		if (g_str_has_prefix(*line, "# HELP "))
			continue;
		if (g_str_has_prefix(*line, "# TYPE ")) {
			current = *line + 7;
			*strchr(current, ' ') = '\0';
			assert_true(g_hash_table_add(seen,
			    (gpointer)(uintptr_t)current));
		} else {
			assert_true(g_str_has_prefix(*line, current));
		}
	}
	g_strfreev(lines);
	g_free(text);
	g_hash_table_unref(seen);
	ms_metrics_free(metrics);
	/* Nobody counts. */
	ms_metrics_add(NULL, MS_METRICS_SESSIONS, 1);
	ms_metrics_less(NULL, MS_METRICS_SESSIONS, 1);
	ms_metrics_set(NULL, MS_METRICS_SESSIONS, 1);
	ms_metrics_scan(NULL, 1);
	ms_metrics_message(NULL, MS_VERDICT_CLEAN, MS_ACTION_PASS);
	ms_metrics_death(NULL, "front");
	ms_metrics_withhold(NULL);
	ms_metrics_free(NULL);
	text = print(NULL, 0);
	assert_string_equal(text, "");
	g_free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_histogram),
		cmocka_unit_test(test_engine),
		cmocka_unit_test(test_processes),
		cmocka_unit_test(test_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
