#include "action/release.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"

/* Write down how RELEASE stands now. */
static enum ms_status
note(struct ms_holding *holding, struct ms_custody_release *release,
    enum ms_custody_state state, const char *detail, struct ms_error *err)
{
	char *text = g_strdup(detail);

	release->state = state;
	release->at = ms_clock_wall();
	g_free(release->detail);
	release->detail = text;
	return ms_holding_save(holding, err);
}

/* The latest try to release it to the same place that did not fail; NULL:
 * there is none. */
static struct ms_custody_release *
find_earlier(const struct ms_custody *custody, const char *to)
{
	for (guint i = custody->releases->len; i > 0; i--) {
		struct ms_custody_release *release =
		    g_ptr_array_index(custody->releases, i - 1);

		if (release->state != MS_CUSTODY_FAILED &&
		    strcmp(release->to, to) == 0)
			return release;
	}
	return NULL;
}

/* Did the try EARLIER, which was interrupted, get there? MS_END: no. */
static enum ms_status
look(const struct ms_release_way *way,
    const struct ms_release_message *message,
    const struct ms_custody_release *earlier, struct ms_error *err)
{
	if (!way->look || earlier->mark < 0)
		return MS_END;
	return way->look(way->arg, message, earlier->mark, err);
}

static enum ms_status
deliver(struct ms_holding *holding, const struct ms_release_way *way,
    const struct ms_release_message *message, int64_t mark,
    struct ms_error *err)
{
	struct ms_custody_release *release = ms_custody_begin(
	    holding->custody, way->to, ms_clock_wall(), mark);
	enum ms_status status;
	bool uncertain = false;
	char *answer = NULL;

	status = note(holding, release, MS_CUSTODY_RELEASING, NULL, err);
	if (status != MS_OK)
		return status;
	status = way->deliver(way->arg, message, &answer, &uncertain, err);
	if (status == MS_OK) {
		status = note(holding, release, MS_CUSTODY_RELEASED, answer,
		    err);
		if (status != MS_OK)
			ms_error_context(err, "it was released, but");
	} else {
		/* That this fails, too, makes the try an interrupted one. */
		(void)note(holding, release, uncertain ?
		    MS_CUSTODY_RELEASING : MS_CUSTODY_FAILED, err->text,
		    NULL);
	}
	g_free(answer);
	return status;
}

/* With the bytes at hand. EARLIER is a try that was interrupted, or NULL. */
static enum ms_status
release_message(struct ms_holding *holding, const struct ms_release_way *way,
    struct ms_custody_release *earlier, enum ms_release_result *result,
    struct ms_error *err)
{
	struct ms_release_message message = { .custody = holding->custody };
	enum ms_status status;
	int64_t mark = -1;

	status = ms_holding_message(holding, way->unquoted, &message.fd,
	    &message.size, err);
	if (status != MS_OK)
		return status;
	if (way->prepare)
		status = way->prepare(way->arg, holding->custody, &mark, err);
	if (status == MS_OK && earlier) {
		status = look(way, &message, earlier, err);
		if (status == MS_OK) {
			*result = MS_RELEASE_FOUND;
			status = note(holding, earlier, MS_CUSTODY_RELEASED,
			    "found there", err);
			goto out;
		}
		if (status == MS_END)
			status = MS_OK;
	}
	if (status == MS_OK) {
		*result = earlier && !way->look ? MS_RELEASE_REPEATED :
		    MS_RELEASE_DONE;
		status = deliver(holding, way, &message, mark, err);
	}
out:
	(void)close(message.fd);
	return status;
}

enum ms_status
ms_release(struct ms_holding *holding, const struct ms_release_way *way,
    bool again, enum ms_release_result *result, struct ms_error *err)
{
	struct ms_custody_release *earlier;

	if (!holding->custody)
		return ms_error_set(err, MS_E_FORMAT, "%s",
		    holding->trouble.text);
	earlier = find_earlier(holding->custody, way->to);
	if (earlier && earlier->state == MS_CUSTODY_RELEASED) {
		*result = MS_RELEASE_BEFORE;
		if (!again)
			return MS_OK;
		earlier = NULL;
	}
	return release_message(holding, way, earlier, result, err);
}
