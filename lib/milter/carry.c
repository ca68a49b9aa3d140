#include "milter/carry.h"

#include "milter/alter.h"

#include <string.h>
#include <sys/stat.h>

#if HAVE_MILTER

#include <libmilter/mfapi.h>

/* libmilter takes no longer text. */
#define REPLY_MAX 900

#define NOT_CHANGED "451 4.3.0 The message could not be changed, try again " \
	"later"
#define STATUS "X-Virus-Status"

/* One message that goes on. */
struct going {
	struct smfi_str *context;
	const struct ms_carry_leave *leave;
	struct ms_letter *letter;
	const struct ms_errand_ruling *ruling;
	int rewritten;
	struct ms_error *err;
};

static bool
is_digits(const char *text, size_t size)
{
	return size >= 1 && size <= 3 &&
	    strspn(text, "0123456789") >= size;
}

/* The size of the enhanced code (RFC 3463) that TEXT begins with, of CLASS and
 * with a blank behind it; 0: there is none. */
static size_t
code_size(const char *text, char class)
{
	const size_t size = strcspn(text, " ");
	const char *dot = memchr(text, '.', size), *last;

	if (text[size] != ' ' || text[0] != class || dot != text + 1)
		return 0;
	last = memchr(dot + 1, '.', size - 2);
	if (!last || !is_digits(dot + 1, (size_t)(last - dot - 1)) ||
	    !is_digits(last + 1, (size_t)(text + size - last - 1)))
		return 0;
	return size;
}

void
ms_carry_reply(struct smfi_str *context, const char *reply)
{
	char code[4] = "", extended[16] = "";
	GString *text;
	size_t size;

	if (strlen(reply) < 5 || (reply[0] != '4' && reply[0] != '5'))
		return;
	memcpy(code, reply, 3);
	size = code_size(reply + 4, reply[0]);
	if (size > 0 && size < sizeof extended) {
		memcpy(extended, reply + 4, size);
		reply += size + 1;
	}
	text = g_string_new(NULL);
	for (reply += 4; *reply != '\0' && text->len < REPLY_MAX; reply++) {
		/* It is a format to sendmail, and so to others. */
		if (*reply == '%')
			g_string_append_c(text, '%');
		g_string_append_c(text, *reply < ' ' || *reply > '~' ? '?' :
		    *reply);
	}
	(void)smfi_setreply(context, code, extended[0] ? extended : NULL,
	    text->str);
	(void)g_string_free(text, TRUE);
}

int
ms_carry_defer(struct smfi_str *context, const char *reply)
{
	if (reply && reply[0] == '4')
		ms_carry_reply(context, reply);
	return SMFIS_TEMPFAIL;
}

static int
reject(struct smfi_str *context, const char *reply)
{
	if (reply && reply[0] == '5')
		ms_carry_reply(context, reply);
	return SMFIS_REJECT;
}

int
ms_carry_refuse(struct smfi_str *context, const char *reply)
{
	return reply[0] == '4' ? ms_carry_defer(context, reply) :
	    reject(context, reply);
}

static bool
failed(const struct going *going, const char *what)
{
	(void)ms_error_set(going->err, MS_E_PEER, "the mail server does not "
	    "let its filter %s", what);
	return false;
}

static bool
may(const struct going *going, unsigned long actions)
{
	return (going->leave->actions & actions) == actions;
}

static bool
make_edit(const struct going *going, struct ms_alter_edit *edit)
{
	struct smfi_str *context = going->context;
	char *value = edit->value;
	int done = MI_FAILURE;

	if (value && !going->leave->blanks)
		value += strspn(value, " \t");
	if (edit->kind == MS_ALTER_PUT && may(going, SMFIF_ADDHDRS))
		done = smfi_insheader(context, 0, edit->name, value);
	else if (edit->kind != MS_ALTER_PUT && may(going, SMFIF_CHGHDRS))
		done = smfi_chgheader(context, edit->name,
		    (int)MIN(edit->number, G_MAXINT), value);
	return done == MI_SUCCESS || failed(going, "change the header");
}

static bool
edit_header(const struct going *going, const struct ms_alter_config *config)
{
	GPtrArray *edits = ms_alter(config);
	bool good = edits != NULL;

	if (!edits)
		(void)ms_error_set(going->err, MS_E_LIMIT,
		    "its header has too many fields to be compared");
	for (guint i = 0; good && i < edits->len; i++)
		good = make_edit(going, edits->pdata[i]);
	if (edits)
		g_ptr_array_unref(edits);
	return good;
}

static bool
redirect(const struct going *going)
{
	const GPtrArray *recipients = ms_letter_recipients(going->letter);
	char *address = g_strdup_printf("<%s>", going->ruling->address);
	bool good = may(going, SMFIF_ADDRCPT | SMFIF_DELRCPT);

	for (guint i = 0; good && i < recipients->len; i++)
		good = smfi_delrcpt(going->context, recipients->pdata[i]) ==
		    MI_SUCCESS;
	good = good && smfi_addrcpt(going->context, address) == MI_SUCCESS;
	g_free(address);
	return good || failed(going, "change recipients");
}

/* How many bytes of the SIZE at DATA are the header, with the blank line. */
static size_t
header_size(const unsigned char *data, size_t size)
{
	const unsigned char *at = data, *end = data + size, *lf;

	while (at < end && (lf = memchr(at, '\n', (size_t)(end - at)))) {
		if (lf == at || (lf == at + 1 && *at == '\r'))
			return (size_t)(lf + 1 - data);
		at = lf + 1;
	}
	return size;
}

/* In the place of BYTES comes what is in SPOOL, as CONFIG is to know. */
static bool
replace(const struct going *going, const struct ms_letter_bytes *bytes,
    struct ms_spool *spool, struct ms_alter_config *config)
{
	const size_t size = (size_t)ms_spool_size(spool);
	const unsigned char *data, *body;
	size_t left;

	if (ms_spool_map(spool, &data, going->err) != MS_OK)
		return false;
	config->rewritten = data;
	config->rewritten_size = header_size(data, size);
	body = data + config->rewritten_size;
	left = size - config->rewritten_size;
	if (left == bytes->size - bytes->header &&
	    memcmp(body, bytes->data + bytes->header, left) == 0)
		return true;
	/* An empty one is a change, too. */
	do {
		const size_t piece = MIN(left, (size_t)1 << 20);

		if (!may(going, SMFIF_CHGBODY) ||
		    smfi_replacebody(going->context,
		    (unsigned char *)(uintptr_t)body, (int)piece) !=
		    MI_SUCCESS)
			return failed(going, "replace the body");
		body += piece;
		left -= piece;
	} while (left > 0);
	return true;
}

/* What takes its place. NULL: it is not what the service has announced. */
static struct ms_spool *
take_over(const struct going *going)
{
	const int fd = going->rewritten;
	const uint64_t size = going->ruling->size;
	struct ms_spool *spool = ms_spool_adopt(fd, size);
	struct stat st;

	if (spool)
		return spool;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		(void)ms_error_set(going->err, MS_E_PEER, "what takes its "
		    "place is no file");
		return NULL;
	}
	if ((uint64_t)st.st_size != size) {
		(void)ms_error_set(going->err, MS_E_PEER, "the service "
		    "announced %" G_GUINT64_FORMAT " bytes and sent %"
		    G_GUINT64_FORMAT, size, (uint64_t)st.st_size);
		return NULL;
	}
	/* A large one is in a file, which knows no seals: what is delivered
	 * must not change on its way. */
	spool = ms_letter_aside(going->letter);
	if (ms_spool_copy(spool, fd, 0, size, going->err) == MS_OK)
		return spool;
	ms_error_context(going->err, "what takes its place");
	ms_spool_free(spool);
	return NULL;
}

static bool
edit(const struct going *going)
{
	const struct ms_errand_ruling *ruling = going->ruling;
	const bool moves = ruling->action == MS_ACTION_REDIRECT;
	struct ms_alter_config config = {
		.names = (const char *const *)ruling->names,
		.fields = (const char *const *)ruling->fields,
		.subject = ruling->subject,
	};
	struct ms_spool *spool = NULL;
	struct ms_letter_bytes bytes;
	bool good;

	if (ms_letter_map(going->letter, &bytes, going->err) != MS_OK)
		return false;
	config.header = bytes.data;
	config.size = bytes.header;
	if (going->rewritten >= 0) {
		spool = take_over(going);
		if (!spool)
			return false;
	}
	good = (!spool || replace(going, &bytes, spool, &config)) &&
	    edit_header(going, &config) && (!moves || redirect(going));
	ms_spool_free(spool);
	return good;
}

/* The server keeps it until somebody there lets it go. */
static bool
hold(const struct going *going)
{
	const char *what = going->ruling->what;
	GString *reason = g_string_new("mailscan: ");
	bool good;

	for (const char *p = what ? what : "held"; *p != '\0' &&
	    reason->len < REPLY_MAX; p++)
		g_string_append_c(reason, *p < ' ' || *p > '~' ? '?' : *p);
	good = may(going, SMFIF_QUARANTINE) &&
	    smfi_quarantine(going->context, reason->str) == MI_SUCCESS;
	(void)g_string_free(reason, TRUE);
	return good || failed(going, "hold messages");
}

static int
go_on(const struct going *going)
{
	const bool holds = going->ruling->action == MS_ACTION_HOLD;

	if (edit(going) && (!holds || hold(going)))
		return SMFIS_ACCEPT;
	return ms_carry_defer(going->context, NOT_CHANGED);
}

int
ms_carry_ruling(const struct ms_carry_leave *leave, struct ms_letter *letter,
    const struct ms_counter_reply *reply, struct ms_error *err)
{
	const struct going going = { leave->context, leave, letter,
		&reply->ruling, reply->rewritten, err };

	err->text[0] = '\0';
	switch (reply->ruling.action) {
	case MS_ACTION_PASS:
	case MS_ACTION_TAG:
	case MS_ACTION_REDIRECT:
	case MS_ACTION_HOLD:
		return go_on(&going);
	case MS_ACTION_QUARANTINE:
	case MS_ACTION_DROP:
		return SMFIS_DISCARD;
	case MS_ACTION_REJECT:
		return reject(leave->context, reply->ruling.reply);
	default:
		return ms_carry_defer(leave->context, reply->ruling.reply);
	}
}

int
ms_carry_unscanned(const struct ms_carry_leave *leave,
    struct ms_letter *letter, struct ms_error *err)
{
	char *names[] = { (char[]){ STATUS }, NULL };
	char *fields[] = { (char[]){ STATUS ": Not scanned" }, NULL };
	const struct ms_errand_ruling ruling = { .action = MS_ACTION_PASS,
		.names = names, .fields = fields };
	const struct going going = { leave->context, leave, letter, &ruling,
		-1, err };

	err->text[0] = '\0';
	return go_on(&going);
}

#endif
