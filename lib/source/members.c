#include "source/members.h"

#include "source/record.h"

#include <glib.h>
#include <string.h>

/* What even an empty member costs. */
#define MEMBER_COST 512

/* How long the reader may have nothing to say: this, and as long as it may
 * take to search through an archive of that size (10 MB a second). */
#define PATIENCE_S 60
#define PATIENCE_BYTES ((uint64_t)10 << 20)
#define PATIENCE_MAX_S 100000

struct ms_members {
	int stream;
	enum { BETWEEN, IN_MEMBER, OVER } state;
	uint64_t spare, left;	/* bytes that may be of no use */
	struct ms_record record;
	char name[MS_RECORD_NAME + 1];
};

struct ms_members *
ms_members_new(const struct ms_members_config *config)
{
	struct ms_members *m = g_new0(struct ms_members, 1);
	uint64_t worth = config->ratio > 0 &&
	    config->size > UINT64_MAX / config->ratio ? UINT64_MAX :
	    config->size * config->ratio;
	uint64_t wait = PATIENCE_S + config->size / PATIENCE_BYTES;

	m->stream = config->stream;
	m->state = BETWEEN;
	m->spare = m->left = MAX(worth, MS_MEMBERS_SPARE);
	/* At most PATIENCE_MAX_S: that fits. */
	m->record.wait_ms = 1000 * (int)MIN(wait, PATIENCE_MAX_S);
	return m;
}

void
ms_members_free(struct ms_members *m)
{
	g_free(m);
}

static enum ms_status
over(struct ms_members *m, enum ms_status status)
{
	m->state = OVER;
	return status;
}

static enum ms_status
damaged(struct ms_members *m, struct ms_error *err)
{
	return ms_error_set(err, MS_E_FORMAT, "%s", *m->record.text ?
	    m->record.text : "damaged");
}

enum ms_status
ms_members_read(struct ms_members *m, void *data, size_t size,
    size_t *got, struct ms_error *err)
{
	enum ms_status status;

	*got = 0;
	if (m->state != IN_MEMBER)
		return MS_OK;
	if (m->record.left == 0) {
		status = ms_record_read(m->stream, &m->record, err);
		if (status != MS_OK)
			return over(m, status);
		switch (m->record.type) {
		case MS_RECORD_DATA:
			break;
		case MS_RECORD_DONE:
			m->state = BETWEEN;
			return MS_OK;
		case MS_RECORD_BAD:
			m->state = BETWEEN;
			return damaged(m, err);
		case MS_RECORD_FAILED:
			return over(m, damaged(m, err));
		default:
			return over(m, ms_error_set(err, MS_E_PEER,
			    "the reader broke the protocol"));
		}
	}
	status = ms_record_read_data(m->stream, &m->record, data, size, got,
	    err);
	return status == MS_OK ? MS_OK : over(m, status);
}

enum ms_status
ms_members_charge(struct ms_members *m, uint64_t size, struct ms_error *err)
{
	if (size <= m->left) {
		m->left -= size;
		return MS_OK;
	}
	return over(m, ms_error_set(err, MS_E_LIMIT, "unpacks to more than "
	    "%llu MB of no use: the rest is not read",
	    (unsigned long long)(m->spare >> 20)));
}

/* Why the current member ended is of no interest, unless that takes the
 * stream with it. */
static enum ms_status
skip_member(struct ms_members *m, struct ms_error *err)
{
	char block[8192];
	enum ms_status status = MS_OK;
	size_t got;

	while (m->state == IN_MEMBER) {
		status = ms_members_read(m, block, sizeof block, &got, err);
		if (status == MS_OK)
			status = ms_members_charge(m, got, err);
	}
	return m->state == OVER ? status : MS_OK;
}

enum ms_status
ms_members_next(struct ms_members *m, const char **name,
    int64_t *mtime, struct ms_error *err)
{
	enum ms_status status;

	if (m->state == OVER)
		return MS_END;
	if (m->state == IN_MEMBER &&
	    (status = skip_member(m, err)) != MS_OK)
		return status;
	status = ms_record_read(m->stream, &m->record, err);
	if (status != MS_OK)
		return over(m, status);
	switch (m->record.type) {
	case MS_RECORD_MEMBER:
		status = ms_members_charge(m, MEMBER_COST, err);
		if (status != MS_OK)
			return status;
		memcpy(m->name, m->record.text, sizeof m->name);
		*name = m->name;
		*mtime = m->record.mtime;
		m->state = IN_MEMBER;
		return MS_OK;
	case MS_RECORD_END:
		return over(m, MS_END);
	case MS_RECORD_FAILED:
		return over(m, damaged(m, err));
	default:
		return over(m, ms_error_set(err, MS_E_PEER,
		    "the reader broke the protocol"));
	}
}
