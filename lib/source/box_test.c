#include "source/box.h"

#include <fcntl.h>
#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

static const struct ms_source_config plain = {
	.since = INT64_MIN,
	.until = INT64_MAX,
};

/* What becomes of TEXT, as "INDEX:BODY|..." */
static char *
read_box(const char *text, enum ms_detect_kind kind,
    enum ms_source_variant variant)
{
	struct ms_source_config source = plain;
	static const struct ms_intake_config keep = {
		.spool = { .heap_max = 1 << 20 }, .max_bytes = 1 << 20
	};
	char path[] = "path";
	struct ms_origin origin = { .source = path, .delivered = 5 };
	struct ms_intake *intake = ms_intake_new(&keep);
	int fd = memfd_create("box", MFD_CLOEXEC);
	struct ms_box_config config = { .source = &source, .intake = intake,
		.kind = kind, .origin = &origin };
	GString *out = g_string_new(NULL);
	struct ms_source_item item;
	const unsigned char *data;
	struct ms_box *box;

	assert_int_equal(strlen(text), write(fd, text, strlen(text)));
	config.input = ms_input_file(fd, strlen(text));
	source.variant = variant;
	box = ms_box_new(&config);
	while (ms_box_next(box, &item, NULL) == MS_OK) {
		const struct ms_message *m = item.message;

		assert_int_equal(MS_SOURCE_MESSAGE, item.kind);
		assert_string_equal("path", m->origin.source);
		assert_int_equal(MS_OK, ms_spool_map(m->body, &data, NULL));
		g_string_append_printf(out, "%d:%.*s|", (int)m->origin.index,
		    (int)ms_spool_size(m->body), (const char *)data);
		ms_source_item_clear(&item);
	}
	ms_box_free(box);
	ms_intake_free(intake);
	return g_string_free(out, FALSE);
}

static void
test_variants(void **state)
{
	static const char text[] =
	    "From a\nContent-Length: 24\n\n>From x\n>>From y\n>z\nFrom\n\n"
	    "From b\n\n";
	static const struct {
		enum ms_source_variant variant;
		const char *want;
	} cases[] = {
		{ MS_SOURCE_VARIANT_AUTO, "From x\n>From y\n>z\nFrom\n" },
		{ MS_SOURCE_MBOXRD, "From x\n>From y\n>z\nFrom\n" },
		{ MS_SOURCE_MBOXO, "From x\n>>From y\n>z\nFrom\n" },
		{ MS_SOURCE_MBOXCL, "From x\n>>From y\n>z\nFrom\n" },
		{ MS_SOURCE_MBOXCL2, ">From x\n>>From y\n>z\nFrom\n" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		char *got = read_box(text, MS_DETECT_MBOX, cases[i].variant);
		char *want = g_strdup_printf("1:Content-Length: 24\n\n%s|2:|",
		    cases[i].want);

		print_message("  %zu\n", i);
		assert_string_equal(want, got);
		g_free(got);
		g_free(want);
	}
}

static void
test_single(void **state)
{
	char *got = read_box(">From a\n\n", MS_DETECT_EML,
	    MS_SOURCE_VARIANT_AUTO);

	(void)state;
	assert_string_equal("1:>From a\n\n|", got);
	g_free(got);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_variants),
		cmocka_unit_test(test_single),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
