#include "capture/transcript.h"

#include "capture/batch.h"
#include "capture/clamlog.h"
#include "capture/curllog.h"
#include "capture/curltest.h"
#include "capture/desk.h"
#include "capture/flowsynth.h"
#include "capture/maillog.h"
#include "capture/scripted.h"
#include "capture/sides.h"
#include "capture/sinkdump.h"
#include "capture/swaks.h"
#include "capture/textlines.h"

struct ms_transcript {
	struct ms_desk *desk;
	struct ms_textlines *lines;
	const struct ms_form *form;
	void *state;
	bool finished;
	enum ms_status failed;		/* to be said after what was begun */
	struct ms_error why;
};

/* Asked in this order what a file is. */
static const struct {
	enum ms_capture_format format;
	const struct ms_form *form;
} forms[] = {
	{ MS_CAPTURE_TRANSCRIPT, &ms_scripted },
	{ MS_CAPTURE_TRANSCRIPT, &ms_sides },
	{ MS_CAPTURE_SWAKS, &ms_swaks },
	{ MS_CAPTURE_POSTFIX, &ms_maillog },
	{ MS_CAPTURE_CLAMSMTPD, &ms_clamlog },
	{ MS_CAPTURE_CURL, &ms_curllog },
	{ MS_CAPTURE_SINK, &ms_sinkdump },
	{ MS_CAPTURE_FLOWSYNTH, &ms_flowsynth },
	{ MS_CAPTURE_CURLTEST, &ms_curltest },
	{ MS_CAPTURE_BSMTP, &ms_batch },
	{ MS_CAPTURE_STREAM, &ms_batch_stream },
};

static size_t
detect(const unsigned char *head, size_t size)
{
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(forms); i++)
		if (forms[i].form->detect(head, size))
			break;
	return i;
}

enum ms_capture_format
ms_transcript_detect(const unsigned char *head, size_t size)
{
	size_t i = detect(head, size);

	return i < G_N_ELEMENTS(forms) ? forms[i].format : MS_CAPTURE_NONE;
}

/* The form for FORMAT; the last of its name is the one for files that do not
 * say more. NULL: there is none. */
static const struct ms_form *
choose(enum ms_capture_format format, const unsigned char *head, size_t size)
{
	const struct ms_form *form = NULL;
	size_t i;

	if (format == MS_CAPTURE_AUTO) {
		i = detect(head, size);
		return i < G_N_ELEMENTS(forms) ? forms[i].form : NULL;
	}
	for (i = 0; i < G_N_ELEMENTS(forms); i++) {
		if (forms[i].format != format)
			continue;
		form = forms[i].form;
		if (form->detect(head, size))
			break;
	}
	return form;
}

enum ms_status
ms_transcript_open(const struct ms_transcript_config *config,
    struct ms_transcript **transcript, struct ms_error *err)
{
	struct ms_textlines *lines = ms_textlines_new(config->read,
	    config->read_arg);
	const struct ms_form *form = NULL;
	const unsigned char *head;
	size_t size;
	enum ms_status status;

	*transcript = NULL;
	status = ms_textlines_head(lines, &head, &size, err);
	if (status == MS_OK) {
		form = choose(config->format, head, size);
		if (!form)
			status = ms_error_set(err, MS_E_FORMAT, "no "
			    "transcript of a form that is known here");
	}
	if (!form) {
		ms_textlines_free(lines);
		return status;
	}
	*transcript = g_new0(struct ms_transcript, 1);
	(*transcript)->desk = ms_desk_new(config->stash);
	(*transcript)->lines = lines;
	(*transcript)->form = form;
	(*transcript)->state = form->begin((*transcript)->desk);
	return MS_OK;
}

void
ms_transcript_free(struct ms_transcript *transcript)
{
	if (!transcript)
		return;
	transcript->form->free(transcript->state);
	ms_textlines_free(transcript->lines);
	ms_desk_free(transcript->desk);
	g_free(transcript);
}

/* Nothing more is read: what has begun ends. */
static void
finish(struct ms_transcript *t)
{
	const char *cut = t->failed == MS_OK ? NULL :
	    "the rest of the transcript could not be read";
	struct ms_error err;
	enum ms_status status = t->form->finish(t->state, cut, &err);

	t->finished = true;
	if (status != MS_OK && t->failed == MS_OK) {
		t->failed = status;
		t->why = err;
	}
}

/* Read one more piece. */
static void
step(struct ms_transcript *t)
{
	struct ms_piece piece;
	enum ms_status status = ms_textlines_next(t->lines, &piece, &t->why);

	if (status == MS_OK) {
		ms_desk_at(t->desk, piece.number);
		status = t->form->line(t->state, &piece, &t->why);
	}
	if (status == MS_OK)
		return;
	if (status != MS_END)
		t->failed = status;
	finish(t);
}

enum ms_status
ms_transcript_next(struct ms_transcript *transcript,
    struct ms_dialogue **dialogue, struct ms_error *err)
{
	struct ms_transcript *t = transcript;
	enum ms_status status;

	while (!(*dialogue = ms_desk_take(t->desk)) && !t->finished)
		step(t);
	if (*dialogue)
		return MS_OK;
	if (t->failed != MS_OK) {
		if (err)
			*err = t->why;
		return t->failed;
	}
	status = ms_desk_verdict(t->desk, err);
	return status == MS_OK ? MS_END : status;
}
