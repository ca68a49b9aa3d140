#include "replay/chunks.h"

#include <inttypes.h>
#include <string.h>

#include "smtp/dots.h"
#include "smtp/payload.h"
#include "smtp/request.h"

#define BLOCK 65536

/* Call TAKE with all the bytes that STEP has behind its line. */
static enum ms_status
each_block(struct ms_role *role, const struct ms_step *step,
    enum ms_status (*take)(void *arg, const unsigned char *data, size_t size,
    struct ms_error *err), void *arg, struct ms_error *err)
{
	unsigned char *block = g_malloc(BLOCK);
	enum ms_status status = MS_OK;
	uint64_t at = 0;
	size_t got = 1;

	while (status == MS_OK && got > 0) {
		got = BLOCK;
		status = ms_role_read(role, step, at, block, &got, err);
		at += got;
		if (status == MS_OK && got > 0)
			status = take(arg, block, got, err);
	}
	g_free(block);
	return status;
}

struct unstuff {
	struct ms_spool *spool;
	struct ms_payload payload;
	bool over;
};

static enum ms_status
unstuff(void *arg, const unsigned char *data, size_t size,
    struct ms_error *err)
{
	struct unstuff *u = arg;
	enum ms_status status = MS_OK;

	while (size > 0 && !u->over && status == MS_OK) {
		const unsigned char *run;
		size_t used, run_size;

		u->over = ms_payload_feed(&u->payload, data, size, &used,
		    &run, &run_size) == MS_OK;
		status = ms_spool_write(u->spool, run, run_size, err);
		data += used;
		size -= used;
	}
	return status;
}

/* The step AT is DATA, its content is behind it. */
static enum ms_status
make_one(struct ms_role *role, size_t at, struct ms_error *err)
{
	struct ms_step *content = ms_role_step(role, at + 1);
	struct unstuff u = { .spool = role->spool };
	const uint64_t begin = ms_spool_size(role->spool);
	enum ms_status status;

	ms_payload_init(&u.payload, MS_PAYLOAD_DATA);
	status = each_block(role, content, unstuff, &u, err);
	/* Half a message must not become one that is whole. */
	if (status != MS_OK || !u.over)
		return status;
	content->kind = MS_STEP_COMMAND;
	content->spooled = true;
	content->offset = begin;
	content->size = ms_spool_size(role->spool) - begin;
	(void)g_strlcpy(content->verb, "BDAT", sizeof content->verb);
	content->line = g_strdup_printf("BDAT %" PRIu64 " LAST\r\n",
	    content->size);
	content->line_size = strlen(content->line);
	ms_role_remove(role, at);
	return MS_OK;
}

enum ms_status
ms_chunks_make(struct ms_role *role, const struct ms_spool_config *spool,
    struct ms_error *err)
{
	enum ms_status status = MS_OK;

	if (!role->spool)
		role->spool = ms_spool_new(spool);
	for (size_t i = 0; i + 1 < role->steps->len && status == MS_OK; i++)
		if (strcmp(ms_role_step(role, i)->verb, "DATA") == 0 &&
		    ms_role_step(role, i + 1)->kind == MS_STEP_CONTENT)
			status = make_one(role, i, err);
	return status;
}

struct stuff {
	struct ms_spool *spool;
	struct ms_dots dots;
	GString *out;
};

static enum ms_status
stuff(void *arg, const unsigned char *data, size_t size,
    struct ms_error *err)
{
	struct stuff *s = arg;
	enum ms_status status;

	ms_dots_feed(&s->dots, data, size, s->out);
	status = ms_spool_write(s->spool, s->out->str, s->out->len, err);
	g_string_truncate(s->out, 0);
	return status;
}

/* The steps FIRST to LAST are chunks of one message. */
static enum ms_status
undo_one(struct ms_role *role, size_t first, size_t last,
    struct ms_error *err)
{
	struct stuff s = { .spool = role->spool,
		.out = g_string_new(NULL) };
	struct ms_step data = ms_role_command("DATA", NULL);
	const uint64_t begin = ms_spool_size(role->spool);
	struct ms_step *content;
	enum ms_status status = MS_OK;

	for (size_t i = first; i <= last && status == MS_OK; i++)
		status = each_block(role, ms_role_step(role, i), stuff, &s,
		    err);
	ms_dots_end(&s.dots, s.out);
	if (status == MS_OK)
		status = ms_spool_write(role->spool, s.out->str, s.out->len,
		    err);
	g_string_free(s.out, TRUE);
	for (size_t i = first; i < last; i++)
		ms_role_remove(role, first);
	content = ms_role_step(role, first);
	content->kind = MS_STEP_CONTENT;
	content->spooled = true;
	content->offset = begin;
	content->size = ms_spool_size(role->spool) - begin;
	content->verb[0] = '\0';
	g_free(content->line);
	content->line = NULL;
	content->line_size = 0;
	data.pause_us = content->pause_us;
	ms_role_insert(role, first, &data);
	return status;
}

/* Is STEP a chunk? *LAST: the last one. */
static bool
is_chunk(const struct ms_step *step, bool *last)
{
	struct ms_request request;
	size_t size = step->line_size;

	if (strcmp(step->verb, "BDAT") != 0 || !step->line)
		return false;
	while (size > 0 && strchr("\r\n", step->line[size - 1]))
		size--;
	ms_request_parse(&request, step->line, size);
	*last = request.last;
	ms_request_clear(&request);
	return true;
}

enum ms_status
ms_chunks_undo(struct ms_role *role, const struct ms_spool_config *spool,
    struct ms_error *err)
{
	enum ms_status status = MS_OK;
	size_t first = 0;
	bool last;

	if (!role->spool)
		role->spool = ms_spool_new(spool);
	for (size_t i = 0; i < role->steps->len && status == MS_OK; i++) {
		if (!is_chunk(ms_role_step(role, i), &last)) {
			first = 0;
			continue;
		}
		if (first == 0)
			first = i;
		if (!last)
			continue;
		status = undo_one(role, first, i, err);
		i = first + 1;
		first = 0;
	}
	return status;
}
