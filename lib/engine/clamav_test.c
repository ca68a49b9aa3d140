#include "engine/clamav.h"

#include <archive.h>
#include <archive_entry.h>
#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

/* Never whole in a file that somebody's scanner may read. */
#define EICAR_1 "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD"
#define EICAR_2 "-ANTIVIRUS-TEST-FILE!$H+H*"
#define MARKER "mailscan-test-marker-"

static struct ms_engine_config
config_for(const char *database)
{
	return (struct ms_engine_config){
		.database = database,
		.max_filesize = 25 << 20,
		.max_scansize = 100 << 20,
		.max_files = 1000,
		.max_recursion = 17,
		.max_scantime_ms = 60 * 1000,
	};
}

static char *
test_database(void)
{
	const char *testdata = getenv("TESTDATA");

	return g_build_filename(testdata ? testdata : "testdata", "db",
	    NULL);
}

static struct ms_engine *
open_engine(const struct ms_engine_config *changes)
{
	char *database = test_database();
	struct ms_engine_config config = changes ? *changes :
	    config_for(NULL);
	struct ms_engine *engine = NULL;
	struct ms_error err = { "" };

	config.database = database;
	if (ms_engine_open(&ms_clamav, &config, &engine, &err) != MS_OK)
		print_message("  %s\n", err.text);
	assert_non_null(engine);
	assert_int_equal(MS_OK, ms_engine_set_tmpdir(engine, ".", &err));
	g_free(database);
	return engine;
}

struct made {
	unsigned char *data;
	size_t size;
};

struct seen {
	GString *text;		/* "name;" found, "!gap;" not looked at */
	GString *layers;	/* "level:type:name=content;" */
	const char *skip;	/* name of the layer to pass over */
};

static void
on_found(void *arg, const char *name)
{
	struct seen *seen = arg;

	g_string_append_printf(seen->text, "%s;", name);
}

static void
on_gap(void *arg, enum ms_engine_gap gap, const char *detail)
{
	static const char *const names[] = {
		[MS_ENGINE_GAP_SIZE] = "size", [MS_ENGINE_GAP_TIME] = "time",
		[MS_ENGINE_GAP_MEMORY] = "memory",
		[MS_ENGINE_GAP_DEPTH] = "depth",
		[MS_ENGINE_GAP_COUNT] = "count",
		[MS_ENGINE_GAP_ENCRYPTED] = "encrypted",
	};
	struct seen *seen = arg;

	assert_true(*detail != '\0');
	g_string_append_printf(seen->text, "!%s;", names[gap]);
}

static bool
on_layer(void *arg, const struct ms_engine_layer *layer)
{
	struct seen *seen = arg;

	g_string_append_printf(seen->layers, "%u:%s:%s=", layer->level,
	    layer->type, layer->name);
	if (layer->size < 40)
		g_string_append_len(seen->layers, (const char *)layer->data,
		    (gssize)layer->size);
	g_string_append_c(seen->layers, ';');
	return seen->skip && strcmp(seen->skip, layer->name) == 0;
}

static const struct ms_engine_sink sink = { on_found, on_gap, on_layer,
	NULL };

static enum ms_status
scan(struct ms_engine *engine, const void *data, size_t size,
    struct seen *seen)
{
	const struct ms_engine_input input = { .data = data, .size = size };
	struct ms_error err = { "" };
	enum ms_status status;

	seen->text = g_string_new(NULL);
	seen->layers = g_string_new(NULL);
	status = ms_engine_scan(engine, &input, &sink, seen, &err);
	if (status != MS_OK)
		print_message("  %s\n", err.text);
	return status;
}

static void
clear(struct seen *seen)
{
	g_string_free(seen->text, TRUE);
	g_string_free(seen->layers, TRUE);
}

/* A zip of COUNT members of SIZE bytes, beginning with TEXT. */
static struct made
make_zip(const char *text, size_t size, unsigned count, bool encrypted)
{
	struct made made = { g_malloc(1 << 20), 0 };
	struct archive *a = archive_write_new();
	char *data = g_malloc0(size + 1);

	memcpy(data, text, MIN(size, strlen(text)));
	assert_int_equal(ARCHIVE_OK, archive_write_set_format_zip(a));
	if (encrypted) {
		assert_int_equal(ARCHIVE_OK, archive_write_set_options(a,
		    "zip:encryption=zipcrypt"));
		assert_int_equal(ARCHIVE_OK,
		    archive_write_set_passphrase(a, "secret"));
	}
	assert_int_equal(ARCHIVE_OK, archive_write_open_memory(a, made.data,
	    1 << 20, &made.size));
	for (unsigned i = 0; i < count; i++) {
		struct archive_entry *entry = archive_entry_new();
		char *name = g_strdup_printf("m%u", i);

		/* No two alike. */
		if (count > 1)
			(void)g_snprintf(data, size + 1, "%u%s", i, text);
		archive_entry_set_pathname(entry, name);
		archive_entry_set_filetype(entry, AE_IFREG);
		archive_entry_set_size(entry, (la_int64_t)size);
		assert_int_equal(ARCHIVE_OK, archive_write_header(a, entry));
		assert_int_equal(size, archive_write_data(a, data, size));
		archive_entry_free(entry);
		g_free(name);
	}
	assert_int_equal(ARCHIVE_OK, archive_write_close(a));
	assert_int_equal(ARCHIVE_OK, archive_write_free(a));
	g_free(data);
	return made;
}

static void
test_texts(void **state)
{
	static const struct {
		const char *name, *text, *want;
	} cases[] = {
		{ "nothing", "", "" },
		{ "clean", "hello\n", "" },
		{ "any", MARKER "any", "Mailscan.Test.Any.UNOFFICIAL;" },
		{ "cut", "mailscan-test-marker-an", "" },
		{ "html", "<html><body>" MARKER "html</body></html>",
		  "Mailscan.Test.Html.UNOFFICIAL;" },
		{ "logical", MARKER "one " MARKER "two",
		  "Mailscan.Test.Logical.UNOFFICIAL;" },
		{ "half of it", MARKER "one", "" },
		{ "twice, told once", MARKER "any " MARKER "any",
		  "Mailscan.Test.Any.UNOFFICIAL;" },
		{ "in a mail, in base64",
		  "From: a@b\nTo: c@d\nSubject: x\nMIME-Version: 1.0\n"
		  "Content-Type: multipart/mixed; boundary=b\n\n--b\n"
		  "Content-Type: application/octet-stream; name=x\n"
		  "Content-Transfer-Encoding: base64\n\n"
		  "bWFpbHNjYW4tdGVzdC1tYXJrZXItYW55\n--b--\n",
		  "Mailscan.Test.Any.UNOFFICIAL;" },
	};
	struct ms_engine *engine = open_engine(NULL);

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct seen seen = { 0 };

		print_message("  %s\n", cases[i].name);
		assert_int_equal(MS_OK, scan(engine, cases[i].text,
		    strlen(cases[i].text), &seen));
		assert_string_equal(cases[i].want, seen.text->str);
		clear(&seen);
	}
	ms_engine_close(engine);
	ms_engine_close(NULL);
}

static void
test_eicar(void **state)
{
	char *eicar = g_strconcat(EICAR_1, EICAR_2, NULL);
	struct ms_engine *engine = open_engine(NULL);
	struct seen seen = { 0 };

	(void)state;
	assert_int_equal(68, strlen(eicar));
	assert_int_equal(MS_OK, scan(engine, eicar, 68, &seen));
	assert_non_null(strstr(seen.text->str, "Eicar-Test-Signature"));
	clear(&seen);
	assert_int_equal(MS_OK, scan(engine, eicar, 60, &seen));
	assert_string_equal("", seen.text->str);
	clear(&seen);
	ms_engine_close(engine);
	g_free(eicar);
}

/*
 * The contract of cl_engine_set_clcb_file_inspection(), which libclamav's
 * header calls unstable and on which scan/layers is built: every layer is
 * shown before its content is matched, containers before what is in them,
 * with bytes, type, name and depth; and a layer that is answered with
 * CL_BREAK is passed over as clean, while the scan goes on.
 */
static void
test_layer_contract(void **state)
{
	struct made zip = make_zip(MARKER "any", 25, 2, false);
	struct ms_engine *engine = open_engine(NULL);
	struct seen seen = { 0 };
	const char *first, *second;

	(void)state;
	assert_int_equal(MS_OK, scan(engine, zip.data, zip.size, &seen));
	print_message("  %s\n", seen.layers->str);
	assert_true(g_str_has_prefix(seen.layers->str, "0:CL_TYPE_ZIP:"));
	first = strstr(seen.layers->str, "m0=0" MARKER "any");
	second = strstr(seen.layers->str, "m1=1" MARKER "any");
	assert_non_null(first);
	assert_non_null(second);
	assert_true(first < second);
	assert_non_null(strstr(seen.layers->str, ";1:CL_TYPE_"));
	assert_string_equal("Mailscan.Test.Any.UNOFFICIAL;",
	    seen.text->str);
	clear(&seen);
	/* One of two passed over: the other one is found. */
	seen.skip = "m0";
	assert_int_equal(MS_OK, scan(engine, zip.data, zip.size, &seen));
	assert_string_equal("Mailscan.Test.Any.UNOFFICIAL;",
	    seen.text->str);
	clear(&seen);
	g_free(zip.data);
	/* The only one passed over: nothing is. */
	zip = make_zip(MARKER "any", 24, 1, false);
	assert_int_equal(MS_OK, scan(engine, zip.data, zip.size, &seen));
	assert_string_equal("", seen.text->str);
	clear(&seen);
	g_free(zip.data);
	ms_engine_close(engine);
}

static void
on_suspect(void *arg)
{
	struct seen *seen = arg;

	g_string_append(seen->text, "?;");
}

/*
 * The contract of cl_engine_set_clcb_hash(): it is called for every match
 * that lists of what is fine are asked about because of a layer around it,
 * whether or not they have it. (A match in a file that is itself in such a
 * list is none wherever the file is.)
 */
static void
test_suspect_contract(void **state)
{
	static const char signature[] = "Bad:0:*:6d61726b6572\n";
	struct made fine = make_zip("this has a marker", 17, 1, false);
	struct made other = make_zip("this has a marker", 18, 1, false);
	const struct ms_engine_sink sinks[] = {
		{ on_found, on_gap, on_layer, on_suspect },
		{ on_found, on_gap, on_layer, NULL },
	};
	struct ms_engine_config config = config_for("./fine");
	char *md5 = g_compute_checksum_for_data(G_CHECKSUM_MD5, fine.data,
	    fine.size);
	char *list = g_strdup_printf("%s:%u:fine\n", md5,
	    (unsigned)fine.size);
	struct ms_engine *engine = NULL;
	struct ms_error err = { "" };

	(void)state;
	assert_int_equal(0, mkdir("fine", 0700));
	assert_true(g_file_set_contents("fine/a.ndb", signature, -1, NULL));
	assert_true(g_file_set_contents("fine/a.fp", list, -1, NULL));
	assert_int_equal(MS_OK, ms_engine_open(&ms_clamav, &config, &engine,
	    &err));
	for (size_t i = 0; i < 4; i++) {
		const struct made *zip = i < 2 ? &fine : &other;
		const struct ms_engine_input input = { .data = zip->data,
			.size = zip->size };
		struct seen seen = { .text = g_string_new(NULL),
			.layers = g_string_new(NULL) };
		bool found, suspected;

		assert_int_equal(MS_OK, ms_engine_scan(engine, &input,
		    &sinks[i % 2], &seen, &err));
		print_message("  %s\n", seen.text->str);
		found = strstr(seen.text->str, "Bad.UNOFFICIAL;");
		suspected = g_str_has_prefix(seen.text->str, "?;");
		assert_int_equal(zip == &other, found);
		assert_int_equal(i % 2 == 0, suspected);
		clear(&seen);
	}
	ms_engine_close(engine);
	g_free(list);
	g_free(md5);
	g_free(fine.data);
	g_free(other.data);
}

static void
test_gaps(void **state)
{
	static const struct {
		const char *name;
		size_t size;
		unsigned count;
		bool encrypted;
		uint64_t max_filesize, max_scansize;
		uint32_t max_files;
		const char *want;
	} cases[] = {
		{ "roomy", 3000, 3, false, 1 << 20, 1 << 22, 100, "" },
		{ "encrypted", 3000, 1, true, 1 << 20, 1 << 22, 100,
		  "!encrypted;" },
		/* clamscan leaves it out without a word. */
		{ "a large member", 300000, 1, false, 100000, 1 << 22, 100,
		  "!size;" },
		{ "much in all", 30000, 5, false, 100000, 70000, 100,
		  "!size;" },
		{ "many", 3000, 9, false, 1 << 20, 1 << 22, 4, "!count;" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_engine_config config = config_for(NULL);
		struct made zip = make_zip("hello", cases[i].size,
		    cases[i].count, cases[i].encrypted);
		struct ms_engine *engine;
		struct seen seen = { 0 };

		config.max_filesize = cases[i].max_filesize;
		config.max_scansize = cases[i].max_scansize;
		config.max_files = cases[i].max_files;
		engine = open_engine(&config);
		assert_int_equal(MS_OK, scan(engine, zip.data, zip.size,
		    &seen));
		print_message("  %s: %s\n", cases[i].name, seen.text->str);
		if (*cases[i].want == '\0')
			assert_string_equal("", seen.text->str);
		else
			assert_true(g_str_has_prefix(seen.text->str,
			    cases[i].want));
		clear(&seen);
		ms_engine_close(engine);
		g_free(zip.data);
	}
}

/*
 * A layer is shown before it is looked at, and a limit may come between: here
 * it is time, the others come before the layer is shown. Whatever the limit,
 * what is not found is told.
 */
static void
test_shown_is_not_examined(void **state)
{
	const size_t size = 3 << 20;
	char *text = g_strnfill(size, 'x');
	struct made zip;
	bool found = false;

	(void)state;
	memcpy(text + size - 24, MARKER "any", 24);
	zip = make_zip(text, size, 1, false);
	for (uint32_t ms = 1; !found; ms *= 2) {
		struct ms_engine_config config = config_for(NULL);
		struct seen seen = { 0 };
		struct ms_engine *engine;
		bool shown, told;

		config.max_scantime_ms = ms;
		engine = open_engine(&config);
		assert_int_equal(MS_OK, scan(engine, zip.data, zip.size,
		    &seen));
		found = strstr(seen.text->str, "Test.Any");
		told = strstr(seen.text->str, "!time;");
		shown = strstr(seen.layers->str, ";1:");
		print_message("  %u ms:%s%s%s\n", ms, shown ? " shown" : "",
		    told ? " told" : "", found ? " found" : "");
		assert_true(found || told);
		assert_true(shown || !found);
		clear(&seen);
		ms_engine_close(engine);
	}
	g_free(zip.data);
	g_free(text);
}

/* A mail with a marker behind COUNT times LAYER, in which '#' is the number
 * of the layer and '~' much text. */
static GString *
make_deep(const char *layer, unsigned count)
{
	GString *mail = g_string_new("From: a@b\nMIME-Version: 1.0\n");
	char *much = g_strnfill(600, 'a');

	for (unsigned i = 0; i < count; i++)
		for (const char *p = layer; *p != '\0'; p++) {
			if (*p == '#')
				g_string_append_printf(mail, "%u", i);
			else if (*p == '~')
				g_string_append(mail, much);
			else
				g_string_append_c(mail, *p);
		}
	g_free(much);
	g_string_append(mail, "Content-Type: text/plain\n"
	    "Content-Transfer-Encoding: base64\n\n"
	    "bWFpbHNjYW4tdGVzdC1tYXJrZXItYW55\n");
	return mail;
}

/* What stops the mail parser is told as what it is, and as a finding only if
 * that is asked for. */
static void
test_mail_limits(void **state)
{
	static const struct {
		const char *name, *layer;
		unsigned few, many;
		const char *want;
	} cases[] = {
		{ "multiparts", "Content-Type: multipart/mixed; "
		  "boundary=b#\n\n--b#\n", 15, 40, "!depth;" },
		{ "messages", "Content-Type: message/rfc822\n\n"
		  "From: a@b\n", 15, 40, "!depth;" },
		{ "fields", "Content-Disposition: attachment\n",
		  1000, 1100, "!count;" },
		{ "long fields", "Content-Disposition: attachment; "
		  "x=\"~\"\n", 300, 700, "!size;" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
		for (int alert = 0; alert < 2; alert++) {
			struct ms_engine_config config = config_for(NULL);
			GString *few = make_deep(cases[i].layer,
			    cases[i].few);
			GString *many = make_deep(cases[i].layer,
			    cases[i].many);
			struct ms_engine *engine;
			struct seen seen = { 0 };

			print_message("  %s\n", cases[i].name);
			config.alerts = alert ?
			    MS_ENGINE_ALERT_EXCEEDS_MAX : 0;
			engine = open_engine(&config);
			assert_int_equal(MS_OK, scan(engine, few->str,
			    few->len, &seen));
			assert_string_equal("Mailscan.Test.Any.UNOFFICIAL;",
			    seen.text->str);
			clear(&seen);
			assert_int_equal(MS_OK, scan(engine, many->str,
			    many->len, &seen));
			print_message("  %s\n", seen.text->str);
			assert_true(g_str_has_prefix(seen.text->str,
			    cases[i].want));
			assert_int_equal(alert == 1,
			    strstr(seen.text->str, "Heuristics") != NULL);
			clear(&seen);
			ms_engine_close(engine);
			g_string_free(few, TRUE);
			g_string_free(many, TRUE);
		}
}

/* clamscan's --alert-encrypted-archive: a gap, and a finding. */
static void
test_alerts(void **state)
{
	static const struct {
		const char *name;
		unsigned alerts;
		const char *want;
	} cases[] = {
		{ "none", 0, "!encrypted;" },
		{ "another", MS_ENGINE_ALERT_MACROS, "!encrypted;" },
		{ "this one", MS_ENGINE_ALERT_ENCRYPTED_ARCHIVE,
		  "!encrypted;Heuristics.Encrypted.Zip;" },
	};
	struct made zip = make_zip("hello", 100, 1, true);

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_engine_config config = config_for(NULL);
		struct ms_engine *engine;
		struct seen seen = { 0 };

		print_message("  %s\n", cases[i].name);
		config.alerts = cases[i].alerts;
		engine = open_engine(&config);
		assert_int_equal(MS_OK, scan(engine, zip.data, zip.size,
		    &seen));
		assert_string_equal(cases[i].want, seen.text->str);
		clear(&seen);
		ms_engine_close(engine);
	}
	g_free(zip.data);
}

static void
test_does_not_open(void **state)
{
	static const struct {
		const char *name, *path, *want;
	} cases[] = {
		{ "missing", "./not/there", "No such file" },
		{ "empty", "./empty", "no signature database in it" },
		{ "broken", "./broken", "./broken: cannot load" },
		{ "broken file", "./broken/bad.ndb", "cannot load" },
	};

	(void)state;
	assert_int_equal(0, mkdir("empty", 0700));
	assert_int_equal(0, mkdir("broken", 0700));
	assert_true(g_file_set_contents("broken/bad.ndb",
	    "this:is\nno signature\n", -1, NULL));
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		const struct ms_engine_config config =
		    config_for(cases[i].path);
		struct ms_engine *engine = NULL;
		struct ms_error err = { "" };

		print_message("  %s\n", cases[i].name);
		assert_int_equal(MS_E_ENGINE, ms_engine_open(&ms_clamav,
		    &config, &engine, &err));
		print_message("  %s\n", err.text);
		assert_non_null(strstr(err.text, cases[i].want));
		assert_non_null(strstr(err.text, cases[i].path));
		assert_null(strchr(err.text, '\n'));
		assert_null(engine);
	}
}

static void
test_info(void **state)
{
	struct ms_engine *engine = open_engine(NULL);
	struct ms_engine_info info;

	(void)state;
	ms_engine_info(engine, &info);
	assert_string_equal("clamav", info.name);
	assert_string_equal(ms_clamav.version(), info.version);
	assert_string_equal("5 files", info.database);
	assert_in_range(info.signatures, 5, 100);
	assert_true(info.database_time > 0);
	ms_engine_info_clear(&info);
	ms_engine_close(engine);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_eicar),
		cmocka_unit_test(test_layer_contract),
		cmocka_unit_test(test_suspect_contract),
		cmocka_unit_test(test_gaps),
		cmocka_unit_test(test_shown_is_not_examined),
		cmocka_unit_test(test_mail_limits),
		cmocka_unit_test(test_alerts),
		cmocka_unit_test(test_does_not_open),
		cmocka_unit_test(test_info),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
