#include "nondelivery.h"

#include <stdio.h>

/* A mail server that is busy takes its time. */
#define TIMEOUT_MS 60000

/* Of the message's header, most bytes that go back. */
#define HEADER_MAX ((size_t)64 << 10)

/* Make the report, to TO, from the header of SIZE bytes at HEADER. */
static enum ms_status
make(struct door *door, const GPtrArray *failed, const char *to, GString *mail)
{
	GArray *ones = g_array_new(FALSE, FALSE,
	    sizeof(struct ms_undelivered_one));
	unsigned char *head = g_malloc(HEADER_MAX);
	char name[256] = "";
	struct ms_undelivered about = { .to = to, .host = door_host(name),
		.header = (const char *)head, .time = ms_clock_wall() };
	enum ms_status status = ms_spool_read(door->spool, 0, head,
	    HEADER_MAX, &about.header_size, &door->err);

	about.header_size = ms_head_size(head, about.header_size, HEADER_MAX);
	for (guint i = 0; i < failed->len; i++) {
		const struct ms_submit_failure *failure = failed->pdata[i];
		const struct ms_undelivered_one one = { failure->recipient,
			failure->reply };

		g_array_append_val(ones, one);
	}
	if (status == MS_OK)
		status = ms_undelivered(&about,
		    (const struct ms_undelivered_one *)(void *)ones->data,
		    ones->len, mail, &door->err);
	g_array_unref(ones);
	g_free(head);
	return status;
}

enum ms_status
nondelivery(struct door *door, const GPtrArray *failed)
{
	const struct serve_options *options = &door->options->serve;
	const char *sender = door->envelope->sender;
	const char *const to[] = { sender && ms_notify_is_address(sender) ?
		sender : options->postmaster, NULL };
	const struct ms_posting posting = { options->sendmail, to,
		TIMEOUT_MS };
	GString *mail = g_string_new(NULL);
	enum ms_status status = make(door, failed, to[0], mail);

	for (guint i = 0; i < failed->len; i++) {
		const struct ms_submit_failure *failure = failed->pdata[i];
		char *recipient = ms_quote_string(failure->recipient);
		char *reply = ms_quote_string(failure->reply);

		(void)fprintf(stderr, "%s does not get it: %s\n", recipient,
		    reply);
		g_free(recipient);
		g_free(reply);
	}
	if (status == MS_OK)
		status = ms_posting(&posting, mail, &door->err);
	if (status != MS_OK)
		ms_error_context(&door->err, "%s cannot be told of those who "
		    "do not get it", to[0]);
	(void)g_string_free(mail, TRUE);
	return status;
}
