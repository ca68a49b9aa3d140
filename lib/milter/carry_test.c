/* link: -Wl,--wrap=smfi_setreply,--wrap=smfi_insheader,--wrap=smfi_chgheader */
/* link: -Wl,--wrap=smfi_addrcpt,--wrap=smfi_delrcpt,--wrap=smfi_quarantine */
/* link: -Wl,--wrap=smfi_replacebody */
#include "milter/carry.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#if HAVE_MILTER

#include <libmilter/mfapi.h>

#define ALL (SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_CHGBODY | SMFIF_ADDRCPT | \
	SMFIF_DELRCPT | SMFIF_QUARANTINE)

/* What libmilter was asked for, one after the other. */
static GString *asked;
/* The call that fails, counted from 1; 0: none does. */
static unsigned failing, calls;

static int
answer(void)
{
	return ++calls == failing ? MI_FAILURE : MI_SUCCESS;
}

/* The linker has these called in the place of libmilter's. */
int __wrap_smfi_setreply(SMFICTX *context, char *code, char *extended,
    char *text);
int __wrap_smfi_insheader(SMFICTX *context, int at, char *name, char *value);
int __wrap_smfi_chgheader(SMFICTX *context, char *name, int number,
    char *value);
int __wrap_smfi_addrcpt(SMFICTX *context, char *address);
int __wrap_smfi_delrcpt(SMFICTX *context, char *address);
int __wrap_smfi_quarantine(SMFICTX *context, char *reason);
int __wrap_smfi_replacebody(SMFICTX *context, unsigned char *data, int size);

int
__wrap_smfi_setreply(SMFICTX *context, char *code, char *extended,
    char *text)
{
	(void)context;
	g_string_append_printf(asked, "%s(%s)%s|", code, extended ?
	    extended : "", text);
	return answer();
}

int
__wrap_smfi_insheader(SMFICTX *context, int at, char *name, char *value)
{
	(void)context;
	g_string_append_printf(asked, "+%d %s:%s|", at, name, value);
	return answer();
}

int
__wrap_smfi_chgheader(SMFICTX *context, char *name, int number, char *value)
{
	(void)context;
	g_string_append_printf(asked, "=%d %s:%s|", number, name, value ?
	    value : "-");
	return answer();
}

int
__wrap_smfi_addrcpt(SMFICTX *context, char *address)
{
	(void)context;
	g_string_append_printf(asked, "to %s|", address);
	return answer();
}

int
__wrap_smfi_delrcpt(SMFICTX *context, char *address)
{
	(void)context;
	g_string_append_printf(asked, "not %s|", address);
	return answer();
}

int
__wrap_smfi_quarantine(SMFICTX *context, char *reason)
{
	(void)context;
	g_string_append_printf(asked, "hold %s|", reason);
	return answer();
}

int
__wrap_smfi_replacebody(SMFICTX *context, unsigned char *data, int size)
{
	(void)context;
	if (size < 100)
		g_string_append_printf(asked, "body %.*s|", size, data);
	else
		g_string_append_printf(asked, "body %d|", size);
	return answer();
}

static void
begin(unsigned fail_at)
{
	g_string_set_size(asked, 0);
	failing = fail_at;
	calls = 0;
}

static struct ms_letter *
make_letter(bool blanks)
{
	const struct ms_spool_config spool = { 1 << 16, 1 << 20, NULL };
	struct ms_letter *letter = ms_letter_new(&spool);
	struct ms_error err;
	uint64_t size;
	int fd;

	ms_letter_blanks(letter, blanks);
	ms_letter_begin(letter, "<a@b>");
	ms_letter_recipient(letter, "<c@d>");
	ms_letter_recipient(letter, "e@f");
	ms_letter_field(letter, "Subject", blanks ? " hi" : "hi");
	ms_letter_blank_line(letter);
	ms_letter_body(letter, "body\r\n", 6);
	assert_int_equal(ms_letter_seal(letter, &fd, &size, &err), MS_OK);
	(void)close(fd);
	return letter;
}

/* What takes the message's place: TEXT, or nothing. */
static int
body_of(const char *text, size_t size)
{
	const int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert_int_equal(write(fd, text, size), size);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK |
	    F_SEAL_GROW | F_SEAL_SEAL), 0);
	return fd;
}

#define USUAL "+0 X-Virus-Status: Clean|"

static const struct row {
	enum ms_action action;
	const char *reply, *what, *rewritten, *subject;
	unsigned long actions;
	bool old;		/* server, which wants no blank */
	int answer;
	const char *asked;
} rows[] = {
	{ MS_ACTION_PASS, NULL, NULL, NULL, NULL, ALL, false, SMFIS_ACCEPT,
	  USUAL },
	{ MS_ACTION_PASS, NULL, NULL, NULL, NULL, ALL, true, SMFIS_ACCEPT,
	  "+0 X-Virus-Status:Clean|" },
	{ MS_ACTION_TAG, NULL, "Bad", NULL, "[V]", ALL, false, SMFIS_ACCEPT,
	  "=1 Subject: [V] hi|+0 X-Original-Subject: hi|" USUAL },
	{ MS_ACTION_REDIRECT, NULL, "Bad", NULL, NULL, ALL, false,
	  SMFIS_ACCEPT, USUAL "not <c@d>|not e@f|to <v@w>|" },
	{ MS_ACTION_HOLD, NULL, "Bad\r\n\xff.", NULL, NULL, ALL, false,
	  SMFIS_ACCEPT, USUAL "hold mailscan: Bad???.|" },
	{ MS_ACTION_HOLD, NULL, NULL, NULL, NULL, ALL, false,
	  SMFIS_ACCEPT, USUAL "hold mailscan: held|" },
	{ MS_ACTION_QUARANTINE, NULL, "Bad", NULL, NULL, ALL, false,
	  SMFIS_DISCARD, "" },
	{ MS_ACTION_DROP, NULL, "Bad", NULL, NULL, ALL, false,
	  SMFIS_DISCARD, "" },
	{ MS_ACTION_REJECT, "550 5.7.1 No: 100% Bad\r\nX", "Bad", NULL, NULL,
	  ALL, false, SMFIS_REJECT, "550(5.7.1)No: 100%% Bad??X|" },
	{ MS_ACTION_REJECT, "550 no code", "Bad", NULL, NULL, ALL, false,
	  SMFIS_REJECT, "550()no code|" },
	{ MS_ACTION_REJECT, "550 4.7.1 odd", "Bad", NULL, NULL, ALL, false,
	  SMFIS_REJECT, "550()4.7.1 odd|" },
	{ MS_ACTION_REJECT, "550 5.1234.1 odd", "Bad", NULL, NULL, ALL, false,
	  SMFIS_REJECT, "550()5.1234.1 odd|" },
	{ MS_ACTION_REJECT, "451 4.7.1 later", "Bad", NULL, NULL, ALL, false,
	  SMFIS_REJECT, "" },
	{ MS_ACTION_DEFER, "451 4.7.1 later", "Bad", NULL, NULL, ALL, false,
	  SMFIS_TEMPFAIL, "451(4.7.1)later|" },
	{ MS_ACTION_DEFER, "550 no", "Bad", NULL, NULL, ALL, false,
	  SMFIS_TEMPFAIL, "" },
	{ MS_ACTIONS, NULL, NULL, NULL, NULL, ALL, false, SMFIS_TEMPFAIL,
	  "" },
	/* Another message in its place. */
	{ MS_ACTION_PASS, NULL, NULL, "Subject: ho\r\n\r\nother\r\n", NULL,
	  ALL, false, SMFIS_ACCEPT, "body other\r\n|=1 Subject: ho|" USUAL },
	{ MS_ACTION_PASS, NULL, NULL, "Subject: ho\r\n\r\nbody\r\n", NULL,
	  ALL & ~(unsigned long)SMFIF_CHGBODY, false, SMFIS_ACCEPT,
	  "=1 Subject: ho|" USUAL },
	{ MS_ACTION_PASS, NULL, NULL, "Subject: hi\r\n\r\n", NULL, ALL, false,
	  SMFIS_ACCEPT, "body |" USUAL },
	{ MS_ACTION_PASS, NULL, NULL, "X: 1\nSubject: hi\n\nbody\r\n", NULL,
	  ALL, false, SMFIS_ACCEPT, "+0 X: 1|" USUAL },
	/* A server that allows less. */
	{ MS_ACTION_PASS, NULL, NULL, NULL, NULL, 0, false, SMFIS_TEMPFAIL,
	  "451(4.3.0)The message could not be changed, try again later|" },
	{ MS_ACTION_REDIRECT, NULL, NULL, NULL, NULL, ALL &
	  ~(unsigned long)SMFIF_DELRCPT, false, SMFIS_TEMPFAIL, USUAL
	  "451(4.3.0)The message could not be changed, try again later|" },
	{ MS_ACTION_HOLD, NULL, NULL, NULL, NULL, ALL &
	  ~(unsigned long)SMFIF_QUARANTINE, false, SMFIS_TEMPFAIL, USUAL
	  "451(4.3.0)The message could not be changed, try again later|" },
	{ MS_ACTION_PASS, NULL, NULL, "Subject: hi\r\n\r\nother\r\n", NULL,
	  ALL & ~(unsigned long)SMFIF_CHGBODY, false, SMFIS_TEMPFAIL,
	  "451(4.3.0)The message could not be changed, try again later|" },
	{ MS_ACTION_DROP, NULL, NULL, NULL, NULL, 0, false, SMFIS_DISCARD,
	  "" },
};

/* What is answered, and in ERR what failed. */
static int
carry_out(const struct row *row, struct ms_error *err)
{
	char *names[] = { (char[]){ "X-Virus-Status" }, NULL };
	char *fields[] = { (char[]){ "X-Virus-Status: Clean" }, NULL };
	const struct ms_carry_leave leave = { NULL, row->actions, !row->old };
	const size_t size = row->rewritten ? strlen(row->rewritten) : 0;
	const struct ms_counter_reply reply = {
		.ruling = { .action = row->action, .names = names,
			.fields = fields,
			.reply = (char *)(uintptr_t)row->reply,
			.what = (char *)(uintptr_t)row->what,
			.subject = (char *)(uintptr_t)row->subject,
			.address = (char[]){ "v@w" },
			.rewritten = row->rewritten, .size = size },
		.rewritten = row->rewritten ? body_of(row->rewritten, size) :
		    -1,
	};
	struct ms_letter *letter = make_letter(!row->old);
	const int said = ms_carry_ruling(&leave, letter, &reply, err);

	ms_letter_free(letter);
	if (reply.rewritten >= 0)
		(void)close(reply.rewritten);
	return said;
}

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ms_error err;
		int said;

		begin(0);
		said = carry_out(&rows[i], &err);
		if (said != rows[i].answer ||
		    strcmp(asked->str, rows[i].asked) != 0)
			fail_msg("%zu: %d %s\nand not %d %s", i, said,
			    asked->str, rows[i].answer, rows[i].asked);
		assert_true((err.text[0] != '\0') ==
		    (strstr(rows[i].asked, "could not be changed") != NULL));
	}
}

/* Whichever call fails, the message does not go on. */
static void
test_failures(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ms_error err;
		unsigned count;

		if (rows[i].answer != SMFIS_ACCEPT)
			continue;
		begin(0);
		assert_int_equal(carry_out(&rows[i], &err), SMFIS_ACCEPT);
		count = calls;
		for (unsigned k = 1; k <= count; k++) {
			begin(k);
			assert_int_equal(carry_out(&rows[i], &err),
			    SMFIS_TEMPFAIL);
			assert_non_null(strstr(err.text, "does not let"));
		}
	}
}

/* The same without a seal; for close(). */
static int
file_of(const void *data, size_t size)
{
	FILE *file = tmpfile();
	int fd;

	assert_non_null(file);
	assert_int_equal(1, fwrite(data, size, 1, file));
	assert_int_equal(0, fflush(file));
	fd = fcntl(fileno(file), F_DUPFD_CLOEXEC, 3);
	assert_true(fd >= 0);
	assert_int_equal(0, fclose(file));
	return fd;
}

/* Large bodies go in pieces; what is no message of that size is none. */
static void
test_bodies(void **state)
{
	const struct ms_carry_leave leave = { NULL, ALL, true };
	char *none[] = { NULL };
	struct ms_counter_reply reply = { .ruling = {
		.action = MS_ACTION_PASS, .names = none, .fields = none,
		.rewritten = true } };
	struct ms_letter *letter = make_letter(true);
	GString *large = g_string_new("Subject: hi\r\n\r\n");
	struct ms_error err;

	(void)state;
	for (int i = 0; i < 150000; i++)
		g_string_append(large, "0123456789abcd");
	reply.ruling.size = large->len;
	reply.rewritten = body_of(large->str, large->len);
	begin(0);
	assert_int_equal(ms_carry_ruling(&leave, letter, &reply, &err),
	    SMFIS_ACCEPT);
	assert_string_equal(asked->str, "body 1048576|body 1048576|body 2848|");
	begin(2);
	assert_int_equal(ms_carry_ruling(&leave, letter, &reply, &err),
	    SMFIS_TEMPFAIL);
	begin(0);
	reply.ruling.size++;
	assert_int_equal(ms_carry_ruling(&leave, letter, &reply, &err),
	    SMFIS_TEMPFAIL);
	assert_string_equal(err.text, "the service announced 2100016 bytes "
	    "and sent 2100015");
	(void)close(reply.rewritten);
	/* In a file, as a service keeps large ones. */
	reply.ruling.size--;
	reply.rewritten = file_of(large->str, large->len);
	begin(0);
	assert_int_equal(ms_carry_ruling(&leave, letter, &reply, &err),
	    SMFIS_ACCEPT);
	assert_string_equal(asked->str, "body 1048576|body 1048576|body 2848|");
	assert_int_equal(0, ftruncate(reply.rewritten, 5));
	begin(0);
	assert_int_equal(ms_carry_ruling(&leave, letter, &reply, &err),
	    SMFIS_TEMPFAIL);
	assert_string_equal(err.text, "the service announced 2100015 bytes "
	    "and sent 5");
	(void)close(reply.rewritten);
	reply.rewritten = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_int_equal(ms_carry_ruling(&leave, letter, &reply, &err),
	    SMFIS_TEMPFAIL);
	assert_string_equal(err.text, "what takes its place is no file");
	(void)close(reply.rewritten);
	(void)g_string_free(large, TRUE);
	ms_letter_free(letter);
}

static void
test_others(void **state)
{
	const struct ms_carry_leave leave = { NULL, ALL, true };
	const struct ms_carry_leave none = { NULL, 0, true };
	struct ms_letter *letter = make_letter(true);
	struct ms_error err;
	char *text;

	(void)state;
	begin(0);
	assert_int_equal(ms_carry_unscanned(&leave, letter, &err),
	    SMFIS_ACCEPT);
	assert_string_equal(asked->str, "+0 X-Virus-Status: Not scanned|");
	assert_int_equal(ms_carry_unscanned(&none, letter, &err),
	    SMFIS_TEMPFAIL);
	begin(0);
	assert_int_equal(ms_carry_refuse(NULL, "554 5.7.1 no"),
	    SMFIS_REJECT);
	assert_int_equal(ms_carry_refuse(NULL, "450 later"), SMFIS_TEMPFAIL);
	assert_string_equal(asked->str, "554(5.7.1)no|450()later|");
	/* No reply that libmilter would not take. */
	begin(0);
	ms_carry_reply(NULL, "250 2.0.0 yes");
	ms_carry_reply(NULL, "550");
	assert_string_equal(asked->str, "");
	text = g_strnfill(5000, 'x');
	memcpy(text, "550 5.7.1 ", 10);
	ms_carry_reply(NULL, text);
	assert_true(asked->len > 800 && asked->len < 980);
	g_free(text);
	ms_letter_free(letter);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_others),
	};
	int failed;

	asked = g_string_new(NULL);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	(void)g_string_free(asked, TRUE);
	return failed;
}

#else

int
main(void)
{
	return 0;
}

#endif
