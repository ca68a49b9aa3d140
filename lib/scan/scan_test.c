#include "scan/scan.h"

#include "engine/clamav.h"
#include "scan/verdict.h"

#include <archive.h>
#include <archive_entry.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Never whole in a file that somebody's scanner may read. */
#define EICAR_1 "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD"
#define EICAR_2 "-ANTIVIRUS-TEST-FILE!$H+H*"

#define ANY "mailscan-test-marker-any"

static struct ms_scan_config config;

static int
start(void **state)
{
	const char *testdata = getenv("TESTDATA");
	char *database = g_build_filename(testdata ? testdata : "testdata",
	    "db", NULL);
	const struct ms_engine_config engine = {
		.database = database,
		.max_filesize = 25 << 20,
		.max_scansize = 100 << 20,
		.max_files = 1000,
		.max_recursion = 17,
		.max_scantime_ms = 60 * 1000,
	};
	struct ms_error err = { "" };

	(void)state;
	ms_scan_start();
	if (ms_engine_open(&ms_clamav, &engine, &config.engine, &err) !=
	    MS_OK)
		print_message("%s\n", err.text);
	g_free(database);
	config.spool.heap_max = 1 << 20;
	return config.engine ? 0 : -1;
}

static int
stop(void **state)
{
	(void)state;
	ms_engine_close(config.engine);
	return 0;
}

static int
fresh(void **state)
{
	(void)state;
	config.layers = ms_layers_new(true);
	config.limits = (struct ms_budget_limits){
		.part_bytes = 1 << 20,
		.total_bytes = 10 << 20,
		.ratio = 1000,
		.parts = 1000,
		.mime_depth = 10,
		.archive_depth = 10,
		.time_ms = 60 * 1000,
	};
	return 0;
}

static int
stale(void **state)
{
	(void)state;
	ms_layers_free(config.layers);
	return 0;
}

static void
on_headers(void *arg, const struct ms_headers *headers)
{
	struct ms_facts *facts = arg;

	facts->headers.subject = g_strdup(headers->subject);
}

static void
on_finding(void *arg, const char *engine, const char *name, const char *part)
{
	ms_facts_finding(arg, engine, name, part);
}

static void
on_gap(void *arg, enum ms_reason reason, const char *part,
    const char *detail)
{
	ms_facts_gap(arg, reason, part, detail);
}

static void
on_ambiguity(void *arg, const char *reason, const char *part,
    const char *detail)
{
	ms_facts_ambiguity(arg, reason, part, detail);
}

static void
on_piece(void *arg, const struct ms_facts_piece *piece)
{
	ms_facts_piece(arg, piece);
}

static void
on_part(void *arg, const struct ms_part *part)
{
	ms_facts_part(arg, part);
}

/* "verdict|subject|name@part;reason!part;path:size:type;" when settled;
 * "Mailscan.Test." and ".UNOFFICIAL" go without saying. */
static char *
describe(const struct ms_scan_input *input, bool parts)
{
	const struct ms_scan_sink sink = { on_headers, on_finding, on_gap,
		on_ambiguity, on_piece, parts ? on_part : NULL, NULL, NULL,
		NULL };
	GString *text = g_string_new(NULL);
	struct ms_facts facts;

	ms_facts_init(&facts);
	ms_scan(&config, input, &sink, &facts);
	ms_facts_settle(&facts, false);
	g_string_append_printf(text, "%s|%s|",
	    ms_verdict_name(ms_verdict_of(&facts)),
	    facts.headers.subject ? facts.headers.subject : "");
	for (guint i = 0; i < facts.findings->len; i++) {
		const struct ms_finding *finding = facts.findings->pdata[i];

		g_string_append_printf(text, "%s@%s;", finding->name,
		    finding->part);
	}
	for (guint i = 0; i < facts.gaps->len; i++) {
		const struct ms_gap *gap = facts.gaps->pdata[i];

		g_string_append_printf(text, "%s!%s;",
		    ms_facts_reason_name(gap->reason), gap->part);
	}
	for (guint i = 0; i < facts.parts->len; i++) {
		const struct ms_part *part = facts.parts->pdata[i];

		g_string_append_printf(text, "%s:%u:%s;", part->path,
		    (unsigned)part->size, part->detected_type);
	}
	ms_facts_clear(&facts);
	(void)g_string_replace(text, "Mailscan.Test.", "", 0);
	(void)g_string_replace(text, ".UNOFFICIAL", "", 0);
	return g_string_free(text, FALSE);
}

static void
check(const char *want, const GString *message)
{
	const struct ms_scan_input input = {
		.data = (const unsigned char *)message->str,
		.size = message->len };
	char *got = describe(&input, false);

	assert_string_equal(want, got);
	g_free(got);
}

/* A zip of MEMBERS of ("name", text) pairs, or gzip-like nesting by hand. */
static GString *
make_zip(const char *const *members, const GString *inner, bool encrypted)
{
	char *buffer = g_malloc(1 << 20);
	struct archive *a = archive_write_new();
	GString *out;
	size_t size = 0;

	assert_int_equal(ARCHIVE_OK, archive_write_set_format_zip(a));
	if (encrypted) {
		assert_int_equal(ARCHIVE_OK, archive_write_set_options(a,
		    "zip:encryption=zipcrypt"));
		assert_int_equal(ARCHIVE_OK,
		    archive_write_set_passphrase(a, "secret"));
	}
	assert_int_equal(ARCHIVE_OK, archive_write_open_memory(a, buffer,
	    1 << 20, &size));
	for (; *members; members += 2) {
		struct archive_entry *entry = archive_entry_new();
		const char *data = members[1] ? members[1] : inner->str;
		size_t length = members[1] ? strlen(members[1]) :
		    inner->len;

		archive_entry_set_pathname(entry, members[0]);
		archive_entry_set_filetype(entry, AE_IFREG);
		archive_entry_set_size(entry, (la_int64_t)length);
		assert_int_equal(ARCHIVE_OK, archive_write_header(a, entry));
		assert_int_equal(length,
		    archive_write_data(a, data, length));
		archive_entry_free(entry);
		if (!members[1])
			members--;
	}
	assert_int_equal(ARCHIVE_OK, archive_write_close(a));
	assert_int_equal(ARCHIVE_OK, archive_write_free(a));
	out = g_string_new_len(buffer, (gssize)size);
	g_free(buffer);
	return out;
}

#define TOP "From: a@b\nTo: c@d\nSubject: s\nMIME-Version: 1.0\n"
#define WIRE "From: a@b\r\nTo: c@d\r\nSubject: s\r\nMIME-Version: 1.0\r\n"
#define MIXED TOP "Content-Type: multipart/mixed; boundary=b\n\n"

static void
attach(GString *message, const char *name, const char *data, size_t size)
{
	char *base64 = g_base64_encode((const guchar *)data, size);

	g_string_append_printf(message, "--b\nContent-Type: "
	    "application/octet-stream\nContent-Disposition: attachment; "
	    "filename=\"%s\"\nContent-Transfer-Encoding: base64\n\n%s\n",
	    name, base64);
	g_free(base64);
}

static void
attach_string(GString *message, const char *name, GString *data)
{
	attach(message, name, data->str, data->len);
	g_string_free(data, TRUE);
}

static void
test_texts(void **state)
{
	static const struct {
		const char *name, *text, *want;
	} cases[] = {
		{ "clean", TOP "\nhello\n", "clean|s|" },
		{ "nothing", "", "clean||" },
		{ "in the text", TOP "\n" ANY "\n", "infected|s|Any@1;" },
		{ "of the whole mail", TOP "X: mailscan-test-marker-mail\n"
		  "\nhello\n", "infected|s|Mail@;" },
		{ "uuencoded", TOP "\nbegin 644 x\n"
		  "8;6%I;'-C86XM=&5S=\"UM87)K97(M86YY\n`\nend\n",
		  "infected|s|Any@1/x;" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		GString *message = g_string_new(cases[i].text);

		print_message("  %s\n", cases[i].name);
		check(cases[i].want, message);
		g_string_free(message, TRUE);
	}
}

/* A finding is told with the part it is in, however deep. */
static void
test_paths(void **state)
{
	static const char *const members[] = { "a.txt", "hello", "b.exe",
		ANY, NULL };
	static const char *const nested[] = { "inner.zip", NULL, NULL };
	char *eicar = g_strconcat(EICAR_1, EICAR_2, NULL);
	GString *message = g_string_new(MIXED);
	GString *inner = make_zip(members, NULL, false);

	(void)state;
	attach(message, "eicar.com", eicar, strlen(eicar));
	attach_string(message, "outer.zip", make_zip(nested, inner, false));
	g_string_append(message, "--b--\n");
	check("infected|s|Eicar-Test-Signature@1/eicar.com;"
	    "Any@2/outer.zip/inner.zip/b.exe;", message);
	g_string_free(inner, TRUE);
	g_string_free(message, TRUE);
	g_free(eicar);
}

/* The same bytes twice: both are named. */
static void
test_twice(void **state)
{
	GString *message = g_string_new(MIXED);

	(void)state;
	attach(message, "one", ANY, strlen(ANY));
	attach(message, "two", ANY, strlen(ANY));
	g_string_append(message, "--b--\n");
	check("infected|s|Any@1/one;Any@2/two;", message);
	/* And again in the next message of this process. */
	check("infected|s|Any@1/one;Any@2/two;", message);
	g_string_free(message, TRUE);
}

/* What was clean in one message is clean in the next, but only there where
 * it is the same. */
static void
test_known(void **state)
{
	GString *message = g_string_new(MIXED);

	(void)state;
	attach(message, "one", "hello, this is me", 17);
	g_string_append(message, "--b--\n");
	for (int i = 0; i < 3; i++)
		check("clean|s|", message);
	g_string_truncate(message, message->len - 6);
	attach(message, "two", ANY, strlen(ANY));
	g_string_append(message, "--b--\n");
	for (int i = 0; i < 3; i++)
		check("infected|s|Any@2/two;", message);
	g_string_free(message, TRUE);
}

static void
test_gaps(void **state)
{
	static const char *const members[] = { "a.txt", "hello", NULL };
	static const char *const nested[] = { "inner.zip", NULL, NULL };
	static const struct {
		const char *name;
		unsigned archive_depth;
		uint64_t part_bytes, parts;
		bool encrypted, cut;
		const char *want;	/* how it begins */
	} cases[] = {
		{ "none", 2, 1 << 20, 100, false, false, "clean|s|" },
		{ "depth", 1, 1 << 20, 100, false, false,
		  "incomplete|s|limit-depth!1/outer.zip/inner.zip;" },
		{ "encrypted", 2, 1 << 20, 100, true, false,
		  "encrypted|s|encrypted!1/outer.zip/inner.zip;" },
		{ "cut", 2, 1 << 20, 100, false, true, "incomplete|s|" },
		{ "size", 2, 10, 100, false, false,
		  "incomplete|s|limit-size!1;" },
		{ "count", 2, 1 << 20, 2, false, false,
		  "incomplete|s|limit-count!;" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		GString *message = g_string_new(MIXED);
		GString *inner = make_zip(members, NULL, false);
		GString *outer = make_zip(nested, inner, cases[i].encrypted);
		struct ms_scan_input input = { 0 };
		char *got;

		print_message("  %s\n", cases[i].name);
		(void)stale(state);
		(void)fresh(state);
		config.limits.archive_depth = cases[i].archive_depth;
		config.limits.part_bytes = cases[i].part_bytes;
		config.limits.parts = cases[i].parts;
		if (cases[i].cut)
			g_string_truncate(outer, outer->len / 3);
		attach_string(message, "outer.zip", outer);
		g_string_append(message, "--b--\n");
		input.data = (const unsigned char *)message->str;
		input.size = message->len;
		got = describe(&input, false);
		if (!g_str_has_prefix(got, cases[i].want))
			print_message("  got %s\n", got);
		assert_true(g_str_has_prefix(got, cases[i].want));
		g_free(got);
		g_string_free(inner, TRUE);
		g_string_free(message, TRUE);
	}
}

/* What the input itself says. */
static void
test_inputs(void **state)
{
	static const struct {
		const char *name, *text;
		uint64_t omitted;
		bool raw, reduced;
		const char *want;
	} cases[] = {
		{ "omitted", TOP "\nhello\n", 10, false, false,
		  "incomplete|s|limit-size!;" },
		{ "omitted and found", TOP "\n" ANY "\n", 10, false, false,
		  "infected|s|Any@1;limit-size!;" },
		{ "raw", ANY, 0, true, false, "infected||Any@;" },
		{ "raw, of a mail", TOP "\n" ANY "\n", 0, true, false,
		  "infected||Any@1;" },
		{ "reduced", TOP "\n" ANY "\n", 0, false, true,
		  "infected||Any@;" },
		{ "reduced, omitted", TOP "\nhello\n", 1, false, true,
		  "incomplete||limit-size!;" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		const struct ms_scan_input input = {
			.data = (const unsigned char *)cases[i].text,
			.size = strlen(cases[i].text),
			.omitted = cases[i].omitted,
			.raw = cases[i].raw,
			.reduced = cases[i].reduced,
		};
		char *got = describe(&input, false);

		print_message("  %s\n", cases[i].name);
		assert_string_equal(cases[i].want, got);
		g_free(got);
	}
}

static void
test_parts(void **state)
{
	static const char *const members[] = { "a.txt", "hello", "b", "",
		NULL };
	GString *message = g_string_new(MIXED "--b\n\ntext\n");
	struct ms_scan_input input = { 0 };
	GString *zip = make_zip(members, NULL, false);
	char *want = g_strdup_printf("clean|s|1:4:text/plain;2/x.zip:%u:"
	    "application/zip;2/x.zip/a.txt:5:text/plain;"
	    "2/x.zip/b:0:inode/x-empty;", (unsigned)zip->len);
	char *got;

	(void)state;
	attach_string(message, "x.zip", zip);
	g_string_append(message, "--b--\n");
	input.data = (const unsigned char *)message->str;
	input.size = message->len;
	/* Known or not, parts are listed. */
	for (int i = 0; i < 2; i++) {
		got = describe(&input, true);
		assert_string_equal(want, got);
		g_free(got);
	}
	g_string_free(message, TRUE);
	g_free(want);
}

/* An engine that shows what is inside a message, and stops there. */
static enum ms_status
open_stopping(const struct ms_engine_config *engine_config, void **state,
    struct ms_error *err)
{
	(void)engine_config;
	(void)err;
	*state = NULL;
	return MS_OK;
}

static void
close_stopping(void *state)
{
	(void)state;
}

static enum ms_status
scan_stopping(void *state, const struct ms_engine_input *input,
    const struct ms_engine_sink *sink, void *arg, struct ms_error *err)
{
	static const struct ms_engine_layer layers[] = {
		{ .data = (const unsigned char *)"evil", .size = 4,
		  .type = "T", .name = "", .level = 1 },
		{ .data = (const unsigned char *)"an\nevil\nlot\n",
		  .size = 12, .type = "CL_TYPE_TEXT_ASCII", .name = "",
		  .level = 1 },
	};
	const struct ms_engine_layer outermost = { .data = input->data,
		.size = input->size, .type = "CL_TYPE_TEXT_ASCII",
		.name = "" };

	(void)state;
	(void)err;
	if (sink->layer(arg, &outermost))
		return MS_OK;
	if (memmem(input->data, input->size, "Subject:", 8)) {
		for (size_t i = 0; i < G_N_ELEMENTS(layers); i++)
			(void)sink->layer(arg, &layers[i]);
		if (memmem(input->data, input->size, "Stop:", 5))
			sink->gap(arg, MS_ENGINE_GAP_SIZE, "enough");
	} else if (memmem(input->data, input->size, "evil", 4)) {
		sink->found(arg, "Evil");
	}
	return MS_OK;
}

/* What an engine has shown counts as looked at only if nothing stopped it
 * there. */
static void
test_stopped_engine(void **state)
{
	static const struct ms_engine_ops stopping = { .name = "stopping",
		.open = open_stopping, .close = close_stopping,
		.scan = scan_stopping };
	static const struct {
		const char *name, *text, *want;
	} cases[] = {
		{ "to the end", TOP "\nevil", "clean|s|" },
		{ "stopped", "Stop: x\n" TOP "\nevil",
		  "infected|s|Evil@1;limit-size!;" },
		/* The lines of a text are its own in any form; the bytes of
		 * what is encoded, or saved as a file, are not, whatever
		 * came before. */
		{ "lines", TOP "\nan\nevil\nlot\n", "clean|s|" },
		{ "lines in transport", WIRE "\r\nan\r\nevil\r\nlot\r\n",
		  "clean|s|" },
		{ "a file", WIRE "Content-Disposition: inline; filename=f\r\n"
		  "\r\nan\r\nevil\r\nlot\r\n", "infected|s|Evil@1/f;" },
		{ "no text", WIRE "Content-Type: image/png\r\n\r\n"
		  "an\r\nevil\r\nlot\r\n", "infected|s|Evil@1;" },
		{ "a calendar", WIRE "Content-Type: text/calendar\r\n\r\n"
		  "an\r\nevil\r\nlot\r\n", "infected|s|Evil@1;" },
		{ "attached", WIRE "Content-Disposition: attachment\r\n\r\n"
		  "an\r\nevil\r\nlot\r\n", "infected|s|Evil@1;" },
		{ "inline", WIRE "Content-Disposition: inline\r\n\r\n"
		  "an\r\nevil\r\nlot\r\n", "clean|s|" },
		{ "described", WIRE "Content-Description: lot.vbs\r\n\r\n"
		  "an\r\nevil\r\nlot\r\n", "infected|s|Evil@1;" },
		{ "and as a file", WIRE "Content-Type: multipart/mixed; "
		  "boundary=b\r\n\r\n--b\r\n\r\nan\r\nevil\r\nlot\r\n"
		  "--b\r\nContent-Type: text/plain; name=f\r\n"
		  "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
		  "an\r\nevil\r\nlot\r\n--b--\r\n",
		  "infected|s|Evil@2/f;" },
		{ "base64", WIRE "Content-Transfer-Encoding: base64\r\n\r\n"
		  "YW4NCmV2aWwNCmxvdA0K\r\n", "infected|s|Evil@1;" },
		{ "quoted-printable", WIRE "Content-Transfer-Encoding: "
		  "quoted-printable\r\n\r\nan\r\nevil\r\nlot\r\n",
		  "infected|s|Evil@1;" },
	};
	static const struct ms_engine_config nothing;
	struct ms_engine *clamav = config.engine;

	(void)state;
	assert_int_equal(MS_OK, ms_engine_open(&stopping, &nothing,
	    &config.engine, NULL));
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		GString *message = g_string_new(cases[i].text);

		print_message("  %s\n", cases[i].name);
		check(cases[i].want, message);
		g_string_free(message, TRUE);
	}
	ms_engine_close(config.engine);
	config.engine = clamav;
}

/* No time left: an error, never clean. */
static void
test_no_time(void **state)
{
	GString *message = g_string_new(MIXED);

	(void)state;
	config.limits.time_ms = 0;
	attach(message, "one", "hello", 5);
	g_string_append(message, "--b--\n");
	check("error|s|limit-time!;", message);
	g_string_free(message, TRUE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_texts, fresh, stale),
		cmocka_unit_test_setup_teardown(test_paths, fresh, stale),
		cmocka_unit_test_setup_teardown(test_twice, fresh, stale),
		cmocka_unit_test_setup_teardown(test_known, fresh, stale),
		cmocka_unit_test_setup_teardown(test_gaps, fresh, stale),
		cmocka_unit_test_setup_teardown(test_inputs, fresh, stale),
		cmocka_unit_test_setup_teardown(test_parts, fresh, stale),
		cmocka_unit_test_setup_teardown(test_stopped_engine, fresh,
		    stale),
		cmocka_unit_test_setup_teardown(test_no_time, fresh, stale),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
