#include "replay/fault.h"

#include <string.h>

#define BLOCK 65536

/* CR LF . CR LF, which stays what it is. */
#define END_SIZE 5

/* What is put in where the body begins, or NULL; and what ends lines. */
static const struct {
	const char *insert;
	size_t insert_size;
	char end;		/* 0: they stay */
} faults[] = {
	[MS_FAULT_BARE_LF] = { NULL, 0, '\n' },
	[MS_FAULT_BARE_CR] = { NULL, 0, '\r' },
#define INSERT(text) { text, sizeof text - 1, 0 }
	[MS_FAULT_NUL] = INSERT("a\0b\r\n"),
	[MS_FAULT_LF_DOT_LF] = INSERT("LF.LF\n.\nNOOP\r\n"),
	[MS_FAULT_LF_DOT_CRLF] = INSERT("LF.CRLF\n.\r\nNOOP\r\n"),
	[MS_FAULT_CRLF_DOT_LF] = INSERT("CRLF.LF\r\n.\nNOOP\r\n"),
	[MS_FAULT_CR_DOT_CR] = INSERT("CR.CR\r.\rNOOP\r\n"),
	[MS_FAULT_LF_COMMANDS] = { NULL, 0, 0 },
};

struct mutation {
	enum ms_fault fault;
	uint64_t left;		/* bytes before the end of the message */
	unsigned header;	/* how much of CR LF CR LF was seen */
	bool inserted;
	bool cr, start;		/* the last byte was CR; a line begins */
};

static void
insert(struct mutation *m, GString *out)
{
	m->inserted = true;
	if (m->fault == MS_FAULT_LONG_LINE) {
		const gsize before = out->len;

		g_string_set_size(out, before + MS_FAULT_LONG);
		memset(out->str + before, 'x', MS_FAULT_LONG);
		g_string_append(out, "\r\n");
	} else if (m->fault < G_N_ELEMENTS(faults) && faults[m->fault].insert)
		g_string_append_len(out, faults[m->fault].insert,
		    (gssize)faults[m->fault].insert_size);
}

/* There was no blank line: before the end of the message, then. */
static void
insert_late(struct mutation *m, GString *out)
{
	GString *text = g_string_new(NULL);

	insert(m, text);
	if (text->len > 0) {
		g_string_append(out, "\r\n");
		g_string_append_len(out, text->str, (gssize)text->len - 2);
	}
	g_string_free(text, TRUE);
}

/* One byte before the end of the message. */
static void
take(struct mutation *m, char c, GString *out)
{
	static const char blank_line[] = "\r\n\r\n";
	const char end = m->fault < G_N_ELEMENTS(faults) ?
	    faults[m->fault].end : 0;

	m->header = c == blank_line[m->header] ? m->header + 1 :
	    c == '\r' ? 1 : 0;
	if (m->fault == MS_FAULT_NO_DOT_STUFFING && m->start && c == '.') {
		m->start = false;
		return;
	}
	m->start = m->cr && c == '\n';
	/* A line end is known when its line feed comes. */
	if (end && m->cr && c == '\n') {
		out->str[out->len - 1] = end;
	} else
		g_string_append_c(out, c);
	m->cr = c == '\r';
	if (m->header == 4) {
		m->header = 0;
		if (!m->inserted)
			insert(m, out);
	}
}

/* The content of STEP anew, behind what is in the spool. */
static enum ms_status
mutate(struct ms_role *role, struct ms_step *step, enum ms_fault fault,
    struct ms_error *err)
{
	struct mutation m = { .fault = fault, .start = true };
	GString *out = g_string_new(NULL);
	char *block = g_malloc(BLOCK);
	const uint64_t begin = ms_spool_size(role->spool);
	enum ms_status status = MS_OK;
	uint64_t at = 0;
	size_t got = 1;

	m.left = step->size > END_SIZE ? step->size - END_SIZE : 0;
	while (status == MS_OK && got > 0) {
		got = BLOCK;
		status = ms_role_read(role, step, at, block, &got, err);
		if (status != MS_OK)
			break;
		for (size_t i = 0; i < got; i++) {
			if (at + i < m.left)
				take(&m, block[i], out);
			else {
				if (!m.inserted)
					insert_late(&m, out);
				g_string_append_c(out, block[i]);
			}
		}
		at += got;
		/* A CR may become half of a line end yet. */
		if (out->len > 1) {
			const char last = out->str[out->len - 1];

			status = ms_spool_write(role->spool, out->str,
			    out->len - 1, err);
			g_string_assign(out, "");
			g_string_append_c(out, last);
		}
	}
	if (status == MS_OK)
		status = ms_spool_write(role->spool, out->str, out->len, err);
	g_string_free(out, TRUE);
	g_free(block);
	step->spooled = true;
	step->offset = begin;
	step->size = ms_spool_size(role->spool) - begin;
	return status;
}

static void
end_with_lf(struct ms_step *step)
{
	if (step->line_size < 2 ||
	    memcmp(step->line + step->line_size - 2, "\r\n", 2) != 0)
		return;
	step->line_size--;
	step->line[step->line_size - 1] = '\n';
	step->line[step->line_size] = '\0';
}

enum ms_status
ms_fault(struct ms_role *role, enum ms_fault fault,
    const struct ms_spool_config *spool, struct ms_error *err)
{
	enum ms_status status = MS_OK;

	if (fault == MS_FAULT_NONE)
		return MS_OK;
	if (!role->spool)
		role->spool = ms_spool_new(spool);
	for (size_t i = 0; i < role->steps->len && status == MS_OK; i++) {
		struct ms_step *step = ms_role_step(role, i);

		if (fault == MS_FAULT_LF_COMMANDS)
			end_with_lf(step);
		else if (step->kind == MS_STEP_CONTENT)
			status = mutate(role, step, fault, err);
	}
	return status;
}
