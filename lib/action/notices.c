#include "action/notices.h"

#include "action/provenance.h"
#include "action/notify.h"
#include "action/noticetext.h"
#include "message/authres.h"
#include "message/date.h"
#include "message/head.h"
#include "policy/decide.h"

#include <inttypes.h>
#include <string.h>

/* Of its envelope; the others are not told. */
#define RECIPIENTS_MAX 1000

/* What the Message-IDs of notices begin with. */
#define OWN_ID "<mailscan."

static const char usual[] =
	"A message from ${sender} to\n\t${recipients}\n"
	"contained\n\t${virus}\n(${file}).\n\n${action}\n\n"
	"Subject: ${subject}\nMessage-ID: ${message_id}\nClient: ${client}\n"
	"In quarantine: ${quarantine}\nIn the log: ${i}\n\n"
	"-- \n${version} on ${host}\n";

/* What was done, in words; the deed of the last of them. */
static const struct {
	enum ms_action action;
	const char *text;
	bool delivered;
} ends[] = {
	{ MS_ACTION_PASS, "It was delivered.", true },
	{ MS_ACTION_TAG, "It was delivered, marked.", true },
	{ MS_ACTION_DEFER, "It has not been accepted yet.", false },
	{ MS_ACTION_REDIRECT, "It was delivered to somebody else.", false },
	{ MS_ACTION_QUARANTINE, "It is in quarantine, and was not delivered.",
	  false },
	{ MS_ACTION_DROP, "It was not delivered.", false },
	{ MS_ACTION_REJECT, "It has not been accepted for delivery.", false },
};

/* What the texts of one message are made from. */
struct making {
	const struct ms_notices_config *config;
	const struct ms_notices_case *known;
	const struct ms_finding *finding;
	size_t end;		/* index into ends */
	char *header;
	char *recipients;
	char *size;
	GString *date, *references;
	struct ms_noticetext_value *values;
};

/* The value of the field NAME, with its folds, in the header of SIZE bytes at
 * TEXT: its size in *LENGTH; NULL: there is none. */
static const char *
field(const char *text, size_t size, const char *name, size_t *length)
{
	const char *end = text + size;

	while (text < end) {
		const char *line = memchr(text, '\n', (size_t)(end - text));
		const char *next = line ? line + 1 : end;
		const size_t named = strlen(name);

		while (next < end && (*next == ' ' || *next == '\t')) {
			line = memchr(next, '\n', (size_t)(end - next));
			next = line ? line + 1 : end;
		}
		if ((size_t)(next - text) > named && text[named] == ':' &&
		    g_ascii_strncasecmp(text, name, named) == 0) {
			text += named + 1;
			while (text < next && strchr(" \t\r\n", *text) &&
			    *text != '\0')
				text++;
			*length = (size_t)(next - text);
			return text;
		}
		text = next;
	}
	return NULL;
}

static bool
begins_with(const char *value, size_t length, const char *word)
{
	return value && length >= strlen(word) &&
	    g_ascii_strncasecmp(value, word, strlen(word)) == 0;
}

static size_t
head_of(const char *text, size_t size)
{
	return ms_head_size((const unsigned char *)text, size, MS_HEAD_MAX);
}

/* Does it look like a notice, as anybody can make his mail do? */
static bool
is_like_one(const char *sender, const char *text, size_t size)
{
	const size_t header = head_of(text, size);
	size_t length = 0;
	const char *value;

	if (sender && *sender != '\0')
		return false;
	value = field(text, header, "Message-ID", &length);
	if (!begins_with(value, length, OWN_ID))
		return false;
	value = field(text, header, "Auto-Submitted", &length);
	return begins_with(value, length, "auto-");
}

/* Whom to tell, of enum ms_notices_who; and *COLLECTED, whether those who
 * collect get it. */
static unsigned
whom(const struct ms_notices_config *config,
    const struct ms_notices_case *known, bool *collected)
{
	const struct ms_envelope *e = known->outcome->envelope;
	const bool like = is_like_one(e ? e->sender : NULL, known->message,
	    known->size);
	const bool ours = config->key ? ms_provenance_is_ours(config->key,
	    known->time, known->message, head_of(known->message,
	    known->size)) : like;

	*collected = !ours;
	return ours ? 0 : like ? config->who & MS_NOTICES_POSTMASTER :
	    config->who;
}

bool
ms_notices_is_automatic(const char *sender, const char *text, size_t size)
{
	/* RFC 2369; RFC 2919 */
	static const char *const lists[] = { "List-Archive", "List-Help",
		"List-Id", "List-Owner", "List-Post", "List-Subscribe",
		"List-Unsubscribe" };
	static const char *const words[] = { "bulk", "list", "junk",
		"auto_reply" };
	const size_t header = head_of(text, size);
	size_t length = 0;
	const char *value;

	if (!sender || *sender == '\0' ||
	    g_ascii_strncasecmp(sender, "mailer-daemon", 13) == 0)
		return true;
	value = field(text, header, "Auto-Submitted", &length);
	if (value && !begins_with(value, length, "no"))
		return true;
	for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
		if (field(text, header, lists[i], &length))
			return true;
	value = field(text, header, "Precedence", &length);
	for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
		if (begins_with(value, length, words[i]))
			return true;
	return false;
}

/* Is the line of SIZE bytes at TEXT a field that may be added? */
static const char *
objection(const char *text, size_t size)
{
	static const char *const fixed[] = { "From", "To", "Cc", "Bcc", "Date",
		"Message-ID", "Auto-Submitted", "MIME-Version", "Sender",
		"Return-Path", "Received" };
	const size_t name = ms_head_name((const unsigned char *)text, size);

	if (name == 0)
		return "it is no header field";
	for (size_t i = 0; i < size; i++)
		if ((unsigned char)text[i] > 0x7e ||
		    (text[i] < ' ' && text[i] != '\t'))
			return "there is a byte in it that is not ASCII";
	if (g_ascii_strncasecmp(text, "Content-", 8) == 0)
		return "the text is UTF-8, and mailscan says so";
	for (size_t i = 0; i < G_N_ELEMENTS(fixed); i++)
		if (strlen(fixed[i]) == name &&
		    g_ascii_strncasecmp(text, fixed[i], name) == 0)
			return "every notice has that field";
	return NULL;
}

enum ms_status
ms_notices_check_fields(const char *text, struct ms_error *err)
{
	for (unsigned line = 1; *text != '\0'; line++) {
		const size_t size = strcspn(text, "\n");
		const bool folded = line > 1 && size > 1 &&
		    (*text == ' ' || *text == '\t');
		const char *why = folded ? NULL : objection(text, size);

		if (why)
			return ms_error_set(err, MS_E_USAGE, "line %u: "
			    "\"%.*s\": %s", line, (int)MIN(size, 40), text,
			    why);
		text += size + (text[size] == '\n');
	}
	return MS_OK;
}

/* What was done at last. */
static size_t
find_end(const GPtrArray *deeds)
{
	for (guint k = deeds->len; k-- > 0;) {
		const struct ms_deed *deed = deeds->pdata[k];

		for (size_t i = 0; i < G_N_ELEMENTS(ends); i++)
			if (deed->state == MS_DEED_DONE && strcmp(deed->action,
			    ms_decide_action_name(ends[i].action)) == 0)
				return i;
	}
	return G_N_ELEMENTS(ends);
}

/* The header of the message as people can read it in a mail: printable UTF-8,
 * lines that end with LF. */
static char *
header_of(const struct ms_notices_case *known)
{
	const size_t size = ms_head_size((const unsigned char *)known->message,
	    known->size, MIN(known->size, MS_NOTICES_HEADER_MAX));
	char *text = g_utf8_make_valid(known->message, (gssize)size);
	GString *out = g_string_sized_new(size);

	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
		const gunichar c = g_utf8_get_char(p);

		if (c == '\n' || c == '\t' || g_unichar_isprint(c))
			g_string_append_unichar(out, c);
		else if (c != '\r')
			g_string_append_c(out, '?');
	}
	g_free(text);
	if (out->len > 0 && out->str[out->len - 1] != '\n')
		g_string_append_c(out, '\n');
	return g_string_free(out, FALSE);
}

static void
fill_values(struct making *m)
{
	const struct ms_notices_case *known = m->known;
	const struct ms_headers *headers = &known->outcome->facts.headers;
	const struct ms_envelope *e = known->outcome->envelope;
	const char *client = known->client ? known->client :
	    e ? e->client_address : NULL;
	const char *sender = !e || !e->sender ? NULL :
	    *e->sender == '\0' ? "<>" : e->sender;
	const struct ms_noticetext_value values[] = {
		{ "action", m->end < G_N_ELEMENTS(ends) ? ends[m->end].text :
		    "What became of it is in the log." },
		{ "client", client }, { "_", client },
		{ "date", m->date->str },
		{ "file", *m->finding->part != '\0' ? m->finding->part :
		    "the message as a whole" },
		{ "from", headers->from }, { "helo", e ? e->helo : NULL },
		{ "host", m->config->host }, { "j", m->config->host },
		{ "i", e ? e->queue_id : NULL },
		{ "mail_addr", sender }, { "sender", sender },
		{ "message_id", headers->message_id },
		{ "quarantine", known->kept ? known->kept : "no" },
		{ "rcpt_addr", m->recipients },
		{ "recipients", m->recipients },
		{ "size", m->size }, { "subject", headers->subject },
		{ "version", m->config->version },
		{ "virus", m->finding->name },
		{ NULL, NULL },
	};

	m->values = g_memdup2(values, sizeof values);
}

static struct making
begin(const struct ms_notices_config *config,
    const struct ms_notices_case *known)
{
	const struct ms_envelope *e = known->outcome->envelope;
	struct making m = {
		.config = config, .known = known,
		.finding = known->outcome->facts.findings->pdata[0],
		.end = find_end(known->outcome->deeds),
		.header = header_of(known),
		.recipients = e && e->count > 0 ?
		    g_strjoinv(", ", e->recipients) : NULL,
		.size = g_strdup_printf("%" PRIu64, known->outcome->size),
		.date = g_string_new(NULL),
		.references = g_string_new(NULL),
	};

	ms_date_append(m.date, known->time);
	ms_provenance_references(known->message, head_of(known->message,
	    known->size), m.references);
	fill_values(&m);
	return m;
}

static void
end(struct making *m)
{
	g_free(m->values);
	(void)g_string_free(m->date, TRUE);
	(void)g_string_free(m->references, TRUE);
	g_free(m->size);
	g_free(m->recipients);
	g_free(m->header);
}

static char *
text_of(const struct making *m)
{
	const char *template = m->config->template ? m->config->template :
	    usual;
	GString *text = g_string_new(NULL);

	ms_noticetext_expand(template, m->values, m->header, text);
	if (m->config->headers && !ms_noticetext_has_header(template)) {
		g_string_append(text, "\nThe header of the message:\n\n");
		g_string_append(text, m->header);
	}
	return g_string_free(text, FALSE);
}

/* The fields of the administrator's without Subject, which is put into
 * *SUBJECT. */
static char *
fields_of(const struct making *m, char **subject)
{
	const char *text = m->config->fields ? m->config->fields : "";
	GString *rest = g_string_new(NULL);
	bool removing = false;

	while (*text != '\0') {
		const size_t size = strcspn(text, "\n");

		if (*text != ' ' && *text != '\t') {
			removing = g_ascii_strncasecmp(text, "Subject:",
			    8) == 0;
			if (removing) {
				g_free(*subject);
				*subject = g_strstrip(g_strndup(text + 8,
				    size - 8));
			}
		}
		if (!removing) {
			g_string_append_len(rest, text, (gssize)size);
			g_string_append_c(rest, '\n');
		}
		text += size + (text[size] == '\n');
	}
	return g_string_free(rest, FALSE);
}

/* Who writes: the sender of the message, if that is wanted and can be. */
static const char *
from_of(const struct making *m)
{
	const struct ms_envelope *e = m->known->outcome->envelope;

	if (*m->config->from != '\0')
		return m->config->from;
	return e && e->sender && ms_notify_is_address(e->sender) ? e->sender :
	    m->config->postmaster;
}

/* What a mail is besides its text. */
struct cover {
	const char *const *to;
	bool hidden;
	bool forward;		/* the message goes with it */
	const char *key;	/* for those whom we know; others would have
				 * proofs for mail of their own */
};

static enum ms_status
add(const struct making *m, const struct cover *cover, GPtrArray *mails,
    struct ms_error *err)
{
	const bool delivered = m->end < G_N_ELEMENTS(ends) &&
	    ends[m->end].delivered;
	GString *name = g_string_new(delivered ? "Virus found: " :
	    m->finding->kind == MS_FINDING_MALWARE ? "Virus intercepted: " :
	    "Message blocked: ");
	char *text = text_of(m), *subject, *fields;
	struct ms_notices_mail *mail = g_new0(struct ms_notices_mail, 1);
	enum ms_status status;

	ms_noticetext_value(m->finding->name, name);
	subject = g_string_free(name, FALSE);
	fields = fields_of(m, &subject);
	mail->to = g_strdupv((char **)(uintptr_t)cover->to);
	mail->text = g_string_new(NULL);
	status = ms_notify_build(&(struct ms_notify){
		.from = from_of(m), .to = cover->to, .subject = subject,
		.text = text, .host = m->config->host,
		.time = m->known->time, .hidden = cover->hidden,
		.key = cover->key, .references = m->references->str,
		.fields = fields,
		.attached = cover->forward ? m->known->message : NULL,
		.attached_size = m->known->size,
	}, mail->text, err);
	g_free(fields);
	g_free(subject);
	g_free(text);
	if (status == MS_OK)
		g_ptr_array_add(mails, mail);
	else
		ms_notices_mail_free(mail);
	return status;
}

/* Those recipients that can stand in a command. */
static enum ms_status
add_recipients(const struct making *m, GPtrArray *mails, struct ms_error *err)
{
	const struct ms_envelope *e = m->known->outcome->envelope;
	GPtrArray *to = g_ptr_array_new();
	enum ms_status status = MS_OK;

	for (unsigned i = 0; e && i < e->count && to->len < RECIPIENTS_MAX;
	    i++)
		if (ms_notify_is_address(e->recipients[i]))
			g_ptr_array_add(to, e->recipients[i]);
	g_ptr_array_add(to, NULL);
	if (to->len > 1)
		status = add(m, &(struct cover){
		    (const char *const *)to->pdata, to->len > 2, false,
		    NULL }, mails, err);
	g_ptr_array_unref(to);
	return status;
}

static enum ms_status
add_sender(const struct making *m, GPtrArray *mails, struct ms_error *err)
{
	const struct ms_envelope *e = m->known->outcome->envelope;
	const char *to[] = { e ? e->sender : NULL, NULL };

	if (!to[0] || !ms_notify_is_address(to[0]) ||
	    ms_notices_is_automatic(to[0], m->known->message,
	    m->known->size))
		return MS_OK;
	return add(m, &(struct cover){ to, false, false, NULL }, mails, err);
}

static enum ms_status
add_one(const struct making *m, const char *address, bool forward,
    GPtrArray *mails, struct ms_error *err)
{
	const char *const to[] = { address, NULL };

	return add(m, &(struct cover){ to, false, forward, m->config->key },
	    mails, err);
}

/* Whom phishing is forwarded to, or NULL. */
static const char *
who_collects(const struct ms_notices_config *config,
    const struct ms_notices_case *known)
{
	return config->false_phishing && ms_authres(
	    (const unsigned char *)known->message, known->size,
	    config->trusted) ? config->false_phishing : config->phishing;
}

enum ms_status
ms_notices(const struct ms_notices_config *config,
    const struct ms_notices_case *known, GPtrArray *mails,
    struct ms_error *err)
{
	const struct ms_outcome *outcome = known->outcome;
	enum ms_status status = MS_OK;
	const char *phishing;
	struct making m;
	bool collected;
	unsigned who;

	if (outcome->facts.findings->len == 0 ||
	    outcome->verdict > MS_VERDICT_BLOCKED)
		return MS_OK;
	who = whom(config, known, &collected);
	m = begin(config, known);
	if (who & MS_NOTICES_POSTMASTER)
		status = add_one(&m, config->postmaster, false, mails, err);
	if (status == MS_OK && (who & MS_NOTICES_RECIPIENTS))
		status = add_recipients(&m, mails, err);
	if (status == MS_OK && (who & MS_NOTICES_SENDER))
		status = add_sender(&m, mails, err);
	if (status == MS_OK && collected && known->whole &&
	    ms_decide_is_phishing(m.finding) &&
	    (phishing = who_collects(config, known)))
		status = add_one(&m, phishing, true, mails, err);
	end(&m);
	return status;
}

void
ms_notices_mail_free(struct ms_notices_mail *mail)
{
	g_strfreev(mail->to);
	(void)g_string_free(mail->text, TRUE);
	g_free(mail);
}
