#include "replay/fault.h"

#include "replay/role_test.h"

#define BEGIN "S 220 a|\nC DATA|\nS 354 go|\n"
#define BYE "\nS 250 ok|\nC QUIT|\nS 221 x|\nE"

static const struct ms_spool_config spool = { .heap_max = 1 << 22 };

/* ROLE after FAULT; to be freed with its STASH. */
static struct ms_role *
faulty(struct ms_stash *stash, const char *dialogue, enum ms_fault fault)
{
	struct ms_role *role;

	assert_int_equal(MS_OK, ms_learn(role_dialogue(stash, dialogue),
	    &role, NULL));
	assert_int_equal(MS_OK, ms_fault(role, fault, &spool, NULL));
	return role;
}

/* What is sent of a message. */
static void
test_messages(void **state)
{
	static const struct {
		enum ms_fault fault;
		const char *message, *want;
	} rows[] = {
		{ MS_FAULT_NONE, "a: b||..c|.|", "a: b||..c|.|" },
		{ MS_FAULT_BARE_LF, "a: b||..c|d|.|", "a: b\n\n..c\nd|.|" },
		{ MS_FAULT_BARE_CR, "a: b||c\r\r|.|", "a: b\r\rc\r\r|.|" },
		{ MS_FAULT_NO_DOT_STUFFING, "..a: b||..|c..|....d|.|",
		  ".a: b||.|c..|...d|.|" },
		{ MS_FAULT_LF_DOT_LF, "a: b||c||d|.|",
		  "a: b||LF.LF\n.\nNOOP|c||d|.|" },
		{ MS_FAULT_LF_DOT_CRLF, "a: b||c|.|",
		  "a: b||LF.CRLF\n.|NOOP|c|.|" },
		{ MS_FAULT_CRLF_DOT_LF, "a: b||c|.|",
		  "a: b||CRLF.LF|.\nNOOP|c|.|" },
		{ MS_FAULT_CR_DOT_CR, "a: b||c|.|",
		  "a: b||CR.CR\r.\rNOOP|c|.|" },
		{ MS_FAULT_LF_DOT_LF, "a: b|.|",
		  "a: b|LF.LF\n.\nNOOP|.|" },	/* no blank line */
		{ MS_FAULT_LF_COMMANDS, "a: b|.|", "a: b|.|" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		char *dialogue = g_strconcat(BEGIN "C ", rows[i].message, BYE,
		    NULL);
		struct ms_stash *stash = role_stash();
		struct ms_role *role = faulty(stash, dialogue, rows[i].fault);
		char *text = role_bytes(role, ms_role_step(role, 2));

		print_message("  %zu\n", i);
		assert_string_equal(rows[i].want, text);
		g_free(text);
		text = role_bytes(role, ms_role_step(role, 1));
		assert_string_equal(rows[i].fault == MS_FAULT_LF_COMMANDS ?
		    "DATA\n" : "DATA|", text);
		g_free(text);
		ms_role_free(role);
		ms_stash_free(stash);
		g_free(dialogue);
	}
}

/* A NUL, and a line that is too long, are once in the body. */
static void
test_sizes(void **state)
{
	static const struct {
		enum ms_fault fault;
		size_t more;
		char what;
		size_t times;
	} rows[] = {
		{ MS_FAULT_NUL, 5, '\0', 1 },
		{ MS_FAULT_LONG_LINE, MS_FAULT_LONG + 2, 'x', MS_FAULT_LONG },
	};
	static const char dialogue[] = BEGIN "C a: b||c||d|.|" BYE;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ms_stash *stash = role_stash();
		struct ms_role *role = faulty(stash, dialogue, rows[i].fault);
		const struct ms_step *step = ms_role_step(role, 2);
		const size_t size = 19 + rows[i].more;
		char *bytes = g_malloc(size + 1);
		size_t got = size + 1, found = 0;

		assert_int_equal(size, step->size);
		assert_int_equal(MS_OK, ms_role_read(role, step, 0, bytes,
		    &got, NULL));
		assert_int_equal(size, got);
		for (size_t k = 0; k < size; k++)
			found += bytes[k] == rows[i].what;
		assert_int_equal(rows[i].times, found);
		assert_memory_equal("a: b\r\n\r\n", bytes, 8);
		assert_memory_equal("c\r\n\r\nd\r\n.\r\n",
		    bytes + size - 11, 11);
		g_free(bytes);
		ms_role_free(role);
		ms_stash_free(stash);
	}
}

/* Line ends are seen where blocks end, too: there is one in every place. */
static void
test_blocks(void **state)
{
	struct ms_stash *stash = role_stash();
	GString *text = g_string_new(BEGIN "C ");
	struct ms_role *role;
	char *bytes;

	(void)state;
	for (int i = 0; i < 70000; i++)
		g_string_append(text, i % 3 ? "|" : "x|");
	g_string_append(text, ".|" BYE);
	role = faulty(stash, text->str, MS_FAULT_BARE_LF);
	bytes = role_bytes(role, ms_role_step(role, 2));
	assert_null(strchr(bytes, '\r'));
	/* All but the last are single ones. */
	assert_string_equal("|.|", strchr(bytes, '|'));
	assert_int_equal(70000 + 70000 / 3 + 1 - 1 + 3, strlen(bytes));
	g_free(bytes);
	g_string_free(text, TRUE);
	ms_role_free(role);
	ms_stash_free(stash);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
