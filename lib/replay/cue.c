#include "replay/cue.h"

#include <string.h>

/* How far ahead what is said may have been recorded. */
enum reach {
	ASIDE,			/* behind nothing but asides */
	LOCAL,			/* in the same transaction */
	ANYWHERE
};

/* What one verb means for a role. */
struct manner {
	const char *verb;
	enum reach reach;
	bool begins;		/* a transaction ends before it */
	bool again;		/* not recorded again, it gets the last reply
				 * to it that was */
	int code;		/* for who is answered, but not as recorded */
	int missing;		/* for what was not recorded at all */
};

static const struct manner manners[] = {
	{ "EHLO", ANYWHERE, true, true, 250, 250 },
	{ "HELO", ANYWHERE, true, true, 250, 250 },
	{ "LHLO", ANYWHERE, true, true, 250, 250 },
	{ "MAIL", ANYWHERE, true, false, 250, 503 },
	{ "QUIT", ANYWHERE, true, false, 221, 221 },
	{ "STARTTLS", ANYWHERE, false, false, 220, 454 },
	{ "AUTH", ANYWHERE, false, false, 235, 503 },
	{ "RCPT", LOCAL, false, true, 250, 503 },
	{ "DATA", LOCAL, false, false, 354, 503 },
	{ "BDAT", LOCAL, false, false, 250, 503 },
	{ "RSET", ASIDE, true, false, 250, 250 },
	{ "NOOP", ASIDE, false, false, 250, 250 },
	{ "VRFY", ASIDE, false, false, 252, 252 },
	{ "", ASIDE, false, false, 500, 500 }
};

static const struct {
	int code;
	const char *text;
} texts[] = {
	{ 220, "ready" },
	{ 221, "2.0.0 closing" },
	{ 235, "2.7.0 so be it" },
	{ 250, "2.0.0 as it would have been" },
	{ 252, "2.1.5 perhaps" },
	{ 354, "end data with <CR><LF>.<CR><LF>" },
	{ 454, "4.7.0 TLS was not recorded" },
	{ 500, "5.5.2 that was not recorded" },
	{ 503, "5.5.1 that was not recorded here" },
};

struct ms_cue {
	const struct ms_role *role;
	enum ms_expect expect;
	struct ms_acted *acted;
	bool *hidden;		/* of each step: it is not expected */
	bool can_secure;	/* and STARTTLS is told of */
	size_t next;		/* step */
	const struct ms_step *last[G_N_ELEMENTS(manners)];
	/* What was said last: */
	const struct ms_step *step;	/* as recorded; NULL: was not */
	int code;			/* then */
	bool hello;
};

static const struct manner *
manner_of(const char *verb)
{
	static const struct manner others = { NULL, ASIDE, false, false, 250,
		503 };

	for (size_t i = 0; i < G_N_ELEMENTS(manners); i++)
		if (strcmp(manners[i].verb, verb) == 0)
			return &manners[i];
	return &others;
}

static size_t
end_of(const struct ms_cue *cue)
{
	return cue->role->steps->len - 1;
}

/* One that is told of extensions. */
static bool
is_hello(const char *verb)
{
	return strcmp(verb, "EHLO") == 0 || strcmp(verb, "LHLO") == 0;
}

/* Was it accepted, and what came under TLS is not known? */
static bool
leads_nowhere(const struct ms_cue *cue, const struct ms_step *step)
{
	const struct ms_recorded *recorded = ms_role_recorded(cue->role, step,
	    0);

	return strcmp(step->verb, "STARTTLS") == 0 && !step->secure &&
	    (!recorded || recorded->code == 220);
}

/* Without TLS its beginning was not: from the hello before it on. */
static void
hide_tls(struct ms_cue *cue)
{
	for (size_t i = 1; i < end_of(cue); i++) {
		const struct ms_step *step = ms_role_step(cue->role, i);

		if (leads_nowhere(cue, step))
			cue->hidden[i] = true;
		if (!step->secure || cue->can_secure)
			continue;
		for (size_t k = i; k > 0 && !cue->hidden[k]; k--) {
			cue->hidden[k] = true;
			if (is_hello(ms_role_step(cue->role, k)->verb))
				break;
		}
	}
}

struct ms_cue *
ms_cue_new(const struct ms_role *role, bool can_secure, enum ms_expect expect,
    struct ms_acted *acted)
{
	struct ms_cue *cue = g_new0(struct ms_cue, 1);

	cue->role = role;
	cue->expect = expect;
	cue->acted = acted;
	cue->hidden = g_new0(bool, role->steps->len);
	cue->can_secure = can_secure;
	cue->next = 1;
	hide_tls(cue);
	return cue;
}

void
ms_cue_free(struct ms_cue *cue)
{
	if (!cue)
		return;
	g_free(cue->hidden);
	g_free(cue);
}

/* STARTTLS is offered where it is going to be accepted. */
static bool
offers_tls(const struct ms_cue *cue)
{
	for (size_t i = cue->next; cue->can_secure && i < end_of(cue); i++)
		if (ms_role_step(cue->role, i)->secure)
			return true;
	return false;
}

/* The lines of TEXT without the keyword STARTTLS. */
static char *
without_tls(const char *text)
{
	char **lines = g_strsplit(text, "\n", -1), *left;
	size_t n = 1;

	for (size_t i = 1; lines[0] && lines[i]; i++) {
		if (g_ascii_strcasecmp(lines[i], "STARTTLS") == 0)
			g_free(lines[i]);
		else
			lines[n++] = lines[i];
	}
	if (lines[0])
		lines[n] = NULL;
	left = g_strjoinv("\n", lines);
	g_strfreev(lines);
	return left;
}

static const char *
text_of(int code)
{
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
		if (texts[i].code == code)
			return texts[i].text;
	return "";
}

/* The reply to STEP that was recorded, or what is as good. */
static void
answer(const struct ms_cue *cue, const struct ms_step *step, size_t i,
    struct ms_cue_reply *reply)
{
	const struct ms_recorded *recorded = ms_role_recorded(cue->role, step,
	    i);

	*reply = (struct ms_cue_reply){ .secures = step->secure };
	if (recorded) {
		reply->code = recorded->code;
		reply->delay_us = i == 0 ? step->answer_us : 0;
		reply->text = g_strdup(recorded->text ? recorded->text : "");
		return;
	}
	if (step->silent)
		return;
	if (step->kind == MS_STEP_GREETING)
		reply->code = 220;
	else if (ms_role_step(cue->role, cue->next)->kind == MS_STEP_RESPONSE)
		reply->code = 334;
	else if (step->kind == MS_STEP_RESPONSE)
		reply->code = 235;
	else
		reply->code = step->kind == MS_STEP_CONTENT ? 250 :
		    manner_of(step->verb)->code;
	reply->text = g_strdup(text_of(reply->code));
}

void
ms_cue_greet(struct ms_cue *cue, struct ms_cue_reply *reply)
{
	answer(cue, ms_role_step(cue->role, 0), 0, reply);
}

/* Does what is looked for from STEP on not lie behind it? */
static bool
is_barrier(const struct ms_step *step, enum reach reach)
{
	const struct manner *manner = manner_of(step->verb);

	if (reach == ANYWHERE)
		return false;
	if (reach == LOCAL)
		return step->kind == MS_STEP_CONTENT || manner->begins;
	return step->kind != MS_STEP_COMMAND || manner->reach != ASIDE;
}

/* The next step of this kind and verb within reach; the end: none. Content
 * and responses come at once or not at all. */
static size_t
find(const struct ms_cue *cue, enum ms_step_kind kind, const char *verb)
{
	const enum reach reach = manner_of(verb)->reach;

	for (size_t i = cue->next; i < end_of(cue); i++) {
		const struct ms_step *step = ms_role_step(cue->role, i);

		if (cue->hidden[i])
			continue;
		if (step->kind == kind && strcmp(step->verb, verb) == 0)
			return i;
		if (kind != MS_STEP_COMMAND || is_barrier(step, reach))
			break;
	}
	return end_of(cue);
}

/* What is recorded before step number UNTIL was not said. */
static void
pass_over(struct ms_cue *cue, size_t until)
{
	for (; cue->next < until; cue->next++) {
		if (cue->hidden[cue->next] || cue->expect == MS_EXPECT_NONE)
			continue;
		ms_acted_surprise(cue->acted, MS_SURPRISE_LESS,
		    ms_role_label(ms_role_step(cue->role, cue->next)), NULL,
		    NULL);
	}
}

/* Is LINE what STEP has, to the letter? Long lines are not kept with it. */
static bool
same_line(const struct ms_step *step, const char *line, size_t size)
{
	size_t length = step->line_size;

	if (!step->line)
		return true;
	while (length > 0 && (step->line[length - 1] == '\n' ||
	    step->line[length - 1] == '\r'))
		length--;
	return length == size && memcmp(step->line, line, size) == 0;
}

/* As ms_role_label() has it, for what was said. */
static char *
label(enum ms_step_kind kind, const char *verb, const char *line, size_t size)
{
	struct ms_step step = { .kind = kind, .line_size = size };
	char *text;

	(void)g_strlcpy(step.verb, verb, sizeof step.verb);
	step.line = g_strndup(line, size);
	text = ms_role_label(&step);
	g_free(step.line);
	return text;
}

static void
not_recorded(struct ms_cue *cue, enum ms_step_kind kind, const char *verb,
    char *received)
{
	const struct manner *manner = manner_of(verb);
	struct ms_cue_reply reply;
	char *lines;

	cue->step = NULL;
	cue->code = manner->missing;
	if (kind == MS_STEP_CONTENT)
		cue->code = 250;
	if (kind == MS_STEP_RESPONSE)
		cue->code = 503;
	if (kind == MS_STEP_COMMAND && manner->again)
		cue->step = cue->last[manner - manners];
	ms_cue_reply(cue, 0, &reply);
	lines = ms_cue_lines(&reply);
	if (cue->expect != MS_EXPECT_NONE)
		ms_acted_surprise(cue->acted, MS_SURPRISE_MORE, NULL,
		    received, g_strchomp(lines));
	else
		g_free(received);
	g_free(lines);
	g_free(reply.text);
}

void
ms_cue_said(struct ms_cue *cue, enum ms_step_kind kind, const char *verb,
    const char *line, size_t size)
{
	const struct manner *manner = manner_of(verb);
	const size_t at = find(cue, kind, verb);
	const struct ms_step *step = ms_role_step(cue->role, at);
	char *received = label(kind, verb, line, size);

	cue->acted->heard++;
	cue->hello = is_hello(verb);
	if (at == end_of(cue)) {
		not_recorded(cue, kind, verb, received);
		return;
	}
	pass_over(cue, at);
	cue->next = at + 1;
	cue->step = step;
	cue->acted->compared++;
	if (kind == MS_STEP_COMMAND && manner->verb)
		cue->last[manner - manners] = step;
	if (cue->expect == MS_EXPECT_EXACT && kind == MS_STEP_COMMAND &&
	    !same_line(step, line, size))
		ms_acted_surprise(cue->acted, MS_SURPRISE_OTHER,
		    ms_role_label(step), received, NULL);
	else
		g_free(received);
}

void
ms_cue_reply(struct ms_cue *cue, size_t i, struct ms_cue_reply *reply)
{
	char *whole;

	if (cue->step) {
		answer(cue, cue->step, i, reply);
	} else {
		*reply = (struct ms_cue_reply){ .code = cue->code };
		reply->text = g_strdup(text_of(cue->code));
	}
	if (!cue->hello || !reply->text || offers_tls(cue))
		return;
	whole = reply->text;
	reply->text = without_tls(whole);
	g_free(whole);
}

bool
ms_cue_is_last(const struct ms_cue *cue)
{
	for (size_t i = cue->next; i < end_of(cue); i++)
		if (ms_role_step(cue->role, i)->count > 0)
			return false;
	return true;
}

void
ms_cue_end(struct ms_cue *cue)
{
	size_t left = 0, first = 0;
	char *label_of;

	for (size_t i = end_of(cue); i > cue->next; i--) {
		if (cue->hidden[i - 1])
			continue;
		first = i - 1;
		left++;
	}
	cue->next = end_of(cue);
	if (left == 0 || cue->expect == MS_EXPECT_NONE)
		return;
	label_of = ms_role_label(ms_role_step(cue->role, first));
	if (left > 1) {
		char *one = label_of;

		label_of = g_strdup_printf("%s, and %zu more", one, left - 1);
		g_free(one);
	}
	ms_acted_surprise(cue->acted, MS_SURPRISE_GONE, label_of, NULL, NULL);
}

char *
ms_cue_lines(const struct ms_cue_reply *reply)
{
	GString *out = g_string_new(NULL);
	const char *line = reply->text;

	while (reply->code && line) {
		const char *end = strchr(line, '\n');

		g_string_append_printf(out, "%03d%c", reply->code,
		    end ? '-' : ' ');
		g_string_append_len(out, line, end ? end - line : -1);
		g_string_append(out, "\r\n");
		line = end ? end + 1 : NULL;
	}
	return g_string_free(out, FALSE);
}
