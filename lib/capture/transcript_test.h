#ifndef MS_TRANSCRIPT_TEST_H
#define MS_TRANSCRIPT_TEST_H

#include "capture/script.h"
#include "capture/transcript.h"

#include <glib.h>
#include <string.h>

/* For tests and fuzz targets of what reads and writes text. */

/* A text that is read in small steps. */
struct text_input {
	const char *text;
	size_t size, at;
	size_t step;			/* 0: all at once */
};

static inline enum ms_status
text_read(void *arg, void *data, size_t size, size_t *got,
    struct ms_error *err)
{
	struct text_input *input = arg;

	(void)err;
	*got = MIN(size, input->size - input->at);
	if (input->step > 0)
		*got = MIN(*got, input->step);
	memcpy(data, input->text + input->at, *got);
	input->at += *got;
	return MS_OK;
}

static inline enum ms_status
text_put(void *arg, const void *data, size_t size, struct ms_error *err)
{
	(void)err;
	g_string_append_len(arg, data, (gssize)size);
	return MS_OK;
}

static inline struct ms_stash *
text_stash(size_t memory_max)
{
	const struct ms_stash_config config = {
		.memory_max = memory_max, .fd = -1,
	};

	return ms_stash_new(&config);
}

/* All dialogues of a text, as our own transcript without its first line; then
 * "! STATUS TEXT" if it did not end well. For g_string_free(). */
static inline GString *
text_script(const struct text_input *from, enum ms_capture_format format,
    size_t memory_max)
{
	struct text_input input = *from;
	struct ms_stash *stash = text_stash(memory_max);
	const struct ms_transcript_config config = {
		.format = format, .stash = stash, .read = text_read,
		.read_arg = &input,
	};
	GString *out = g_string_new(NULL);
	struct ms_transcript *transcript;
	struct ms_dialogue *dialogue;
	struct ms_error err = { "" };
	enum ms_status status;

	status = ms_transcript_open(&config, &transcript, &err);
	while (status == MS_OK) {
		status = ms_transcript_next(transcript, &dialogue, &err);
		if (status == MS_OK)
			status = ms_script_write(dialogue, text_put, out,
			    &err);
		ms_dialogue_free(dialogue);
	}
	if (status != MS_END)
		g_string_append_printf(out, "! %d %s\n", status, err.text);
	ms_transcript_free(transcript);
	ms_stash_free(stash);
	return out;
}

#endif
