#include "pipeline/pipeline.h"

#include "base/clock.h"
#include "message/intake.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* An engine that does what words in the message say. It runs in workers; in
 * this process only where a test says so. */

static bool
holds(const struct ms_engine_input *input, const char *word)
{
	return memmem(input->data, input->size, word, strlen(word)) != NULL;
}

static void
work(int64_t time_ms)
{
	int64_t until = ms_clock_ms() + time_ms;

	while (ms_clock_ms() < until)
		continue;
}

static enum ms_status
open_faulty(const struct ms_engine_config *config, void **state,
    struct ms_error *err)
{
	*state = NULL;
	return config->database ? ms_error_set(err, MS_E_ENGINE,
	    "no signatures") : MS_OK;
}

static void
close_faulty(void *state)
{
	(void)state;
}

static enum ms_status
set_tmpdir_faulty(void *state, const char *dir, struct ms_error *err)
{
	(void)state;
	(void)dir;
	(void)err;
	return MS_OK;
}

static enum ms_status
scan_faulty(void *state, const struct ms_engine_input *input,
    const struct ms_engine_sink *sink, void *arg, struct ms_error *err)
{
	bool whole = holds(input, "Subject:");

	(void)state;
	if (holds(input, "bad-word"))
		sink->found(arg, "Test.Bad");
	if (holds(input, "too-large"))
		sink->gap(arg, MS_ENGINE_GAP_SIZE, "too large");
	if (holds(input, "fault-crash") ||
	    (holds(input, "fault-inside") && !whole)) {
		(void)signal(SIGSEGV, SIG_DFL);
		(void)raise(SIGSEGV);
	}
	if (holds(input, "fault-leave"))
		_exit(0);
	if (holds(input, "fault-loop"))
		work(60 * 1000);
	if (holds(input, "long-work") && whole)
		work(400);
	return holds(input, "no-engine") ?
	    ms_error_set(err, MS_E_ENGINE, "out of order") : MS_OK;
}

static const char *
version_faulty(void)
{
	return "1";
}

static void
info_faulty(const void *state, struct ms_engine_info *info)
{
	(void)state;
	*info = (struct ms_engine_info){
		.name = g_strdup("faulty"),
		.version = g_strdup("1"),
		.database = g_strdup("words"),
		.signatures = 7,
		.database_time = 5,
	};
}

static const struct ms_engine_ops faulty = { "faulty", version_faulty,
	open_faulty, close_faulty, set_tmpdir_faulty, scan_faulty,
	info_faulty, false, false };

static struct ms_pipeline_config
config_for(unsigned workers)
{
	return (struct ms_pipeline_config){
		.ops = &faulty,
		.engine = {
			.max_filesize = 1 << 20,
			.max_scansize = 1 << 22,
			.max_files = 1000,
			.max_recursion = 17,
			.max_scantime_ms = 60 * 1000,
		},
		.limits = {
			.part_bytes = 1 << 20,
			.total_bytes = 1 << 22,
			.ratio = 100,
			.parts = 1000,
			.mime_depth = 10,
			.archive_depth = 10,
			.time_ms = 60 * 1000,
		},
		.workers = workers,
		.worker_memory = 256 << 20,
		.tempdir = ".",
		.workdir = ".",
	};
}

static struct ms_pipeline *
open_pipeline(const struct ms_pipeline_config *config)
{
	struct ms_pipeline *pipeline = NULL;
	struct ms_error err = { "" };

	if (ms_pipeline_open(config, &pipeline, &err) != MS_OK)
		print_message("  %s\n", err.text);
	assert_non_null(pipeline);
	return pipeline;
}

/* No process and no file is left. */
static void
close_pipeline(struct ms_pipeline *pipeline)
{
	GDir *dir;

	ms_pipeline_close(pipeline);
	assert_int_equal(-1, waitpid(-1, NULL, WNOHANG));
	assert_int_equal(ECHILD, errno);
	dir = g_dir_open(".", 0, NULL);
	assert_null(g_dir_read_name(dir));
	g_dir_close(dir);
}

static struct ms_message *
message(uint64_t index, const char *text, const char *format)
{
	static const struct ms_intake_config config = {
		.spool = { .heap_max = 1 << 10, .memfd_max = 1 << 20 },
		.max_bytes = 1 << 20,
	};
	struct ms_intake *intake = ms_intake_new(&config);
	struct ms_message *made;

	ms_intake_begin(intake, MS_INTAKE_AS_IS);
	assert_int_equal(MS_OK, ms_intake_feed(intake, text, strlen(text),
	    NULL));
	assert_int_equal(MS_OK, ms_intake_end(intake, &made, NULL));
	ms_intake_free(intake);
	made->origin.source = g_strdup("test");
	made->origin.format = format;
	made->origin.index = index;
	made->origin.delivered = -1;
	return made;
}

/* A message like no other: what is known of one is not scanned again. */
static struct ms_message *
numbered(uint64_t index, const char *text)
{
	char *own = g_strdup_printf("X-Number: %" G_GUINT64_FORMAT "\n%s",
	    index, text);
	struct ms_message *made = message(index, own, "eml");

	g_free(own);
	return made;
}

/* All that can be said of an outcome, but for how long it took. */
static char *
describe(const struct ms_outcome *outcome)
{
	GString *text = g_string_new(NULL);

	g_string_append_printf(text, "%s|%s|", ms_verdict_name(
	    outcome->verdict), outcome->facts.headers.subject ?
	    outcome->facts.headers.subject : "");
	for (guint i = 0; i < outcome->facts.findings->len; i++) {
		const struct ms_finding *finding =
		    outcome->facts.findings->pdata[i];

		g_string_append_printf(text, "%s@%s;", finding->name,
		    finding->part);
	}
	for (guint i = 0; i < outcome->facts.gaps->len; i++) {
		const struct ms_gap *gap = outcome->facts.gaps->pdata[i];

		g_string_append_printf(text, "%s!%s;",
		    ms_facts_reason_name(gap->reason), gap->part);
	}
	for (guint i = 0; i < outcome->facts.parts->len; i++) {
		const struct ms_part *part = outcome->facts.parts->pdata[i];
		char hex[MS_HASH_HEX];

		ms_hash_hex(&part->sha256, hex);
		g_string_append_printf(text, "%s=%.8s;", part->path, hex);
	}
	return g_string_free(text, FALSE);
}

/* The next thing in line, waited for. */
static void
next(struct ms_pipeline *pipeline, struct ms_outcome **outcome, void **note)
{
	int64_t until = ms_clock_ms() + 30 * 1000;
	struct ms_error err = { "" };

	do
		assert_int_equal(MS_OK, ms_pipeline_next(pipeline, 100,
		    outcome, note, &err));
	while (!*outcome && !*note && ms_clock_ms() < until);
	assert_true(!*outcome != !*note);
}

static void
expect(struct ms_pipeline *pipeline, uint64_t index, const char *want)
{
	struct ms_outcome *outcome;
	void *note;
	char *text;

	next(pipeline, &outcome, &note);
	assert_non_null(outcome);
	assert_int_equal(index, outcome->origin.index);
	text = describe(outcome);
	assert_string_equal(want, text);
	g_free(text);
	ms_outcome_free(outcome);
}

#define HEAD "Subject: s\n\n"

static const struct {
	const char *name, *text, *want;
} cases[] = {
	{ "clean", HEAD "hello\n", "clean|s|" },
	{ "found", HEAD "bad-word\n", "infected|s|Test.Bad@1;" },
	{ "gap", HEAD "too-large\n",
	  "incomplete|s|limit-size!1;" },
	{ "no engine", HEAD "no-engine\n",
	  "error|s|engine-failed!1;" },
	{ "crash", HEAD "fault-crash\n", "error|s|worker-died!;" },
	{ "leave", HEAD "fault-leave\n", "error|s|worker-died!;" },
	{ "crash inside", HEAD "fault-inside\n", "error|s|worker-died!;" },
	{ "found, then crash", HEAD "bad-word fault-crash\n",
	  "infected|s|Test.Bad@;worker-died!;" },
	{ "found, then crash inside", HEAD "bad-word fault-inside\n",
	  "infected|s|Test.Bad@;Test.Bad@1;worker-died!;" },
	{ "nothing", "", "clean||" },
};

/* What comes before the end stays; a second try makes nothing clean. */
static void
p4_outcomes(void **state)
{
	const struct ms_pipeline_config config = config_for(2);
	struct ms_pipeline *pipeline = open_pipeline(&config);

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
		assert_int_equal(MS_OK, ms_pipeline_submit(pipeline,
		    message(i, cases[i].text, "eml"), NULL));
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_outcome *outcome;
		void *note;
		char *text;

		print_message("  %s\n", cases[i].name);
		next(pipeline, &outcome, &note);
		assert_int_equal(i, outcome->origin.index);
		assert_int_equal(strlen(cases[i].text), outcome->size);
		text = describe(outcome);
		/* The inner finding says more, where it was made. */
		if (strcmp(cases[i].name, "found, then crash inside") == 0)
			assert_true(g_str_has_prefix(text, "infected|s|"
			    "Test.Bad@1;worker-died!;"));
		else
			assert_string_equal(cases[i].want, text);
		/* The second try looks at the raw bytes alone. */
		assert_int_equal(outcome->deaths,
		    !strstr(text, "worker-died") ? 0 :
		    strstr(cases[i].name, "inside") ? 1 : 2);
		g_free(text);
		ms_outcome_free(outcome);
	}
	close_pipeline(pipeline);
}

/* 200 messages, each tenth deadly, and notes among them: all come out once,
 * in order, and only the deadly ones are told as such. */
static void
p4_every_tenth(void **state)
{
	static char notes[200];
	const struct ms_pipeline_config config = config_for(3);
	struct ms_pipeline *pipeline = open_pipeline(&config);
	struct ms_outcome *outcome;
	struct ms_error err = { "" };
	void *note;
	uint64_t in = 0, out = 0;

	(void)state;
	while (out < 200) {
		while (in < 200 && ms_pipeline_wants(pipeline)) {
			const char *text = in % 10 == 5 ? HEAD "fault-crash"
			    : in % 3 == 0 ? HEAD "bad-word" : HEAD "hello";

			assert_int_equal(MS_OK, ms_pipeline_submit(pipeline,
			    numbered(in, text), &err));
			ms_pipeline_note(pipeline, &notes[in++]);
		}
		next(pipeline, &outcome, &note);
		assert_int_equal(out, outcome->origin.index);
		assert_int_equal(out % 10 == 5 ? MS_VERDICT_ERROR :
		    out % 3 == 0 ? MS_VERDICT_INFECTED : MS_VERDICT_CLEAN,
		    outcome->verdict);
		ms_outcome_free(outcome);
		next(pipeline, &outcome, &note);
		assert_ptr_equal(&notes[out++], note);
	}
	assert_int_equal(MS_END, ms_pipeline_next(pipeline, 0, &outcome,
	    &note, &err));
	close_pipeline(pipeline);
}

static void
p4_timeout(void **state)
{
	struct ms_pipeline_config config = config_for(1);
	struct ms_pipeline *pipeline;

	(void)state;
	config.limits.time_ms = 1500;
	pipeline = open_pipeline(&config);
	assert_int_equal(MS_OK, ms_pipeline_submit(pipeline, message(1,
	    HEAD "bad-word fault-loop", "eml"), NULL));
	assert_int_equal(MS_OK, ms_pipeline_submit(pipeline, message(2,
	    HEAD "hello", "eml"), NULL));
	expect(pipeline, 1, "infected|s|Test.Bad@;limit-time!;");
	expect(pipeline, 2, "clean|s|");
	close_pipeline(pipeline);
}

/* One slow message, and behind it more facts than are kept in memory. */
static void
test_spill(void **state)
{
	struct ms_pipeline_config config = config_for(2);
	struct ms_pipeline *pipeline;
	GString *text = g_string_new("Subject: s\nContent-Type: "
	    "multipart/mixed; boundary=b\n\n");
	char *name = g_strnfill(3000, 'n');
	unsigned in = 0, out = 0, count = 50, parts = 60;
	struct ms_outcome *outcome;
	void *note;

	(void)state;
	for (unsigned i = 0; i < parts; i++)
		g_string_append_printf(text, "--b\nContent-Disposition: "
		    "attachment; filename=%u%s\n\npart %u\n", i, name, i);
	config.parts = true;
	pipeline = open_pipeline(&config);
	while (out < count) {
		while (in < count && ms_pipeline_wants(pipeline)) {
			assert_int_equal(MS_OK, ms_pipeline_submit(pipeline,
			    numbered(in, in == 0 ? HEAD "long-work" :
			    text->str), NULL));
			in++;
		}
		next(pipeline, &outcome, &note);
		assert_int_equal(out, outcome->origin.index);
		assert_int_equal(out == 0 ? 1 : parts,
		    outcome->facts.parts->len);
		assert_int_equal(0, outcome->facts.parts_omitted);
		for (unsigned i = 0; i < parts && out > 0; i++) {
			const struct ms_part *part =
			    outcome->facts.parts->pdata[i];

			assert_int_equal(i, strtoul(part->filename, NULL,
			    10));
		}
		ms_outcome_free(outcome);
		out++;
	}
	close_pipeline(pipeline);
	g_string_free(text, TRUE);
	g_free(name);
}

/* With libclamav and the database of the tests. */
static const char *const mails[] = {
	HEAD "hello\n",
	HEAD "mailscan-test-marker-any\n",
	"Subject: s\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n"
	"one\n--b\nContent-Disposition: attachment; filename=x.exe\n"
	"Content-Transfer-Encoding: base64\n\n"
	"bWFpbHNjYW4tdGVzdC1tYXJrZXItYW55\n--b--\n",
	HEAD "begin 644 x\n#0V%T\n`\nend\n",
	"", "\n", "no header at all",
};

static void
test_same_in_process(void **state)
{
	const char *testdata = getenv("TESTDATA");
	char *database = g_build_filename(testdata ? testdata : ".", "db",
	    NULL);
	struct ms_pipeline_config config = config_for(2);
	char *told[2][G_N_ELEMENTS(mails)];

	(void)state;
	config.ops = NULL;
	config.engine.database = database;
	config.parts = true;
	for (int here = 0; here < 2; here++) {
		struct ms_pipeline *pipeline;

		config.in_process = here == 1;
		pipeline = open_pipeline(&config);
		for (size_t i = 0; i < G_N_ELEMENTS(mails); i++)
			assert_int_equal(MS_OK, ms_pipeline_submit(pipeline,
			    message(i, mails[i], i % 2 ? "raw" : "eml"),
			    NULL));
		for (size_t i = 0; i < G_N_ELEMENTS(mails); i++) {
			struct ms_outcome *outcome;
			void *note;

			next(pipeline, &outcome, &note);
			told[here][i] = describe(outcome);
			ms_outcome_free(outcome);
		}
		close_pipeline(pipeline);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(mails); i++) {
		print_message("  %s\n", told[0][i]);
		assert_string_equal(told[0][i], told[1][i]);
		g_free(told[0][i]);
		g_free(told[1][i]);
	}
	g_free(database);
}

/* Nobody waits for a message that takes longer, and the descriptor says when
 * there is something to do. */
static void
test_unordered(void **state)
{
	struct ms_pipeline_config config = config_for(2);
	struct ms_pipeline *pipeline;
	uint64_t last = 0, seen = 0;

	(void)state;
	config.unordered = true;
	pipeline = open_pipeline(&config);
	for (uint64_t i = 1; i <= 8; i++) {
		struct ms_message *one = numbered(i, i == 1 ?
		    HEAD "long-work\n" : i == 5 ? HEAD "bad-word\n" :
		    HEAD "hello\n");

		one->origin.ticket = i;
		assert_int_equal(MS_OK, ms_pipeline_submit(pipeline, one,
		    NULL));
	}
	while (seen != 0xff) {
		struct pollfd ready = { ms_pipeline_fd(pipeline), POLLIN, 0 };
		struct ms_outcome *outcome = NULL;
		enum ms_status status;
		void *note;

		assert_int_equal(1, poll(&ready, 1, 30 * 1000));
		while ((status = ms_pipeline_next(pipeline, 0, &outcome,
		    &note, NULL)) == MS_OK && outcome) {
			last = outcome->origin.ticket;
			assert_int_equal(0, seen & 1u << (last - 1));
			seen |= 1u << (last - 1);
			assert_int_equal(last == 5 ? MS_VERDICT_INFECTED :
			    MS_VERDICT_CLEAN, outcome->verdict);
			ms_outcome_free(outcome);
		}
		assert_int_equal(seen == 0xff ? MS_END : MS_OK, status);
	}
	assert_int_equal(1, last);
	close_pipeline(pipeline);
}

/* The digests of what came, whatever the order. */
static enum ms_status
keep_blob(void *arg, const struct ms_blob *blob, int fd, struct ms_error *err)
{
	char data[64];
	struct ms_digest digest;
	ssize_t n = pread(fd, data, sizeof data, 0);

	assert_int_equal(blob->size, n);
	digest = ms_hash_of(data, (size_t)n);
	assert_true(ms_hash_equal(&digest, &blob->sha256));
	if (memcmp(data, "full", 4) == 0)
		return ms_error_set(err, MS_E_IO, "full");
	g_hash_table_add(arg, g_memdup2(&digest, sizeof digest));
	return MS_OK;
}

/* Picked bytes come by both ways, and each part knows of its own. */
static void
test_blobs(void **state)
{
	(void)state;
	for (int here = 0; here < 2; here++) {
		struct ms_pipeline_config config = config_for(2);
		GHashTable *set = g_hash_table_new_full(ms_hash_key,
		    ms_hash_key_equal, g_free, NULL);
		struct ms_pipeline *pipeline;

		config.in_process = here == 1;
		config.parts = true;
		config.pick.any = true;
		config.blob = keep_blob;
		config.blob_arg = set;
		pipeline = open_pipeline(&config);
		for (unsigned i = 0; i < 9; i++) {
			char *text = g_strdup_printf("Subject: s\n\n%u",
			    i % 3);

			assert_int_equal(MS_OK, ms_pipeline_submit(pipeline,
			    message(i, text, "eml"), NULL));
			g_free(text);
		}
		for (unsigned i = 0; i < 9; i++) {
			struct ms_outcome *outcome;
			void *note;

			next(pipeline, &outcome, &note);
			assert_int_equal(1, outcome->facts.parts->len);
			assert_true(ms_facts_is_picked(&outcome->facts,
			    outcome->facts.parts->pdata[0]));
			ms_outcome_free(outcome);
		}
		assert_int_equal(3, g_hash_table_size(set));
		close_pipeline(pipeline);
		g_hash_table_unref(set);
	}
}

/* What takes the bytes cannot go on: neither can the pipeline. */
static void
test_blob_fails(void **state)
{
	(void)state;
	for (int here = 0; here < 2; here++) {
		struct ms_pipeline_config config = config_for(1);
		enum ms_status status;
		struct ms_pipeline *pipeline;
		struct ms_error err = { "" };
		struct ms_outcome *outcome;
		void *note;

		config.in_process = here == 1;
		config.parts = true;
		config.pick.any = true;
		config.blob = keep_blob;
		pipeline = open_pipeline(&config);
		status = ms_pipeline_submit(pipeline, message(1,
		    "Subject: s\n\nfull", "eml"), &err);
		for (int i = 0; i < 300 && status == MS_OK; i++)
			status = ms_pipeline_next(pipeline, 100, &outcome,
			    &note, &err);
		assert_int_equal(here ? MS_E_IO : MS_E_PEER, status);
		assert_string_equal("full", err.text);
		close_pipeline(pipeline);
	}
}

/* What cannot be begun is not waited for. */
static void
test_no_room(void **state)
{
	const struct ms_pipeline_config config = config_for(1);
	struct ms_pipeline *pipeline = open_pipeline(&config);
	struct ms_message *one = message(1, HEAD "one", "eml");
	struct ms_outcome *outcome;
	struct ms_error err = { "" };
	struct rlimit old, none;
	void *note;

	(void)state;
	assert_int_equal(0, getrlimit(RLIMIT_NOFILE, &old));
	none = (struct rlimit){ 3, old.rlim_max };
	assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &none));
	assert_int_equal(MS_E_IO, ms_pipeline_submit(pipeline, one, &err));
	assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &old));
	assert_string_not_equal("", err.text);
	assert_int_equal(MS_END, ms_pipeline_next(pipeline, 0, &outcome,
	    &note, &err));
	assert_int_equal(MS_OK, ms_pipeline_submit(pipeline, message(2,
	    HEAD "bad-word", "eml"), &err));
	expect(pipeline, 2, "infected|s|Test.Bad@1;");
	close_pipeline(pipeline);
}

/* A file is no message: no header is read from it. */
static void
test_raw(void **state)
{
	const struct ms_pipeline_config config = config_for(1);
	struct ms_pipeline *pipeline = open_pipeline(&config);

	(void)state;
	assert_int_equal(MS_OK, ms_pipeline_submit(pipeline, message(1,
	    HEAD "bad-word", "raw"), NULL));
	expect(pipeline, 1, "infected||Test.Bad@1;");
	close_pipeline(pipeline);
}

/* Whether an outcome has the body TEXT, as far as that was asked for. */
static void
check_body(const struct ms_outcome *outcome, const char *text, bool want)
{
	char data[256];

	assert_int_equal(want, outcome->body != NULL);
	if (!want)
		return;
	assert_int_equal(strlen(text), outcome->body->size);
	assert_int_equal(strlen(text), pread(outcome->body->fd, data,
	    sizeof data, 0));
	assert_memory_equal(text, data, strlen(text));
}

/* Bodies that are nowhere else stay, of what was scanned here, in a worker,
 * or before. */
static void
test_bodies(void **state)
{
	static const struct {
		const char *text;
		uint64_t ino;
		bool found, gaps;
	} rows[] = {
		{ HEAD "hello", 0, false, false },
		{ HEAD "bad-word", 0, true, false },
		{ HEAD "bad-word", 7, false, false },
		{ HEAD "too-large", 0, false, true },
		{ HEAD "bad-word", 0, true, false },
		{ "", 0, false, false },
	};

	(void)state;
	for (unsigned mode = 0; mode < 8; mode++) {
		struct ms_pipeline_config config = config_for(2);
		struct ms_pipeline *pipeline;

		config.in_process = (mode & 1) != 0;
		config.keep_found = (mode & 2) != 0;
		config.keep_gaps = (mode & 4) != 0;
		pipeline = open_pipeline(&config);
		for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
			struct ms_message *made = message(i, rows[i].text,
			    "eml");

			made->origin.dev = made->origin.ino = rows[i].ino;
			assert_int_equal(MS_OK, ms_pipeline_submit(pipeline,
			    made, NULL));
		}
		for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
			struct ms_outcome *outcome;
			void *note;

			next(pipeline, &outcome, &note);
			check_body(outcome, rows[i].text,
			    (rows[i].found && config.keep_found) ||
			    (rows[i].gaps && config.keep_gaps));
			ms_outcome_free(outcome);
		}
		close_pipeline(pipeline);
	}
}

/* Behind a slow message, only so many wait with their bodies. */
static void
test_many_bodies(void **state)
{
	struct ms_pipeline_config config = config_for(2);
	struct ms_pipeline *pipeline;
	struct ms_outcome *outcome;
	unsigned sent = 0, came = 0, behind;
	void *note;

	(void)state;
	config.keep_found = true;
	config.limits.time_ms = 1500;
	pipeline = open_pipeline(&config);
	assert_int_equal(MS_OK, ms_pipeline_submit(pipeline,
	    numbered(0, HEAD "fault-loop"), NULL));
	do {
		while (ms_pipeline_wants(pipeline)) {
			assert_int_equal(MS_OK, ms_pipeline_submit(pipeline,
			    numbered(++sent, HEAD "bad-word"), NULL));
		}
		assert_int_equal(MS_OK, ms_pipeline_next(pipeline, 100,
		    &outcome, &note, NULL));
	} while (!outcome);
	behind = sent;
	assert_true(behind < 1100);
	for (; outcome; came++) {
		assert_int_equal(came > 0, outcome->body != NULL);
		ms_outcome_free(outcome);
		if (came == behind)
			break;
		next(pipeline, &outcome, &note);
	}
	assert_true(ms_pipeline_wants(pipeline));
	close_pipeline(pipeline);
}

static void
test_about(void **state)
{
	struct ms_pipeline_config config = config_for(1);

	(void)state;
	for (int here = 0; here < 2; here++) {
		struct ms_pipeline_about about;
		struct ms_pipeline *pipeline;

		config.in_process = here == 1;
		pipeline = open_pipeline(&config);
		ms_pipeline_about(pipeline, &about);
		assert_string_equal("faulty", about.engine);
		assert_string_equal("words", about.database);
		assert_int_equal(7, about.signatures);
		assert_int_equal(5, about.database_time);
		if (here)
			assert_string_equal("none (in process)",
			    about.sandbox);
		assert_int_equal(0, access(ms_pipeline_dir(pipeline), W_OK));
		close_pipeline(pipeline);
	}
}

static void
test_does_not_open(void **state)
{
	static const struct {
		const char *name, *database, *tempdir;
		bool in_process, require;
		enum ms_status want;
	} rows[] = {
		{ "no database", "x", ".", false, false, MS_E_ENGINE },
		{ "nor here", "x", ".", true, false, MS_E_ENGINE },
		{ "no box", NULL, ".", true, true, MS_E_USAGE },
		{ "no directory", NULL, "./not/there", false, false,
		  MS_E_IO },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ms_pipeline_config config = config_for(1);
		struct ms_pipeline *pipeline = NULL;
		struct ms_error err = { "" };

		print_message("  %s\n", rows[i].name);
		config.engine.database = rows[i].database;
		config.tempdir = rows[i].tempdir;
		config.in_process = rows[i].in_process;
		config.require_sandbox = rows[i].require;
		assert_int_equal(rows[i].want, ms_pipeline_open(&config,
		    &pipeline, &err));
		assert_true(*err.text != '\0');
		assert_null(pipeline);
		close_pipeline(NULL);
	}
}

/* What is in line when it is closed goes with it. */
static void
test_close_with_work(void **state)
{
	static char note;
	const struct ms_pipeline_config config = config_for(2);
	struct ms_pipeline *pipeline = open_pipeline(&config);

	(void)state;
	for (uint64_t i = 0; i < 10; i++) {
		assert_int_equal(MS_OK, ms_pipeline_submit(pipeline,
		    message(i, i % 2 ? HEAD "fault-loop" : HEAD "x", "eml"),
		    NULL));
		ms_pipeline_note(pipeline, &note);
	}
	close_pipeline(pipeline);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(p4_outcomes),
		cmocka_unit_test(p4_every_tenth),
		cmocka_unit_test(p4_timeout),
		cmocka_unit_test(test_spill),
		cmocka_unit_test(test_same_in_process),
		cmocka_unit_test(test_unordered),
		cmocka_unit_test(test_blobs),
		cmocka_unit_test(test_blob_fails),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_raw),
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_many_bodies),
		cmocka_unit_test(test_about),
		cmocka_unit_test(test_does_not_open),
		cmocka_unit_test(test_close_with_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
