#include "unpack/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define ARCHIVE_MAX (2u << 20)

static const struct ms_budget_limits roomy = {
	.part_bytes = 64 << 20,
	.total_bytes = 64 << 20,
	.ratio = 100000,
	.parts = 100,
	.mime_depth = 10,
	.archive_depth = 10,
	.time_ms = 3600 * 1000,
};

struct made {
	unsigned char *data;
	size_t size;
};

struct member {
	const char *name;
	const char *text;	/* NULL: a directory */
	size_t times;		/* the text is repeated; 0: once */
};

/* How libarchive is to write an archive. */
struct recipe {
	int (*format)(struct archive *);
	int (*filter)(struct archive *);	/* NULL: none */
	const char *options;			/* NULL: none */
};

static void
write_member(struct archive *a, const struct member *member)
{
	struct archive_entry *entry = archive_entry_new();
	size_t times = MAX(member->times, (size_t)1);
	size_t length = member->text ? strlen(member->text) : 0;

	archive_entry_set_pathname(entry, member->name);
	archive_entry_set_filetype(entry, member->text ? AE_IFREG :
	    AE_IFDIR);
	archive_entry_set_perm(entry, 0644);
	archive_entry_set_mtime(entry, 1000000000, 0);
	archive_entry_set_size(entry, (la_int64_t)(length * times));
	assert_int_equal(ARCHIVE_OK, archive_write_header(a, entry));
	for (size_t i = 0; i < times && length > 0; i++)
		assert_int_equal(length,
		    archive_write_data(a, member->text, length));
	archive_entry_free(entry);
}

static struct made
make(const struct recipe *recipe, const struct member *members,
    size_t count)
{
	struct made made = { g_malloc(ARCHIVE_MAX), 0 };
	struct archive *a = archive_write_new();

	assert_int_equal(ARCHIVE_OK, recipe->format(a));
	if (recipe->filter)
		assert_int_equal(ARCHIVE_OK, recipe->filter(a));
	if (recipe->options) {
		assert_int_equal(ARCHIVE_OK,
		    archive_write_set_options(a, recipe->options));
		assert_int_equal(ARCHIVE_OK,
		    archive_write_set_passphrase(a, "secret"));
	}
	(void)archive_write_set_bytes_in_last_block(a, 1);
	assert_int_equal(ARCHIVE_OK, archive_write_open_memory(a, made.data,
	    ARCHIVE_MAX, &made.size));
	for (size_t i = 0; i < count; i++)
		write_member(a, &members[i]);
	assert_int_equal(ARCHIVE_OK, archive_write_close(a));
	assert_int_equal(ARCHIVE_OK, archive_write_free(a));
	made.data = g_realloc(made.data, made.size);
	return made;
}

struct seen {
	GString *text;		/* "name=content;", and "name!status;" for
				 * what was told, "name~;" for other names */
	unsigned stop_after;
	enum ms_status stop_with;
	unsigned count;
	size_t bytes;
	struct ms_error why;	/* told last */
	const char *const *passwords;
};

static enum ms_status
see(void *arg, const struct ms_member *member, struct ms_error *err)
{
	struct seen *seen = arg;

	g_string_append_printf(seen->text, "%s=", member->name);
	if (member->size < 200)
		g_string_append_len(seen->text, (const char *)member->data,
		    (gssize)member->size);
	g_string_append_c(seen->text, ';');
	seen->bytes += member->size;
	if (++seen->count != seen->stop_after)
		return MS_OK;
	return seen->stop_with < 0 ? ms_error_set(err, seen->stop_with,
	    "visitor") : seen->stop_with;
}

static void
hear(void *arg, const char *name, enum ms_status status,
    const struct ms_error *why)
{
	struct seen *seen = arg;

	assert_true(*why->text != '\0');
	seen->why = *why;
	g_string_append_printf(seen->text, "%s!%s;", name ? name : "(all)",
	    status == MS_E_FORMAT ? "format" :
	    status == MS_E_ENCRYPTED ? "encrypted" :
	    status == MS_E_UNSUPPORTED ? "unsupported" :
	    status == MS_E_LIMIT ? "limit" : "?");
}

static void
hear_name(void *arg, const char *name)
{
	const struct seen *seen = arg;

	g_string_append_printf(seen->text, "%s~;", name);
}

static const char *const *
hand_out(void *arg)
{
	const struct seen *seen = arg;

	return seen->passwords;
}

/* Unpack the first SIZE bytes of MADE as what they look like. */
static enum ms_status
unpack(const struct made *made, size_t size,
    const struct ms_budget_limits *limits, struct seen *seen,
    struct ms_budget *budget)
{
	const struct ms_unpack_visitor visitor = { see, hear,
		seen->passwords ? hand_out : NULL, hear_name };
	const struct ms_spool_config config = { .heap_max = 64 << 20 };
	/* libarchive's reader of cpio gives names to strcmp() where they stand,
	 * which ends at the first difference: a NUL, for sanitizers. */
	unsigned char *copy = g_malloc0(size + 1);
	struct ms_unpack_input input = {
		.data = copy,
		.size = size,
		.format = ms_sniff(made->data, made->size)->format,
		.spool = ms_spool_new(&config),
		.budget = budget,
	};
	struct ms_error err = { "" };
	enum ms_status status;

	memcpy(copy, made->data, size);
	ms_budget_init(budget, limits);
	status = ms_unpack(&input, &visitor, seen, &err);
	ms_spool_free(input.spool);
	g_free(copy);
	return status;
}

static const struct {
	const char *name;
	struct recipe recipe;
	enum ms_sniff_format format;
	const char *want;
} formats[] = {
	{ "zip", { archive_write_set_format_zip, NULL, NULL },
	  MS_SNIFF_ZIP, "a.txt=hello;d/b.exe=MZ;" },
	{ "7z", { archive_write_set_format_7zip, NULL, NULL },
	  MS_SNIFF_7ZIP, "a.txt=hello;d/b.exe=MZ;" },
	{ "pax", { archive_write_set_format_pax_restricted, NULL, NULL },
	  MS_SNIFF_TAR, "a.txt=hello;d/b.exe=MZ;" },
	{ "gnu tar", { archive_write_set_format_gnutar, NULL, NULL },
	  MS_SNIFF_TAR, "a.txt=hello;d/b.exe=MZ;" },
	{ "old tar", { archive_write_set_format_v7tar, NULL, NULL },
	  MS_SNIFF_TAR, "a.txt=hello;d/b.exe=MZ;" },
	{ "cpio", { archive_write_set_format_cpio_newc, NULL, NULL },
	  MS_SNIFF_CPIO, "a.txt=hello;d/b.exe=MZ;" },
	{ "odc", { archive_write_set_format_cpio, NULL, NULL },
	  MS_SNIFF_CPIO, "a.txt=hello;d/b.exe=MZ;" },
	{ "tar.gz", { archive_write_set_format_pax_restricted,
	  archive_write_add_filter_gzip, NULL },
	  MS_SNIFF_GZIP, "a.txt=hello;d/b.exe=MZ;" },
	{ "tar.bz2", { archive_write_set_format_pax_restricted,
	  archive_write_add_filter_bzip2, NULL },
	  MS_SNIFF_BZIP2, "a.txt=hello;d/b.exe=MZ;" },
	{ "tar.xz", { archive_write_set_format_pax_restricted,
	  archive_write_add_filter_xz, NULL },
	  MS_SNIFF_XZ, "a.txt=hello;d/b.exe=MZ;" },
	{ "tar.lzma", { archive_write_set_format_pax_restricted,
	  archive_write_add_filter_lzma, NULL },
	  MS_SNIFF_LZMA, "a.txt=hello;d/b.exe=MZ;" },
	{ "tar.lz", { archive_write_set_format_pax_restricted,
	  archive_write_add_filter_lzip, NULL },
	  MS_SNIFF_LZIP, "a.txt=hello;d/b.exe=MZ;" },
	{ "tar.zst", { archive_write_set_format_pax_restricted,
	  archive_write_add_filter_zstd, NULL },
	  MS_SNIFF_ZSTD, "a.txt=hello;d/b.exe=MZ;" },
	{ "tar.lz4", { archive_write_set_format_pax_restricted,
	  archive_write_add_filter_lz4, NULL },
	  MS_SNIFF_LZ4, "a.txt=hello;d/b.exe=MZ;" },
	{ "tar.Z", { archive_write_set_format_pax_restricted,
	  archive_write_add_filter_compress, NULL },
	  MS_SNIFF_COMPRESS, "a.txt=hello;d/b.exe=MZ;" },
	{ "cpio.gz", { archive_write_set_format_cpio_newc,
	  archive_write_add_filter_gzip, NULL },
	  MS_SNIFF_GZIP, "a.txt=hello;d/b.exe=MZ;" },
};

static const struct member tree[] = {
	{ "d", NULL, 0 }, { "a.txt", "hello", 0 }, { "d/b.exe", "MZ", 0 },
};

static void
test_formats(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(formats); i++) {
		struct made made = make(&formats[i].recipe, tree,
		    G_N_ELEMENTS(tree));
		struct seen seen = { .text = g_string_new(NULL) };
		struct ms_budget budget;

		print_message("  %s\n", formats[i].name);
		assert_int_equal(formats[i].format,
		    ms_sniff(made.data, made.size)->format);
		assert_int_equal(MS_OK, unpack(&made, made.size, &roomy,
		    &seen, &budget));
		/* What is in a stream is for the next level to see. */
		if (formats[i].format >= MS_SNIFF_BZIP2) {
			assert_true(g_str_has_prefix(seen.text->str,
			    "data="));
			assert_true(budget.bytes > 100);
		} else {
			assert_string_equal(formats[i].want,
			    seen.text->str);
			assert_int_equal(7, budget.bytes);
		}
		g_string_free(seen.text, TRUE);
		g_free(made.data);
	}
}

/* One file without a container around it. */
static void
test_streams(void **state)
{
	static const struct member one[] = { { "x", "hello", 0 } };
	static const struct {
		const char *name;
		int (*filter)(struct archive *);
	} cases[] = {
		{ "gz", archive_write_add_filter_gzip },
		{ "bz2", archive_write_add_filter_bzip2 },
		{ "xz", archive_write_add_filter_xz },
		{ "zst", archive_write_add_filter_zstd },
		{ "lz4", archive_write_add_filter_lz4 },
		{ "lz", archive_write_add_filter_lzip },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		const struct recipe recipe = { archive_write_set_format_raw,
			cases[i].filter, NULL };
		struct made made = make(&recipe, one, 1);
		struct seen seen = { .text = g_string_new(NULL) };
		struct ms_budget budget;

		print_message("  %s\n", cases[i].name);
		assert_int_equal(MS_OK, unpack(&made, made.size, &roomy,
		    &seen, &budget));
		assert_string_equal("data=hello;", seen.text->str);
		g_string_free(seen.text, TRUE);
		g_free(made.data);
	}
}

static void
test_ar(void **state)
{
	static const struct member files[] = { { "a.txt", "hello", 0 },
		{ "b.exe", "MZ", 0 } };
	static const struct recipe recipes[] = {
		{ archive_write_set_format_ar_bsd, NULL, NULL },
		{ archive_write_set_format_ar_svr4, NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(recipes); i++) {
		struct made made = make(&recipes[i], files, 2);
		struct seen seen = { .text = g_string_new(NULL) };
		struct ms_budget budget;

		print_message("  %s\n", i == 0 ? "bsd" : "svr4");
		assert_int_equal(MS_OK, unpack(&made, made.size, &roomy,
		    &seen, &budget));
		assert_string_equal("a.txt=hello;b.exe=MZ;",
		    seen.text->str);
		g_string_free(seen.text, TRUE);
		g_free(made.data);
	}
}

static void
test_encrypted(void **state)
{
	static const struct {
		const char *name, *options;
	} cases[] = {
		{ "traditional", "zip:encryption=zipcrypt" },
		{ "aes128", "zip:encryption=aes128" },
		{ "aes256", "zip:encryption=aes256" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		const struct recipe recipe = { archive_write_set_format_zip,
			NULL, cases[i].options };
		struct made made = make(&recipe, tree, G_N_ELEMENTS(tree));
		struct seen seen = { .text = g_string_new(NULL) };
		struct ms_budget budget;

		print_message("  %s\n", cases[i].name);
		assert_int_equal(MS_OK, unpack(&made, made.size, &roomy,
		    &seen, &budget));
		assert_string_equal("a.txt!encrypted;d/b.exe!encrypted;",
		    seen.text->str);
		g_string_free(seen.text, TRUE);
		g_free(made.data);
	}
}

#define OPENED "a.txt=hello;d/b.exe=MZ;"
#define CLOSED "a.txt!encrypted;d/b.exe!encrypted;"

/* A byte of check lets every 256th password through, so there are many wrong
 * ones, and the right one is found all the same. */
static void
test_passwords(void **state)
{
	static const struct {
		const char *name, *options;
		unsigned wrong;
		bool right;
		const char *want, *why;
	} cases[] = {
		{ "one", "zip:encryption=zipcrypt", 0, true, OPENED, "" },
		{ "many", "zip:encryption=zipcrypt", 2000, true, OPENED, "" },
		{ "aes128", "zip:encryption=aes128", 20, true, OPENED, "" },
		{ "aes256", "zip:encryption=aes256", 20, true, OPENED, "" },
		{ "wrong", "zip:encryption=aes256", 20, false, CLOSED,
		  "needs a password; 20 tried" },
		{ "none", "zip:encryption=aes256", 0, false, CLOSED,
		  "needs a password" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		const struct recipe recipe = { archive_write_set_format_zip,
			NULL, cases[i].options };
		struct made made = make(&recipe, tree, G_N_ELEMENTS(tree));
		GPtrArray *list = g_ptr_array_new_with_free_func(g_free);
		struct seen seen = { .text = g_string_new(NULL) };
		struct ms_budget budget;

		print_message("  %s\n", cases[i].name);
		for (unsigned k = 0; k < cases[i].wrong; k++)
			g_ptr_array_add(list, g_strdup_printf("wrong%u", k));
		if (cases[i].right)
			g_ptr_array_add(list, g_strdup("secret"));
		g_ptr_array_add(list, NULL);
		seen.passwords = (const char *const *)list->pdata;
		assert_int_equal(MS_OK, unpack(&made, made.size, &roomy,
		    &seen, &budget));
		assert_string_equal(cases[i].want, seen.text->str);
		assert_string_equal(cases[i].why, seen.why.text);
		g_ptr_array_unref(list);
		g_string_free(seen.text, TRUE);
		g_free(made.data);
	}
}

/* What stops the message stops the trying, too. */
static void
test_password_limits(void **state)
{
	static const char *const passwords[] = { "x", "secret", NULL };
	const struct recipe recipe = { archive_write_set_format_zip, NULL,
		"zip:encryption=aes256" };
	static const struct {
		const char *name;
		uint64_t part, total;
		unsigned stop_after;
		enum ms_status want;
		const char *text;
	} cases[] = {
		{ "fits", 5, 7, 0, MS_OK, OPENED },
		{ "part", 4, 1 << 20, 0, MS_OK,
		  "a.txt!limit;a.txt=;d/b.exe=MZ;" },
		{ "total", 100, 6, 0, MS_E_LIMIT,
		  "a.txt=hello;d/b.exe!encrypted;" },
		{ "enough", 5, 7, 1, MS_OK, "a.txt=hello;d/b.exe!encrypted;" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct made made = make(&recipe, tree, G_N_ELEMENTS(tree));
		struct ms_budget_limits limits = roomy;
		struct seen seen = { .text = g_string_new(NULL),
			.passwords = passwords,
			.stop_after = cases[i].stop_after,
			.stop_with = MS_END };
		struct ms_budget budget;

		print_message("  %s\n", cases[i].name);
		limits.part_bytes = cases[i].part;
		limits.total_bytes = cases[i].total;
		assert_int_equal(cases[i].want, unpack(&made, made.size,
		    &limits, &seen, &budget));
		assert_string_equal(cases[i].text, seen.text->str);
		g_string_free(seen.text, TRUE);
		g_free(made.data);
	}
}

/* Do the first N bytes of an archive of FORMAT end as a whole one might? A
 * tar without its two last blocks is one, and compress(1) has no end. */
static bool
looks_whole(enum ms_sniff_format format, size_t n)
{
	return format == MS_SNIFF_COMPRESS ||
	    (format == MS_SNIFF_TAR && n % 512 == 0);
}

/* An archive cut at any byte: what is lost is told. */
static void
test_truncated(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(formats); i++) {
		struct made made = make(&formats[i].recipe, tree,
		    G_N_ELEMENTS(tree));
		size_t step = made.size / 400 + 1;

		print_message("  %s, %zu bytes\n", formats[i].name,
		    made.size);
		for (size_t n = 1; n < made.size; n += step) {
			struct seen seen = { .text = g_string_new(NULL) };
			struct ms_budget budget;
			bool all;

			assert_int_equal(MS_OK, unpack(&made, n, &roomy,
			    &seen, &budget));
			all = strstr(seen.text->str, "a.txt=hello;") &&
			    strstr(seen.text->str, "d/b.exe=MZ;");
			if (!all && !looks_whole(formats[i].format, n))
				assert_non_null(strchr(seen.text->str,
				    '!'));
			g_string_free(seen.text, TRUE);
		}
		g_free(made.data);
	}
}

/* Streams that only begin like one: nobody could open them, and it is
 * told. */
static void
test_false_streams(void **state)
{
	static const struct made cases[] = {
		{ (unsigned char *)"\037\213\010\377\0\0\0\0\0\3xyz", 13 },
		{ (unsigned char *)"\037\213\010", 3 },
		{ (unsigned char *)"BZh9 in a text\n", 15 },
		{ (unsigned char *)"LZIP", 4 },
		{ (unsigned char *)"\050\265\057\375", 4 },
		{ (unsigned char *)"\3757zXZ\0\377\377", 8 },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct seen seen = { .text = g_string_new(NULL) };
		struct ms_budget budget;

		print_message("  %zu\n", i);
		assert_int_equal(MS_OK, unpack(&cases[i], cases[i].size,
		    &roomy, &seen, &budget));
		assert_non_null(strstr(seen.text->str, "!format;"));
		g_string_free(seen.text, TRUE);
	}
}

/* Some bytes overwritten: any result, but no harm. */
static void
test_damaged(void **state)
{
	unsigned seed = (unsigned)time(NULL);

	(void)state;
	print_message("seed %u\n", seed);
	srand(seed);
	for (size_t i = 0; i < G_N_ELEMENTS(formats); i++) {
		struct made made = make(&formats[i].recipe, tree,
		    G_N_ELEMENTS(tree));

		for (int round = 0; round < 20; round++) {
			struct seen seen = { .text = g_string_new(NULL) };
			struct made copy = { g_memdup2(made.data, made.size),
				made.size };
			struct ms_budget budget;

			for (int k = 0; k < 5; k++)
				copy.data[8 + (size_t)rand() %
				    (copy.size - 8)] = (unsigned char)rand();
			(void)unpack(&copy, copy.size, &roomy, &seen,
			    &budget);
			g_string_free(seen.text, TRUE);
			g_free(copy.data);
		}
		g_free(made.data);
	}
}

static void
test_limits(void **state)
{
	static const struct member members[] = {
		{ "small", "hello", 0 },
		{ "large", "0123456789abcdef", 20 * 65536 / 16 },
		{ "last", "bye", 0 },
	};
	static const struct {
		const char *name;
		uint64_t part, total, ratio, parts;
		enum ms_status want;
		const char *seen;
		size_t bytes;
		enum ms_budget_limit hit;
	} cases[] = {
		{ "roomy", 2 << 20, 4 << 20, 1000000, 9, MS_OK,
		  "small=hello;large=;last=bye;", 8 + 20 * 65536,
		  MS_BUDGET_NONE },
		{ "part", 100000, 4 << 20, 1000000, 9, MS_OK,
		  "small=hello;large!limit;large=;last=bye;", 8 + 65536,
		  MS_BUDGET_SIZE },
		{ "total", 2 << 20, 3 * 65536 + 100, 1000000, 9, MS_OK,
		  "small=hello;large!limit;large=;", 5 + 3 * 65536,
		  MS_BUDGET_SIZE },
		{ "count", 2 << 20, 4 << 20, 1000000, 2, MS_E_LIMIT,
		  "small=hello;large=;", 5 + 20 * 65536, MS_BUDGET_COUNT },
		{ "none", 2 << 20, 4 << 20, 1000000, 0, MS_E_LIMIT, "", 0,
		  MS_BUDGET_COUNT },
	};
	static const struct recipe zip = { archive_write_set_format_zip,
		NULL, NULL };
	struct made made = make(&zip, members, G_N_ELEMENTS(members));

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_budget_limits limits = roomy;
		struct seen seen = { .text = g_string_new(NULL) };
		struct ms_budget budget;

		print_message("  %s\n", cases[i].name);
		limits.part_bytes = cases[i].part;
		limits.total_bytes = cases[i].total;
		limits.ratio = cases[i].ratio;
		limits.parts = cases[i].parts;
		assert_int_equal(cases[i].want, unpack(&made, made.size,
		    &limits, &seen, &budget));
		assert_string_equal(cases[i].seen, seen.text->str);
		assert_int_equal(cases[i].bytes, seen.bytes);
		assert_int_equal(cases[i].hit, budget.hit);
		g_string_free(seen.text, TRUE);
	}
	g_free(made.data);
}

/* 10 MB out of some kB, in one member or in many. */
static void
test_ratio(void **state)
{
	static const char zeros[] = "0000000000000000000000000000000000000000"
	    "000000000000000000000000";
	static const struct member one[] = { { "zeros", zeros, 10 << 14 } };
	static const struct member many[] = { { "1", zeros, 5 << 14 },
		{ "2", zeros, 5 << 14 }, { "3", zeros, 5 << 14 } };
	static const struct {
		const char *name;
		const struct member *members;
		size_t count;
		uint64_t ratio;
		const char *seen;
	} cases[] = {
		{ "allowed", one, 1, 100000, "zeros=;" },
		{ "one", one, 1, 100, "zeros!limit;zeros=;" },
		{ "all together", many, 3, 100, "1=;2!limit;2=;" },
	};
	static const struct recipe zip = { archive_write_set_format_zip,
		NULL, NULL };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct made made = make(&zip, cases[i].members,
		    cases[i].count);
		struct ms_budget_limits limits = roomy;
		struct seen seen = { .text = g_string_new(NULL) };
		struct ms_budget budget;

		print_message("  %s\n", cases[i].name);
		limits.ratio = cases[i].ratio;
		assert_int_equal(MS_OK, unpack(&made, made.size, &limits,
		    &seen, &budget));
		assert_string_equal(cases[i].seen, seen.text->str);
		assert_in_range(seen.bytes, MS_BUDGET_RATIO_FROM - 65536,
		    10 << 20);
		g_string_free(seen.text, TRUE);
		g_free(made.data);
	}
}

static void
test_visitor_stops(void **state)
{
	static const struct {
		const char *name;
		enum ms_status stop, want;
	} cases[] = {
		{ "enough", MS_END, MS_OK },
		{ "full", MS_E_IO, MS_E_IO },
		{ "engine", MS_E_ENGINE, MS_E_ENGINE },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct made made = make(&formats[0].recipe, tree,
		    G_N_ELEMENTS(tree));
		struct seen seen = { .text = g_string_new(NULL),
			.stop_after = 1, .stop_with = cases[i].stop };
		struct ms_budget budget;

		print_message("  %s\n", cases[i].name);
		assert_int_equal(cases[i].want, unpack(&made, made.size,
		    &roomy, &seen, &budget));
		assert_string_equal("a.txt=hello;", seen.text->str);
		g_string_free(seen.text, TRUE);
		g_free(made.data);
	}
}

/* Names are labels: none is ever made into another. */
static void
test_names(void **state)
{
	static const char *const names[] = { "../../etc/passwd", "/abs",
		"a b\tc", "\xfc.exe", "\xc3\xbc.exe", "\xe2\x80\xae.cod" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		const struct member one[] = { { names[i], "x", 0 } };
		static const struct recipe recipe = {
			archive_write_set_format_gnutar, NULL, NULL };
		struct made made = make(&recipe, one, 1);
		struct seen seen = { .text = g_string_new(NULL) };
		char *want = g_strdup_printf("%s=x;", names[i]);
		struct ms_budget budget;

		print_message("  %zu\n", i);
		assert_int_equal(MS_OK, unpack(&made, made.size, &roomy,
		    &seen, &budget));
		assert_string_equal(want, seen.text->str);
		g_free(want);
		g_string_free(seen.text, TRUE);
		g_free(made.data);
	}
}

static void
test_no_archive(void **state)
{
	struct made made = { (unsigned char *)g_strdup("hello"), 5 };
	struct seen seen = { .text = g_string_new(NULL) };
	struct ms_budget budget;

	(void)state;
	assert_int_equal(MS_E_USAGE, unpack(&made, made.size, &roomy, &seen,
	    &budget));
	g_string_free(seen.text, TRUE);
	g_free(made.data);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_streams),
		cmocka_unit_test(test_ar),
		cmocka_unit_test(test_encrypted),
		cmocka_unit_test(test_passwords),
		cmocka_unit_test(test_password_limits),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_false_streams),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_ratio),
		cmocka_unit_test(test_visitor_stops),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_no_archive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
