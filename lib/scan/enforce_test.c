#include "scan/enforce.h"

#include "message/mime.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct ms_sniff_type text_type = { "text/plain", MS_SNIFF_TEXT,
	MS_SNIFF_NONE };
static const struct ms_sniff_type gzip_type = { "application/gzip",
	MS_SNIFF_ARCHIVE, MS_SNIFF_GZIP };

static void
on_blocked(void *arg, const char *rule, const char *part)
{
	g_string_append_printf(arg, "%s@%s;", rule, part);
}

static void
on_gap(void *arg, enum ms_reason reason, const char *part,
    const char *detail)
{
	for (const char *p = detail; *p != '\0'; p++)
		assert_true(g_ascii_isprint(*p));
	g_string_append_printf(arg, "%s!%s;", ms_facts_reason_name(reason),
	    part);
}

static const struct ms_scan_sink sink = { .gap = on_gap,
	.blocked = on_blocked };

/* A message's worth of enforcing. */
struct trial {
	struct ms_enforce enforce;
	struct ms_rulebook *book;
	struct ms_budget budget;
	GString *told;
};

static void
begin(struct trial *trial, const struct ms_rulebook_config *config)
{
	const struct ms_budget_limits limits = { .time_ms = 60000 };
	struct ms_error err;

	assert_int_equal(ms_rulebook_new(config, &trial->book, &err), MS_OK);
	trial->told = g_string_new(NULL);
	ms_budget_init(&trial->budget, &limits);
	ms_enforce_init(&trial->enforce, trial->book, &sink, trial->told,
	    &trial->budget);
}

static void
end(struct trial *trial, const char *want)
{
	assert_string_equal(trial->told->str, want);
	assert_int_equal(trial->enforce.clean, *want == '\0');
	ms_enforce_clear(&trial->enforce);
	ms_rulebook_free(trial->book);
	(void)g_string_free(trial->told, TRUE);
}

static const char *const exe[] = { ".exe", NULL };

static void
test_names(void **state)
{
	const struct ms_rulebook_config config = { .names = exe };
	GPtrArray *names = g_ptr_array_new();
	struct trial trial;

	(void)state;
	g_ptr_array_add(names, (gpointer)(uintptr_t)"b.txt");
	g_ptr_array_add(names, (gpointer)(uintptr_t)"B.EXE");
	begin(&trial, &config);
	ms_enforce_names(&trial.enforce, "1", "a.txt", NULL);
	end(&trial, "");
	begin(&trial, &config);
	ms_enforce_names(&trial.enforce, "1", "a.txt", names);
	ms_enforce_names(&trial.enforce, "2/x", "a.exe", NULL);
	end(&trial, "name:.exe@1;name:.exe@2/x;");
	g_ptr_array_unref(names);
}

/* What a compressed file holds has its name. */
static void
test_stream(void **state)
{
	const struct ms_rulebook_config config = { .names = exe };
	const struct ms_content content = { .path = "1/a.exe.gz",
		.name = "a.exe.gz", .data = (const unsigned char *)"" };
	struct trial trial;

	(void)state;
	begin(&trial, &config);
	ms_enforce_content(&trial.enforce, &content, &text_type);
	end(&trial, "");
	begin(&trial, &config);
	ms_enforce_content(&trial.enforce, &content, &gzip_type);
	end(&trial, "name:.exe@1/a.exe.gz;");
}

static void
test_texts(void **state)
{
	static const char *const regexes[] = { "b=body:/pill/",
		"r=raw:/pill/", "h=header:Subject:/pill/", NULL };
	static const unsigned char mail[] = "Subject: pill\n\npill";
	const struct ms_rulebook_config config = { .regexes = regexes };
	const struct ms_scan_input input = { .data = mail,
		.size = sizeof mail - 1 };
	struct ms_content content = { .path = "1", .is_leaf = true,
		.data = (const unsigned char *)"pill", .size = 4 };
	struct trial trial;

	(void)state;
	begin(&trial, &config);
	ms_enforce_message(&trial.enforce, &input, "");
	ms_enforce_content(&trial.enforce, &content, &text_type);
	/* Nobody sees it. */
	content.is_leaf = false;
	ms_enforce_content(&trial.enforce, &content, &text_type);
	end(&trial, "regex:h@;regex:r@;regex:b@1;");
}

/* Who makes a rule slow does not get past it. */
static void
test_slow(void **state)
{
	static const char *const regexes[] = { "s=body:/^(0+)+[^0]/", NULL };
	const struct ms_rulebook_config config = { .regexes = regexes };
	struct ms_content content = { .path = "1", .is_leaf = true,
		.size = 5000 };
	unsigned char *data = g_malloc(content.size);
	struct trial trial;

	(void)state;
	memset(data, '0', content.size);
	content.data = data;
	begin(&trial, &config);
	ms_enforce_content(&trial.enforce, &content, &text_type);
	end(&trial, "limit-count!1;regex:s@1;");
	g_free(data);
}

static const struct ms_sniff_type opaque_type = { "application/octet-stream",
	MS_SNIFF_OPAQUE, MS_SNIFF_NONE };
static const struct ms_sniff_type message_type = { "message/rfc822",
	MS_SNIFF_MESSAGE, MS_SNIFF_NONE };

/* What people read, whoever made a secret of it. */
static void
test_shown(void **state)
{
	static const char *const regexes[] = { "b=body:/pill/", NULL };
	static const struct {
		const struct ms_sniff_type *type;
		const char *declared, *form;
		bool is_leaf, is_reading, is_text;
		const char *data, *want;
	} rows[] = {
		{ &text_type, "text/plain", "", true, false, false,
		  "pi\302\255ll", "regex:b@1;" },
		{ &opaque_type, "text/plain", "", true, false, false,
		  "GIF89a pill", "regex:b@1;" },
		{ &opaque_type, "application/xhtml+xml", "", true, false,
		  false, "pi<b></b>ll", "regex:b@1;" },
		{ &text_type, "text/calendar", "", true, false, false,
		  "pi\r\n ll", "regex:b@1;" },
		{ &opaque_type, "image/gif", "", true, false, false,
		  "GIF89a pill", "" },
		{ &message_type, NULL, "", false, true, false, "X: pill",
		  "regex:b@1;" },
		{ &opaque_type, NULL, "charset=ibm037", false, true, false,
		  "\227\211\223\223", "regex:b@1;" },
		{ &opaque_type, NULL, "charset=latin1", false, true, false,
		  "pill", "" },
		{ &text_type, NULL, "", false, false, true, "pill",
		  "regex:b@1;" },
		{ &text_type, NULL, "", false, false, false, "pill", "" },
		{ &text_type, NULL, "charset=x; charset=\344; charset=x", true,
		  false, false, "+x", "unsupported!1;unsupported!1;" },
	};
	const struct ms_rulebook_config config = { .regexes = regexes };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ms_textform form;
		const struct ms_content content = { .path = "1",
			.content_type = rows[i].declared, .form = &form,
			.is_leaf = rows[i].is_leaf,
			.is_reading = rows[i].is_reading,
			.is_text = rows[i].is_text,
			.data = (const unsigned char *)rows[i].data,
			.size = strlen(rows[i].data) };
		struct trial trial;

		ms_textform_init(&form);
		ms_textform_add(&form, (const unsigned char *)rows[i].form,
		    strlen(rows[i].form));
		begin(&trial, &config);
		ms_enforce_content(&trial.enforce, &content, rows[i].type);
		end(&trial, rows[i].want);
		ms_textform_clear(&form);
	}
}

/* And what a header says to them. */
static void
test_header(void **state)
{
	static const char *const regexes[] = { "h=header:Subject:/pill/",
		NULL };
	static const struct {
		const char *mail, *want;
	} rows[] = {
		{ "Subject: pi\302\255ll\n\n", "regex:h@;" },
		{ "Subject: =?utf-8?q?=00pill?=\n\n", "regex:h@;" },
		{ "Subject: =?no-such?q?pi=AFll?=\n\n", "unsupported!;" },
		{ "\nSubject: pill\n\n", "regex:h@;" },
		{ "X: y\n\nSubject: pill\n\n", "" },
	};
	const struct ms_rulebook_config config = { .regexes = regexes };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const struct ms_scan_input input = {
			.data = (const unsigned char *)rows[i].mail,
			.size = strlen(rows[i].mail) };
		struct trial trial;

		begin(&trial, &config);
		ms_enforce_message(&trial.enforce, &input, "");
		end(&trial, rows[i].want);
	}
}

/* A rule that is broken everywhere is told a few times. */
static void
test_often(void **state)
{
	const struct ms_rulebook_config config = { .names = exe };
	struct trial trial;

	(void)state;
	begin(&trial, &config);
	for (int i = 0; i < 100; i++)
		ms_enforce_names(&trial.enforce, "1", "a.exe", NULL);
	end(&trial, "name:.exe@1;name:.exe@1;name:.exe@1;name:.exe@1;"
	    "name:.exe@1;");
}

/* If not all that are broken can be told, somebody has to know. */
static void
test_many(void **state)
{
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	GString *name = g_string_new(NULL);
	struct ms_rulebook_config config = { .names = NULL };
	struct trial trial;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		(void)g_string_prepend_c(name, 'a');
		g_ptr_array_add(names, g_strdup(name->str));
	}
	g_ptr_array_add(names, NULL);
	config.names = (const char *const *)names->pdata;
	begin(&trial, &config);
	ms_enforce_names(&trial.enforce, "1", name->str, NULL);
	assert_non_null(strstr(trial.told->str, "limit-count!1;"));
	end(&trial, trial.told->str);
	(void)g_string_free(name, TRUE);
	g_ptr_array_unref(names);
}

static void
on_within(void *arg, uint32_t id)
{
	g_string_append_printf(arg, "%u:", id);
}

/* Where parts are numbered, the first that is not told of is told as one that
 * is in none, once: what is allowed hides nothing. */
static void
test_within(void **state)
{
	static const struct ms_scan_sink numbered = { .gap = on_gap,
		.blocked = on_blocked, .within = on_within };
	const struct ms_rulebook_config config = { .names = exe };
	GString *want = g_string_new(NULL);
	struct trial trial;

	(void)state;
	begin(&trial, &config);
	trial.enforce.sink = &numbered;
	trial.enforce.within = 7;
	for (int i = 0; i < 30; i++) {
		char *path = g_strdup_printf("%d", i);

		ms_enforce_names(&trial.enforce, path, "a.exe", NULL);
		if (i < 20)
			g_string_append_printf(want, "name:.exe@%d;", i);
		g_free(path);
	}
	g_string_append(want, "0:name:.exe@20;7:");
	end(&trial, want->str);
	(void)g_string_free(want, TRUE);
}

/* No time, no pass. */
static void
test_late(void **state)
{
	static const char *const regexes[] = { "body:/x/", NULL };
	const struct ms_rulebook_config config = { .regexes = regexes };
	const struct ms_content content = { .path = "1", .is_leaf = true,
		.data = (const unsigned char *)"x", .size = 1 };
	struct trial trial;

	(void)state;
	begin(&trial, &config);
	trial.budget.deadline_ms -= 20000;
	ms_enforce_content(&trial.enforce, &content, &text_type);
	ms_enforce_content(&trial.enforce, &content, &text_type);
	end(&trial, "limit-time!1;");
}

/* Without rules nothing happens. */
static void
test_none(void **state)
{
	static const struct ms_content content = { .path = "1",
		.name = "a.exe" };
	struct trial trial;

	(void)state;
	begin(&trial, &(const struct ms_rulebook_config){ .names = NULL });
	ms_enforce_content(&trial.enforce, &content, &text_type);
	end(&trial, "");
}

static int
start(void **state)
{
	(void)state;
	ms_mime_start();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_stream),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_slow),
		cmocka_unit_test(test_shown),
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_often),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_within),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
